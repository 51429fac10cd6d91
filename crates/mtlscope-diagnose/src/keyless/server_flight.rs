//! The server's first flight in TLS 1.3: does the number and size of its records betray a CertificateRequest?
//!
//! ```text
//! not asked   [EncryptedExtensions] [Certificate] [CertificateVerify] [Finished]
//! asked       [EncryptedExtensions] [CertificateRequest] [Certificate] [CertificateVerify] [Finished]
//! ```
//!
//! So it is on stacks that give each message a record: OpenSSL, GnuTLS, Go, JSSE. Others put the whole flight into one
//! record, which tells nothing by itself.

use std::sync::Arc;

use mtlscope_dissect::side::Side;

use super::arithmetic::{FIXED_PADDINGS, KeyType, Sizes};
use super::padding;
use super::reason::{Line, part};
use super::traffic::{Sealed, Traffic};

/// Records a server may send before the client's: a chain of certificates may take several.
const FLIGHT: usize = 80;

/// What the flight shows.
#[derive(Debug, Default)]
pub(super) struct Flight {
    /// A record that can only be a CertificateRequest.
    pub(super) request: Option<Arc<Line>>,
    /// What is added to each of the server's records: nothing, sixteen bytes, or unknown.
    pub(super) padding: Padding,
}

/// What a side adds to its records.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Padding {
    /// So many bytes, always.
    Fixed(u32),
    /// Up to the next multiple.
    Block(u32),
    /// Nothing shows it; the shortest record of the flight is so long.
    Unknown(u16),
}

impl Default for Padding {
    fn default() -> Self {
        Self::Unknown(u16::MAX)
    }
}

impl Flight {
    /// Reads the server's records before the client's first.
    pub(super) fn read(traffic: &Traffic, sizes: Sizes) -> Self {
        let flight: Vec<&Sealed> =
            traffic.records.iter().take_while(|record| record.side() == Side::Server).take(FLIGHT).collect();
        let is_whole = traffic.is_whole(Side::Server, flight.len().saturating_sub(1));
        let found = FIXED_PADDINGS.into_iter().find_map(|padding| {
            let is_finished = |record: &&Sealed| sizes.is_finished(record.length(), padding);
            Some((padding, flight.iter().skip(1).position(is_finished)? + 1))
        });
        let Some((padding, finished)) = found.filter(|_| is_whole) else {
            return Self { request: None, padding: unsure(&flight, is_whole, sizes) };
        };
        let request = match flight.as_slice() {
            [_, request, certificate, proof, ..]
                if finished == 4
                    // A Certificate over two records has its longer part first.
                    && request.length() < certificate.length()
                    && sizes
                        .content(proof.length())
                        .checked_sub(padding)
                        .and_then(KeyType::of_certificate_verify)
                        .is_some() =>
            {
                let content = sizes.content(request.length()).saturating_sub(padding);
                let parts = vec![
                    part(content, "CertificateRequest"),
                    part(padding, "padding"),
                    part(1, "content type"),
                    part(sizes.tag, "tag"),
                ];
                let so = "five records up to the server's Finished, of which this is neither Certificate nor CertificateVerify";
                Some(Line::new([*request], parts, so))
            }
            _ => None,
        };
        Self { request, padding: Padding::Fixed(padding) }
    }
}

/// The padding of a flight that shows no Finished of its own.
fn unsure(flight: &[&Sealed], is_whole: bool, sizes: Sizes) -> Padding {
    match flight {
        _ if !is_whole => Padding::default(),
        // Stacks that put the whole flight into one record add nothing.
        [_] => Padding::Fixed(0),
        many => match padding::block(many.iter().map(|record| record.length()), sizes) {
            Some(block) => Padding::Block(block),
            None => {
                let shortest = many.iter().map(|record| record.length()).min();
                shortest.map_or(Padding::default(), Padding::Unknown)
            }
        },
    }
}
