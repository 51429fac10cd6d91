//! CompressedCertificate: a Certificate message, packed.
//!
//! RFC 8879 section 4.
//!
//! ```text
//! struct {
//!     CertificateCompressionAlgorithm algorithm;
//!     uint24 uncompressed_length;
//!     opaque compressed_certificate_message<1..2^24-1>;
//! } CompressedCertificate;
//! ```

use std::io::Read;

use brotli_decompressor::Decompressor;
use flate2::read::ZlibDecoder;
use ruzstd::decoding::StreamingDecoder;

use super::{Certificate, Context};
use crate::reader::{Reader, Trace};
use crate::tls::registry::CertificateCompressionAlgorithm;

/// The most that is unpacked. Real chains are a tenth of that, and a kilobyte may claim to be a megabyte.
const LONGEST: u32 = 256 << 10;

/// A packed Certificate.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CompressedCertificate {
    /// How it is packed.
    pub algorithm: CertificateCompressionAlgorithm,
    /// How many bytes it says it unpacks to.
    pub uncompressed_length: u32,
    /// The body of a Certificate message, packed.
    pub compressed_certificate_message: Box<[u8]>,
    /// What is in it, or why that cannot be told.
    pub certificate: Result<Certificate, NotUnpacked>,
}

/// Why a packed Certificate stays packed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NotUnpacked {
    /// The algorithm is not known.
    Algorithm,
    /// It says that it is longer than what is unpacked.
    TooLong,
    /// It is not packed as it says, or does not come out as long as it says.
    Damaged,
    /// What comes out is no Certificate message.
    NoCertificate,
}

impl CompressedCertificate {
    pub(crate) fn parse<T: Trace>(r: &mut Reader<'_, '_, T>, context: &Context) -> Self {
        let algorithm = r.registered("algorithm");
        let uncompressed_length = r.u24("uncompressed_length");
        let packed = r.opaque24("compressed_certificate_message");
        Self {
            algorithm,
            uncompressed_length,
            compressed_certificate_message: packed.into(),
            certificate: unpack(algorithm, uncompressed_length, packed)
                .and_then(|message| certificate(&message, context)),
        }
    }
}

impl CompressedCertificate {
    /// The body of the Certificate message, where what is in it could be read.
    pub fn unpacked(&self) -> Option<Vec<u8>> {
        self.certificate.as_ref().ok()?;
        unpack(self.algorithm, self.uncompressed_length, &self.compressed_certificate_message).ok()
    }
}

/// The body of the Certificate message.
fn unpack(
    algorithm: CertificateCompressionAlgorithm,
    length: u32,
    packed: &[u8],
) -> Result<Vec<u8>, NotUnpacked> {
    if length > LONGEST {
        return Err(NotUnpacked::TooLong);
    }
    let mut message = Vec::new();
    // One byte more than it should be tells that it is more.
    let limit = u64::from(length) + 1;
    let unpacked = match algorithm {
        CertificateCompressionAlgorithm::ZLIB => {
            ZlibDecoder::new(packed).take(limit).read_to_end(&mut message)
        }
        CertificateCompressionAlgorithm::BROTLI => {
            // This beginning asks for a window of up to a gigabyte, which RFC 7932 does not have.
            if packed.first().is_some_and(|first| first & 0x7f == 0x11) {
                return Err(NotUnpacked::Damaged);
            }
            Decompressor::new(packed, 4096).take(limit).read_to_end(&mut message)
        }
        CertificateCompressionAlgorithm::ZSTD => {
            // RFC 8879 section 4: a receiver needs no larger window than the message. The smallest window is a kilobyte.
            StreamingDecoder::new_with_max_window_size(packed, 8 << 20)
                .map_err(|_| NotUnpacked::Damaged)?
                .take(limit)
                .read_to_end(&mut message)
        }
        _ => return Err(NotUnpacked::Algorithm),
    };
    match unpacked {
        Ok(unpacked) if unpacked == length as usize => Ok(message),
        _ => Err(NotUnpacked::Damaged),
    }
}

