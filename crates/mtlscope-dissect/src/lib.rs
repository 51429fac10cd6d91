//! Bytes to messages.
//!
//! Knows no files, sockets, clocks or threads; never fails on bad bytes; holds no more than [`Limits`] allows. Does not
//! judge: that is `mtlscope-diagnose`.

#![forbid(unsafe_code)]

mod dissector;

pub mod event;
pub mod evidence;
pub mod input;
pub mod limits;
pub mod notice;
pub mod side;
pub mod time;

mod flow;
mod guess;
mod link;
mod net;
mod reassembly;
mod transport;

pub mod decrypt;
pub mod decrypt;
pub mod reader;
pub mod tls;
pub mod x509;

pub mod fuzzing;

pub use dissector::{Dissector, Settings};
pub use limits::Limits;
