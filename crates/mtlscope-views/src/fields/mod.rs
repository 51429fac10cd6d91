//! The fields that a packet or a connection has, by Wireshark's names and types: what a display filter compares and what
//! `-T fields` prints.
//!
//! A [`Field`] is one name of the registry. An [`Occurrence`] is one value of it: a field may occur many times in a frame
//! (`tls.handshake.type`), or never.

mod value;
pub mod connection;
pub mod list;
pub mod registry;
mod named;
pub mod tls;
pub mod x509;
pub mod packet;
mod header;
mod frame;
mod ethernet;
mod vlan;
mod linux_cooked;
mod loopback;
mod ip;
mod ipv6;
mod tcp;
mod tcp_analysis;
mod tcp_options;
mod tcp_reassembly;
mod udp;

pub use header::Wanted;
pub(crate) use tcp_analysis::WholeStream;
pub(crate) use tcp_options::blocks as tcp_sack_blocks;
pub(crate) use tcp_reassembly::{Ending, Spanning};
pub use value::Value;

/// One name that can be filtered on or printed.
#[derive(Debug)]
pub struct Field {
    /// Its name, as Wireshark's: `tls.handshake.type`.
    pub name: &'static str,
    /// What its values are, and how they are printed.
    pub kind: Kind,
    /// What it is, in one sentence.
    pub about: &'static str,
}

/// The types of fields: Wireshark's `FT_...`, as far as our fields need them, with how a value is printed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// A protocol, or a part of a packet that is there or not; its value is its bytes.
    Protocol,
    /// There or not, without a value (`FT_NONE`).
    Label,
    /// Yes or no; printed as 1 or 0.
    Boolean,
    /// A whole number without a sign.
    Unsigned(Base),
    /// A whole number with a sign.
    Signed,
    /// A number with a fraction.
    Float,
    /// Text.
    Text,
    /// Bytes; printed in hex without separators.
    Bytes,
    /// An Ethernet address.
    Ethernet,
    /// An IPv4 address.
    Ipv4,
    /// An IPv6 address.
    Ipv6,
    /// A moment.
    AbsoluteTime,
    /// A span of time, in seconds with nine digits.
    RelativeTime,
    /// An object identifier.
    Oid,
    /// The number of another frame.
    FrameNumber,
}

/// How a number is printed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Base {
    /// `443`
    Decimal,
    /// `0x` and so many digits: two for each byte of the field on the wire.
    Hexadecimal(u8),
}

/// One value of a field.
#[derive(Clone, Debug)]
pub struct Occurrence {
    /// Of which field.
    pub field: &'static Field,
    /// What it is.
    pub value: Value,
    /// In which layer of its protocol it stands, from 1 (`ip.addr#2` is the inner address of a tunnel).
    pub layer: u8,
}
