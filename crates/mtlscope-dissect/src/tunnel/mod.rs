//! Tunnels: headers that carry a whole packet or frame inside another. One file a protocol.

pub(crate) mod capwap;
pub(crate) mod erspan;
pub(crate) mod etherip;
pub(crate) mod geneve;
pub(crate) mod gre;
pub(crate) mod gtp_u;
pub(crate) mod l2tp;
pub(crate) mod lisp;
pub(crate) mod nsh;
pub(crate) mod teredo;
pub(crate) mod tzsp;
pub(crate) mod vxlan;
