//! From secrets to plaintext: a key log's lines, the keys they lead to, and the records those keys open.
//!
//! The way of a record: its connection's client random finds [`Secrets`] in the [`KeyLog`]; the cipher suite's number
//! gives [`SuiteParameters`]; up to TLS 1.2 a master secret expands to a [`KeyBlock`] and a [`Tls12Opener`] for each
//! side, in TLS 1.3 a traffic secret makes a [`Tls13Opener`]. The caller owns the sequence numbers, so that after a gap
//! in a capture it can try some.
//!
//! Everything here only opens. Nothing seals, agrees on keys or draws random numbers, and nothing runs in constant time
//! on purpose: no peer is there to measure us.

// Secrets, as they are handed in.
mod key_log;
mod rsa_key;

// Secrets, as earlier connections had them.
mod sessions;

// What a suite's number means.
mod suite;

// From secrets to keys.
mod schedule;

mod hmac_lanes;
mod prf;

// From keys and sealed records to content.
mod tls12;
mod tls13;

mod aead;
mod cbc;
mod mac;
mod open_error;
mod rc4;
mod seed;

#[cfg(test)]
mod hex;
#[cfg(test)]
mod recorded;

pub use key_log::{Added, KeyLog, Secrets};
pub use open_error::OpenError;
pub use prf::{extended_master_secret, master_secret};
pub use rsa_key::{Premaster, RsaKeys};
pub use schedule::{KeyBlock, TrafficKeys, TrafficSecret};
pub use sessions::{MasterSecret, SessionName, Sessions};
pub use suite::{AeadCipher, BlockCipher, BulkCipher, MacAlgorithm, Prf, SuiteParameters};
pub use tls12::Tls12Opener;
pub(crate) use tls13::NextKeys;
pub use tls13::Tls13Opener;
