//! The dissector from packets to events: what real captures are like, in packets made here.

mod packets;
mod streams;
