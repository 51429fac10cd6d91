//! HPACK, the header compression of HTTP/2: a header block to fields. RFC 7541.
//!
//! ```text
//! 1xxxxxxx  indexed field, section 6.1            01xxxxxx  literal, added to the table, section 6.2.1
//! 001xxxxx  table size update, section 6.3        000Nxxxx  literal, not added, sections 6.2.2 and 6.2.3
//! ```

use std::fmt;

use httlib_hpack::table::Table;

/// The table size that holds until the peer's SETTINGS say otherwise, in bytes. RFC 9113 section 6.5.2.
const TABLE_SIZE: u32 = 4096;
/// The longest integer taken, in bytes; its value is far beyond every length that follows.
const INTEGER_BYTES: usize = 5;

/// The decoder of one direction: what earlier blocks put into the table, later ones refer to.
pub(super) struct Decoder {
    table: Table<'static>,
}

/// A field: name and value.
pub(super) type Field = (Vec<u8>, Vec<u8>);

impl Decoder {
    pub(super) fn new() -> Self {
        Self { table: Table::with_dynamic_size(TABLE_SIZE) }
    }

    /// The fields of a block, and whether it was understood to its end: a broken block gives those before the break.
    pub(super) fn decode(&mut self, block: &[u8]) -> (Vec<Field>, bool) {
        let mut rest = block;
        let mut fields = Vec::new();
        while !rest.is_empty() {
            if self.field(&mut rest, &mut fields).is_none() {
                return (fields, false);
            }
        }
        (fields, true)
    }

    fn field(&mut self, rest: &mut &[u8], fields: &mut Vec<Field>) -> Option<()> {
        let first = *rest.first()?;
        if first & 0x80 != 0 {
            let index = integer(rest, 7)?;
            let (name, value) = self.table.get(index)?;
            fields.push((name.to_vec(), value.to_vec()));
        } else if first & 0xe0 == 0x20 {
            let size = integer(rest, 5)?;
            // More than was ever allowed would be an attack on whoever keeps the table.
            self.table.update_max_dynamic_size(size.min(TABLE_SIZE));
        } else {
            let is_added = first & 0x40 != 0;
            let name = match integer(rest, if is_added { 6 } else { 4 })? {
                0 => string(rest)?,
                index => self.table.get(index)?.0.to_vec(),
            };
            let value = string(rest)?;
            if is_added {
                self.table.insert(name.clone(), value.clone());
            }
            fields.push((name, value));
        }
        Some(())
    }
}

impl fmt::Debug for Decoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Decoder").field("entries", &self.table.len()).finish()
    }
}

/// An integer whose first byte shares `8 - prefix` bits with something else. Section 5.1.
fn integer(rest: &mut &[u8], prefix: u32) -> Option<u32> {
    let (&first, mut bytes) = rest.split_first()?;
    let mask = (1u32 << prefix) - 1;
    let mut value = u32::from(first) & mask;
    if value == mask {
        let mut shift = 0;
        loop {
            let (&byte, behind) = bytes.split_first()?;
            bytes = behind;
            value = value.checked_add(u32::from(byte & 0x7f).checked_shl(shift)?)?;
            shift += 7;
            if byte & 0x80 == 0 {
                break;
            }
            if shift as usize >= 7 * (INTEGER_BYTES - 1) {
                return None;
            }
        }
    }
    *rest = bytes;
    Some(value)
}

/// A string, Huffman-coded or not. Section 5.2.
fn string(rest: &mut &[u8]) -> Option<Vec<u8>> {
    let is_huffman = rest.first()? & 0x80 != 0;
    let length = integer(rest, 7)?;
    let (text, behind) = rest.split_at_checked(usize::try_from(length).ok()?)?;
    *rest = behind;
    if !is_huffman {
        return Some(text.to_vec());
    }
    let mut decoded = Vec::with_capacity(text.len() * 2);
    httlib_huffman::decode(text, &mut decoded, httlib_huffman::DecoderSpeed::FiveBits).ok()?;
    Some(decoded)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(decoder: &mut Decoder, hex: &str) -> Vec<String> {
        let block: Vec<u8> = (0..hex.len())
            .step_by(2)
            .map(|place| u8::from_str_radix(&hex[place..place + 2], 16).unwrap())
            .collect();
        let (fields, whole) = decoder.decode(&block);
        assert!(whole);
        fields
            .iter()
            .map(|(name, value)| {
                format!("{}: {}", String::from_utf8_lossy(name), String::from_utf8_lossy(value))
            })
            .collect()
    }

    #[test]
    fn reads_the_responses_of_rfc7541_appendix_c6_with_one_table() {
        let mut decoder = Decoder::new();
        let first = decoded(
            &mut decoder,
            "488264025885aec3771a4b6196d07abe941054d444a8200595040b8166e082a62d1bff6e919d29ad171863c78f0b97c8e9ae82ae43d3",
        );
        assert_eq!(
            first,
            [
                ":status: 302",
                "cache-control: private",
                "date: Mon, 21 Oct 2013 20:13:21 GMT",
                "location: https://www.example.com"
            ]
        );
        let second = decoded(&mut decoder, "4883640effc1c0bf");
        assert_eq!(second[0], ":status: 307");
        assert_eq!(second[3], "location: https://www.example.com");
    }

    #[test]
    fn survives_whatever_a_peer_sends() {
        // A small generator with a fixed seed: the same blocks on every run.
        let mut state = 0x2545_f491_4f6c_dd1d_u64;
        let mut next = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state
        };
        for _ in 0..20_000 {
            let length = (next() % 64) as usize;
            let block: Vec<u8> = (0..length).map(|_| next() as u8).collect();
            let mut decoder = Decoder::new();
            let _ = decoder.decode(&block);
            // The same bytes as one Huffman-coded value of `:status`.
            let mut literal = vec![0x08, 0x80 | length as u8];
            literal.extend(&block);
            let _ = decoder.decode(&literal);
        }
    }
}
