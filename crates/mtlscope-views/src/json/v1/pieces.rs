//! Pieces of lines that come again with the next connection: the certificates and authorities of a capture are few, and
//! neighbouring messages share their second. Each piece is written once and copied.

use std::io;
use std::sync::Arc;

use foldhash::fast::RandomState;
use hashbrown::HashMap;
use mtlscope_dissect::time::Timestamp;
use mtlscope_dissect::x509::{self, Name};

use super::append;
use super::certificate::Certificate;
use super::client_auth::Authority;
use super::scalar::Moment;

/// Certificates and authorities whose text is kept; beyond, all are let go, and what is in use is soon back.
const KEPT: usize = 4096;

/// Texts kept from the lines before.
#[derive(Debug, Default)]
pub(super) struct Pieces {
    /// By the hash of the certificate, which another one cannot have.
    certificates: HashMap<[u8; 32], Box<[u8]>, RandomState>,
    authorities: HashMap<Name, Box<[u8]>, RandomState>,
    /// The last second written, and its text.
    second: Option<(i64, [u8; 30])>,
}

impl Pieces {
    /// Appends a list of certificates.
    pub(super) fn append_certificates(
        &mut self,
        line: &mut Vec<u8>,
        chain: &[Arc<x509::Certificate>],
    ) -> io::Result<()> {
        append_list(line, chain, |line, certificate| {
            let key = certificate.sha256;
            append_kept(&mut self.certificates, line, key, |line| {
                append(line, &Certificate::of(certificate)).map(drop)
            })
        })
    }

    /// Appends a list of authorities.
    pub(super) fn append_authorities(&mut self, line: &mut Vec<u8>, names: &[Name]) -> io::Result<()> {
        append_list(line, names, |line, name| {
            append_kept(&mut self.authorities, line, name.clone(), |line| {
                append(line, &Authority::of(name)).map(drop)
            })
        })
    }

    /// The text of a moment, as [`Moment::text`] gives it.
    pub(super) fn moment(&mut self, time: Timestamp) -> [u8; 30] {
        match &mut self.second {
            Some((second, text)) if *second == time.seconds() => {
                Moment::put_subsecond(text, time);
                *text
            }
            _ => {
                let text = Moment(time).text();
                self.second = Some((time.seconds(), text));
                text
            }
        }
    }
}

/// Appends a JSON list, its elements by `append`.
pub(super) fn append_list<T>(
    line: &mut Vec<u8>,
    list: impl IntoIterator<Item = T>,
    mut append: impl FnMut(&mut Vec<u8>, T) -> io::Result<()>,
) -> io::Result<()> {
    line.push(b'[');
    for (place, element) in list.into_iter().enumerate() {
        if place > 0 {
            line.push(b',');
        }
        append(line, element)?;
    }
    line.push(b']');
    Ok(())
}

/// Appends the text kept for a key; or makes it, and keeps it.
fn append_kept<K: std::hash::Hash + Eq>(
    kept: &mut HashMap<K, Box<[u8]>, RandomState>,
    line: &mut Vec<u8>,
    key: K,
    make: impl FnOnce(&mut Vec<u8>) -> io::Result<()>,
) -> io::Result<()> {
    if let Some(text) = kept.get(&key) {
        line.extend_from_slice(text);
        return Ok(());
    }
    let start = line.len();
    make(line)?;
    if kept.len() >= KEPT {
        kept.clear();
    }
    kept.insert(key, line.get(start..).unwrap_or_default().into());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_reads_the_same_whether_its_second_is_kept_or_not() {
        let mut pieces = Pieces::default();
        for nanoseconds in [0, 1, 999_999_999, 1_000_000_000, 1_000_000_001, -1, -1_000_000_000, 5] {
            let time = Timestamp::from_nanoseconds(nanoseconds);
            assert_eq!(pieces.moment(time), Moment(time).text());
            assert_eq!(pieces.moment(time), Moment(time).text());
        }
    }
}
