//! Bytes to messages.
//!
//! Knows no files, sockets, clocks or threads; never fails on bad bytes; holds no more than [`Limits`] allows. Does not
//! judge: that is `mtlscope-diagnose`.

#![forbid(unsafe_code)]

mod dissector;
mod ends;

pub mod input;
pub mod event;
pub mod packet;
pub mod evidence;
pub mod notice;
pub mod limits;
pub mod side;
pub mod time;

pub mod layer;
mod walk;
mod link;
mod net;
mod tunnel;
mod transport;
mod flow_table;
mod flow;
mod reassembly;
mod guess;
mod turned_away;

pub mod preamble;
pub mod testimony;

pub mod printable;
pub mod reader;
pub mod tls;
pub mod http2;
mod printout;
pub mod decrypt;
pub mod x509;

pub mod fuzzing;

pub use dissector::{Dissector, Part, Settings};
pub use ends::ends;
pub use limits::Limits;
