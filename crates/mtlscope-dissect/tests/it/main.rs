//! The dissector from packets to events: what real captures are like, in packets made here.

// What a test cannot unwrap has failed it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod floods;
mod old_and_odd;
mod packets;
mod packets_told;
mod streams;
mod time_goes_on;
mod preambles;
mod tunnels;
