//! The hello of SSL 2, with which old clients begin: RFC 5246 appendix E.2. Wireshark shows it as a record of its own kind.

use super::super::Kind;
use super::super::named::{DECIMAL, HEX24, Told, fields};
use super::handshake::TYPE;
use super::hello::{CIPHER_SUITES, SESSION_ID, SESSION_ID_LENGTH, VERSION};
use super::record;

fields! {
    CIPHER_SPECS_LENGTH = "tls.handshake.cipher_spec_len", DECIMAL, "The length of the list of ciphers in a hello of SSL 2.";
    CHALLENGE_LENGTH = "tls.handshake.challenge_length", DECIMAL, "The length of the challenge: what SSL 2 has for a random.";
    CIPHER_SPEC = "tls.handshake.cipherspec", HEX24, "A cipher that is offered in a hello of SSL 2: a suite of TLS, if its first byte is 0.";
    CHALLENGE = "tls.handshake.challenge", Kind::Label, "The challenge: what SSL 2 has for a random.";
}

/// The version that Wireshark gives the record.
const SSL2: u16 = 0x0002;

/// Where the fields of the hello stand, up to its lists.
const LENGTH: std::ops::Range<usize> = 0..2;
const MESSAGE_TYPE: usize = 2;
const OFFERED: std::ops::Range<usize> = 3..5;
const LENGTHS: usize = 5;
const LISTS: usize = 11;

/// Tells of a hello; `bytes` is the whole of it with its length.
pub(super) fn tell(bytes: &[u8], told: &mut Told<'_>) {
    told.put_label(&record::RECORD);
    told.put_number(&record::VERSION, SSL2);
    let Some((head, lists)) = bytes.split_at_checked(LISTS) else { return };
    told.put_number(&record::LENGTH, u16::from_be_bytes([head[LENGTH.start] & 0x7f, head[LENGTH.start + 1]]));
    told.put_number(&TYPE, head[MESSAGE_TYPE]);
    told.put_bytes(&VERSION, &head[OFFERED]);
    let lengths: Vec<usize> = head[LENGTHS..]
        .chunks_exact(2)
        .map(|length| usize::from(u16::from_be_bytes([length[0], length[1]])))
        .collect();
    let [specs, session_id, challenge] = lengths[..] else { return };
    told.put_number(&CIPHER_SPECS_LENGTH, specs as u64);
    told.put_number(&SESSION_ID_LENGTH, session_id as u64);
    told.put_number(&CHALLENGE_LENGTH, challenge as u64);
    told.put_label(&CIPHER_SUITES);
    let Some((specs, rest)) = lists.split_at_checked(specs) else { return };
    for spec in specs.chunks_exact(3) {
        told.put_bytes(&CIPHER_SPEC, spec);
    }
    let Some((session_id, rest)) = rest.split_at_checked(session_id) else { return };
    if !session_id.is_empty() {
        told.put_bytes(&SESSION_ID, session_id);
    }
    if challenge > 0 && rest.len() >= challenge {
        told.put_label(&CHALLENGE);
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::{Occurrence, Value, Wanted};
    use super::*;

    #[test]
    fn each_cipher_is_told_and_nothing_of_what_is_cut_off() {
        let mut hello = vec![0x80, 9 + 6 + 16, 1, 3, 1, 0, 6, 0, 0, 0, 16, 0, 0, 0x35, 1, 0, 0x80];
        hello.extend([7; 16]);
        let told = |bytes: &[u8]| -> Vec<Occurrence> {
            let mut occurrences = Vec::new();
            tell(bytes, &mut Told::new(&Wanted::All, 1, &mut occurrences));
            occurrences
        };
        let all = told(&hello);
        let specs: Vec<_> = all.iter().filter(|one| one.field.name == CIPHER_SPEC.name).collect();
        assert_eq!(
            specs.iter().map(|one| &one.value).collect::<Vec<_>>(),
            [&Value::Unsigned(0x35), &Value::Unsigned(0x01_0080)]
        );
        assert_eq!(all.last().map(|one| one.field.name), Some(CHALLENGE.name));
        for length in 0..hello.len() {
            assert!(told(&hello[..length]).len() < all.len(), "{length}");
        }
    }
}
