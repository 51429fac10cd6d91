//! Packets one by one, as Wireshark shows them: a frame with all that its packet brought, its fields, and the two views of
//! them, a table of chosen fields (`-T fields`) and the packet list (`--frames`).

mod assembly;
pub mod fields_table;
mod info;
mod label;
pub mod packet_list;
mod print;
mod spanning;
mod tcp_info;
mod values;

pub use assembly::{Frame, Frames};
pub use values::{Known, Values};