fn certificate(message: &[u8], context: &Context) -> Result<Certificate, NotUnpacked> {
    let mut trace = ();
    let mut reader = Reader::new(message, 0, &mut trace);
    let certificate = Certificate::parse(&mut reader, context);
    if reader.is_cut_short() || reader.has_more() {
        return Err(NotUnpacked::NoCertificate);
    }
    Ok(certificate)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::side::Side;
    use crate::tls::handshake::vectors::from_hex;
    use crate::tls::handshake::{Body, parse};
    use crate::tls::registry::{HandshakeType, ProtocolVersion};

    /// Three times the same entry, packed by Python's zlib, Node's brotli and zstd 1.5.
    const PACKED: [(u8, &str); 3] = [
        (
            1,
            "78da636060686760d030504b54484e2d2ac94ccb4c4e2c49d551c82f5228cf482c51282e49cc4b29564803f2f3f352f5181868a7180075c52afd",
        ),
        (
            2,
            "1b8a00f89d07762c9898228e6882be06784339dc262e3061ca4dae40ca60038e3450ce28c209f0e6e10c745002be8bb78465121e4d01",
        ),
        (
            3,
            "28b52ffd208bad010012030b11c0eb7b2069d988b69258557ab769579829f64095d73c5f46ddaeef2176cd0bdc2be9a4552c3f4082dd6c07010071705250",
        ),
    ];

    fn read(algorithm: u8, length: u32, packed: &[u8]) -> CompressedCertificate {
        let mut body = vec![0, algorithm];
        body.extend(&length.to_be_bytes()[1..]);
        body.extend(&(packed.len() as u32).to_be_bytes()[1..]);
        body.extend(packed);
        let context = Context { version: Some(ProtocolVersion::TLS13), ..Context::new(Side::Client) };
        match parse(HandshakeType::COMPRESSED_CERTIFICATE, &body, &context).body {
            Body::CompressedCertificate(packed) => packed,
            body => panic!("{body:?}"),
        }
    }

    #[test]
    fn unpacks_what_every_algorithm_packed() {
        for (algorithm, packed) in PACKED {
            let packed = read(algorithm, 139, &from_hex(packed));
            let certificate = packed.certificate.expect("a certificate");
            let entries: Vec<&[u8]> = certificate.entries.iter().map(|entry| &*entry.data).collect();
            assert_eq!(entries, [&b"0&a certificate, or what stands for one."[..]; 3]);
        }
    }

    #[test]
    fn what_is_not_as_it_says_stays_packed() {
        for (algorithm, packed) in PACKED {
            let packed = from_hex(packed);
            let why =
                |algorithm, length, packed: &[u8]| read(algorithm, length, packed).certificate.unwrap_err();
            assert_eq!(why(algorithm, 138, &packed), NotUnpacked::Damaged);
            assert_eq!(why(algorithm, 140, &packed), NotUnpacked::Damaged);
            assert_eq!(why(algorithm, LONGEST + 1, &packed), NotUnpacked::TooLong);
            assert_eq!(why(9, 139, &packed), NotUnpacked::Algorithm);
            for end in 0..packed.len() {
                // Of zlib, the checksum at the end may be missing before anybody looks at it.
                let _ = read(algorithm, 139, &packed[..end]);
            }
            for place in 0..packed.len() {
                for change in [1, 0x40, 0xff] {
                    let mut changed = packed.clone();
                    changed[place] ^= change;
                    let _ = read(algorithm, 139, &changed);
                    let _ = read(algorithm, LONGEST, &changed);
                }
            }
        }
        assert_eq!(read(2, 139, &[0x11; 64]).certificate, Err(NotUnpacked::Damaged));
    }

    #[test]
    fn a_bomb_gives_no_more_than_it_says() {
        use std::io::Write;
        let mut bomb = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
        bomb.write_all(&vec![0; 4 << 20]).expect("in memory");
        let bomb = bomb.finish().expect("in memory");
        assert_eq!(unpack(CertificateCompressionAlgorithm::ZLIB, LONGEST, &bomb), Err(NotUnpacked::Damaged));
    }
}
