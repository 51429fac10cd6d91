//! Messages to connections to findings: who refused whom, where, why. Pure: no files, sockets, clocks or threads.

#![forbid(unsafe_code)]

pub mod pki;
