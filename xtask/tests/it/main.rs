//! The rules of the house as ordinary tests: who may import whom, how files look, what documents promise.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod dependencies;
mod documents;
mod edges;
mod fixtures;
mod sources;

mod tree;
