//! signed_certificate_timestamp: proof that a certificate stands in public logs.
//!
//! RFC 6962 section 3.3. Whoever asks sends it empty.
//!
//! ```text
//! opaque SerializedSCT<1..2^16-1>;
//!
//! struct {
//!     SerializedSCT sct_list <1..2^16-1>;
//! } SignedCertificateTimestampList;
//!
//! struct {
//!     Version sct_version;        /* v1 is 0 */
//!     LogID id;                   /* 32 bytes */
//!     uint64 timestamp;           /* milliseconds since 1970 */
//!     CtExtensions extensions;    /* opaque <0..2^16-1> */
//!     digitally-signed struct { .. };
//! } SignedCertificateTimestamp;
//! ```

use crate::reader::{FieldTree, PlaceTree, Reader, Trace};
use crate::tls::registry::SignatureScheme;

/// The place of every field of a list of timestamps, as it stands in a certificate's extension.
pub fn place_tree(list: &[u8]) -> FieldTree {
    let mut tree = PlaceTree::default();
    parse(&mut Reader::new(list, 0, &mut tree));
    tree.0
}

/// The timestamps, as sent; none in a request.
pub(super) fn parse<T: Trace>(r: &mut Reader<'_, '_, T>) -> Vec<Box<[u8]>> {
    if !r.has_more() {
        return Vec::new();
    }
    r.vector16("sct_list", |r| {
        let mut list = Vec::new();
        while r.has_more() {
            list.push(r.vector16("SerializedSCT", parse_one).into());
        }
        list
    })
}

/// A timestamp. It is kept as bytes: nothing here asks what it says, but for those who want every field.
fn parse_one<'a, T: Trace>(r: &mut Reader<'a, '_, T>) -> &'a [u8] {
    let bytes = r.ahead();
    if T::LISTENS && is_version_1(bytes) {
        r.u8("sct_version");
        r.bytes("id", 32);
        r.bytes("timestamp", 8);
        r.opaque16("extensions");
        r.registered::<SignatureScheme>("algorithm");
        r.opaque16("signature");
    } else {
        r.rest("data");
    }
    bytes
}

/// Whether the bytes are a timestamp of version 1, and nothing else.
fn is_version_1(bytes: &[u8]) -> bool {
    let vector = |bytes: &[u8]| match *bytes {
        [high, low, ..] => 2 + usize::from(u16::from_be_bytes([high, low])),
        _ => usize::MAX,
    };
    let (Some(0), Some(behind_time)) = (bytes.first(), bytes.get(41..)) else { return false };
    let Some(signed) = behind_time.get(vector(behind_time)..) else { return false };
    signed.get(2..).is_some_and(|signature| vector(signature) == signature.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fields_of_a_timestamp_are_told_where_they_fit() {
        let mut list = vec![0, 53, 0, 51, 0];
        list.extend([7; 40]);
        list.extend([0, 1, 9, 4, 3, 0, 3, 1, 2, 3]);
        let names = |list: &[u8]| -> Vec<&str> {
            let tree = place_tree(list);
            tree.fields[0].fields[1].fields.iter().map(|field| field.name).collect()
        };
        let all = ["length", "sct_version", "id", "timestamp", "extensions", "algorithm", "signature"];
        assert_eq!(names(&list), all);
        list[4] = 1;
        assert_eq!(names(&list), ["length", "data"]);
    }
}
