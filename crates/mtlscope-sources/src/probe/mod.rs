//! Probing a server: which attempts show whether it wants a client certificate, and what each of them offers.
//!
//! An attempt is one connection of our client ([`crate::client`]). What it met is judged by whoever asks; the [`plan`] needs
//! to know no more of it than what decides about the next one.

pub mod plan;

pub use plan::{Met, Offer, Wishes};
