//! Bytes to messages.
//!
//! Knows no files, sockets, clocks or threads; never fails on bad bytes; holds no more than [`Limits`] allows. Does not
//! judge: that is `mtlscope-diagnose`.

#![forbid(unsafe_code)]

pub mod input;
pub mod evidence;
pub mod notice;
pub mod limits;
pub mod side;
pub mod time;

pub mod reader;
pub mod tls;
pub mod x509;

pub use limits::Limits;
