//! The key schedule: from a connection's secret to the keys of each direction.
//!
//! Up to TLS 1.2, RFC 5246 section 6.3 (SSL 3.0: RFC 6101 section 6.2.2):
//!
//! ```text
//! key_block = PRF(master_secret, "key expansion", server_random + client_random)
//!
//! client_write_MAC_key | server_write_MAC_key | client_write_key | server_write_key | client_write_IV | server_write_IV
//! ```
//!
//! Export suites make their keys from a few of those bytes and the randoms, and their IVs from the randoms alone: RFC 2246
//! section 6.3.1, RFC 6101 section 6.2.2.1.
//!
//! TLS 1.3, RFC 8446 sections 7.1 to 7.3:
//!
//! ```text
//! HKDF-Expand-Label(Secret, Label, Context, Length) = HKDF-Expand(Secret, HkdfLabel, Length)
//!
//! struct {
//!     uint16 length = Length;
//!     opaque label<7..255> = "tls13 " + Label;
//!     opaque context<0..255> = Context;
//! } HkdfLabel;
//!
//! [sender]_write_key = HKDF-Expand-Label(Secret, "key", "", key_length)
//! [sender]_write_iv  = HKDF-Expand-Label(Secret, "iv", "", iv_length)
//! application_traffic_secret_N+1 = HKDF-Expand-Label(application_traffic_secret_N, "traffic upd", "", Hash.length)
//! ```

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use md5::Md5;
use sha2::{Digest, Sha256, Sha384};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::hmac_lanes;
use super::prf;
use super::suite::{Prf, SuiteParameters};
use crate::side::Side;
use crate::tls::registry::ProtocolVersion;

/// The keys of both directions of a connection up to TLS 1.2.
pub struct KeyBlock {
    suite: SuiteParameters,
    /// MAC key, key and IV, for both sides; the largest are 48, 32 and 16 bytes.
    bytes: Zeroizing<[u8; 2 * (48 + 32 + 16)]>,
}

impl KeyBlock {
    /// Expands a master secret; `suite` brings the version along.
    pub fn expand(
        suite: SuiteParameters,
        master_secret: &[u8],
        client_random: &[u8; 32],
        server_random: &[u8; 32],
    ) -> Self {
        let mut bytes = Zeroizing::new([0; 192]);
        prf::derive(suite.prf, master_secret, b"key expansion", [server_random, client_random], &mut *bytes);
        if let Some(secret_length) = suite.export_key_length {
            bytes = exported(&suite, secret_length, &bytes, client_random, server_random);
        }
        Self { suite, bytes }
    }

    /// The parameters it was expanded for.
    pub const fn suite(&self) -> &SuiteParameters {
        &self.suite
    }

    /// The keys with which `side` writes.
    pub(super) fn keys(&self, side: Side) -> WriteKeys<'_> {
        let mut rest: &[u8] = &*self.bytes;
        let mut pair = |length: usize| {
            let (client, tail) = rest.split_at_checked(length).unwrap_or_default();
            let (server, tail) = tail.split_at_checked(length).unwrap_or_default();
            rest = tail;
            if side == Side::Client { client } else { server }
        };
        WriteKeys {
            mac_key: pair(self.suite.mac.map_or(0, |mac| mac.length())),
            key: pair(self.suite.key_length),
            iv: pair(self.suite.fixed_iv_length),
        }
    }
}

/// The key block of an export suite, from one in which each key is only as long as may be secret of it.
fn exported(
    suite: &SuiteParameters,
    secret_length: usize,
    block: &[u8; 192],
    client_random: &[u8; 32],
    server_random: &[u8; 32],
) -> Zeroizing<[u8; 192]> {
    let mut out = Zeroizing::new([0; 192]);
    let macs = 2 * suite.mac.map_or(0, |mac| mac.length());
    let (mac_keys, rest) = block.split_at_checked(macs).unwrap_or_default();
    let (client, rest) = rest.split_at_checked(secret_length).unwrap_or_default();
    let (server, _) = rest.split_at_checked(secret_length).unwrap_or_default();

    let (to_mac_keys, rest) = out.split_at_mut(macs);
    to_mac_keys.copy_from_slice(mac_keys);
    let (client_key, rest) = rest.split_at_mut(suite.key_length);
    let (server_key, rest) = rest.split_at_mut(suite.key_length);
    let (ivs, _) = rest.split_at_mut(2 * suite.fixed_iv_length);
    let seed: [&[u8]; 2] = [client_random, server_random];
    if suite.prf == Prf::Ssl3 {
        let (client_iv, server_iv) = ivs.split_at_mut(suite.fixed_iv_length);
        let hash = |parts: [&[u8]; 3], out: &mut [u8]| {
            let digest = parts.iter().fold(Md5::new(), Md5::chain_update).finalize();
            out.iter_mut().zip(digest).for_each(|(to, from)| *to = from);
        };
        hash([client, seed[0], seed[1]], client_key);
        hash([server, seed[1], seed[0]], server_key);
        hash([b"", seed[0], seed[1]], client_iv);
        hash([b"", seed[1], seed[0]], server_iv);
    } else {
        prf::derive(suite.prf, client, b"client write key", seed, client_key);
        prf::derive(suite.prf, server, b"server write key", seed, server_key);
        prf::derive(suite.prf, b"", b"IV block", seed, ivs);
    }
    out
}

/// Never prints the keys.
impl fmt::Debug for KeyBlock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyBlock").field("suite", &self.suite).field("bytes", &"..").finish()
    }
}

/// One side's part of a [`KeyBlock`].
pub(super) struct WriteKeys<'a> {
    pub(super) mac_key: &'a [u8],
    pub(super) key: &'a [u8],
    pub(super) iv: &'a [u8],
}

/// A secret of TLS 1.3 from which one side's traffic keys come.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct TrafficSecret {
    bytes: [u8; 48],
    /// A byte, because key logs hold hundreds of thousands of these.
    length: u8,
}

impl TrafficSecret {
    /// A secret of 32 (SHA-256) or 48 (SHA-384) bytes; `None` if it is of any other length.
    pub fn new(secret: &[u8]) -> Option<Self> {
        let mut bytes = [0; 48];
        let length = match secret.len() {
            32 => 32,
            48 => 48,
            _ => return None,
        };
        bytes.iter_mut().zip(secret).for_each(|(to, from)| *to = *from);
        Some(Self { bytes, length })
    }

    /// Its bytes.
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..usize::from(self.length)).unwrap_or(&self.bytes)
    }

    /// Whether it is as long as the suite's hash.
    fn fits(&self, suite: &SuiteParameters) -> bool {
        matches!((suite.prf, self.length), (Prf::Sha256, 32) | (Prf::Sha384, 48))
    }

    /// The secret after a KeyUpdate. RFC 8446 section 7.2.
    pub fn next_generation(&self, version: ProtocolVersion) -> Self {
        let mut next = Self { bytes: [0; 48], length: self.length };
        if let Some(out) = next.bytes.get_mut(..usize::from(self.length)) {
            self.expand_labels(version, [(b"traffic upd", out)]);
        }
        next
    }

    /// HKDF-Expand-Label with an empty context, for each label and what it fills. The secret's length tells its hash.
    fn expand_labels<const N: usize>(&self, version: ProtocolVersion, labels: [(&[u8], &mut [u8]); N]) {
        if self.length == 32 {
            expand_labels::<Hmac<Sha256>, N>(self.as_bytes(), label_prefix(version), labels);
        } else {
            expand_labels::<Hmac<Sha384>, N>(self.as_bytes(), label_prefix(version), labels);
        }
    }
}

/// Never prints the secret.
impl fmt::Debug for TrafficSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TrafficSecret(..)")
    }
}

/// One side's key and IV in TLS 1.3. RFC 8446 section 7.3.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct TrafficKeys {
    /// The suite's key; zeros after [`SuiteParameters::key_length`] bytes.
    pub(super) key: [u8; 32],
    /// The IV, to be combined with the sequence number.
    pub(super) iv: [u8; 12],
}

impl TrafficKeys {
    /// The keys that come from a traffic secret; `None` if the secret is not as long as the suite's hash.
    pub fn of(suite: &SuiteParameters, secret: &TrafficSecret) -> Option<Self> {
        secret.fits(suite).then(|| Self::expand(suite, secret))
    }

    /// The keys that come from two secrets; `None` if one is not as long as the suite's hash. With SHA-384 they take no
    /// longer than those of one.
    pub(super) fn of_both(suite: &SuiteParameters, secrets: [&TrafficSecret; 2]) -> Option<[Self; 2]> {
        if !secrets.iter().all(|secret| secret.fits(suite)) {
            return None;
        }
        Some(match suite.prf {
            Prf::Sha384 => Self::expand_sha384(suite, secrets),
            _ => secrets.map(|secret| Self::expand(suite, secret)),
        })
    }

    /// The keys that come from a traffic secret that is known to fit.
    pub(super) fn expand(suite: &SuiteParameters, secret: &TrafficSecret) -> Self {
        if secret.length == 48 {
            let [keys, _] = Self::expand_sha384(suite, [secret, secret]);
            return keys;
        }
        let mut keys = Self { key: [0; 32], iv: [0; 12] };
        if let Some(key) = keys.key.get_mut(..suite.key_length) {
            secret.expand_labels(suite.version, [(b"key", key), (b"iv", &mut keys.iv)]);
        }
        keys
    }

    /// Neither is longer than the hash, so each is the beginning of one HMAC.
    fn expand_sha384(suite: &SuiteParameters, secrets: [&TrafficSecret; 2]) -> [Self; 2] {
        let prefix = label_prefix(suite.version);
        let labels = [(&b"key"[..], suite.key_length), (b"iv", 12)];
        let labels = labels.map(|(label, length)| {
            let head = hkdf_label_head(length, prefix, label);
            [&head[..], prefix, label, &[0], &[1]].concat()
        });
        let made = hmac_lanes::of_each(
            secrets.map(|secret| &secret.bytes),
            labels.each_ref().map(|label| &label[..]),
        );
        made.map(|mut made| {
            let mut keys = Self { key: [0; 32], iv: [0; 12] };
            let [key, iv] = &made;
            keys.key.iter_mut().take(suite.key_length).zip(key).for_each(|(to, from)| *to = *from);
            keys.iv.iter_mut().zip(iv).for_each(|(to, from)| *to = *from);
            made.zeroize();
            keys
        })
    }

    /// The key, as long as the suite's key is.
    pub fn key(&self, suite: &SuiteParameters) -> &[u8] {
        self.key.get(..suite.key_length).unwrap_or(&self.key)
    }

    /// The IV.
    pub const fn iv(&self) -> &[u8; 12] {
        &self.iv
    }
}

/// Never prints the keys.
impl fmt::Debug for TrafficKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TrafficKeys(..)")
    }
}

/// Drafts before 20 had another prefix, which the change to 6 letters brought under one hash block.
fn label_prefix(version: ProtocolVersion) -> &'static [u8] {
    match version.0 {
        0x7f00..=0x7f13 => b"TLS 1.3, ",
        _ => b"tls13 ",
    }
}

/// HKDF-Expand-Label of one secret. Setting HMAC's key is half the work, so it is done once for all labels.
fn expand_labels<M: Mac + KeyInit + Clone, const N: usize>(
    secret: &[u8],
    prefix: &[u8],
    labels: [(&[u8], &mut [u8]); N],
) {
    let keyed = prf::hmac::<M>(secret);
    for (label, out) in labels {
        let head = hkdf_label_head(out.len(), prefix, label);
        expand(&keyed, &[&head, prefix, label, &[0]], out);
    }
}

/// How HkdfLabel begins: the length of what is wanted, and that of the label.
fn hkdf_label_head(length: usize, prefix: &[u8], label: &[u8]) -> [u8; 3] {
    let [high, low] = (length as u16).to_be_bytes();
    [high, low, (prefix.len() + label.len()) as u8]
}

/// HKDF-Expand. RFC 5869 section 2.3.
fn expand<M: Mac + KeyInit + Clone>(keyed: &M, info: &[&[u8]], out: &mut [u8]) {
    let mut previous: Option<hmac::digest::Output<M>> = None;
    for (chunk, counter) in out.chunks_mut(M::output_size()).zip(1..=255_u8) {
        let mut mac = keyed.clone();
        if let Some(previous) = &previous {
            mac.update(previous);
        }
        info.iter().for_each(|part| mac.update(part));
        mac.update(&[counter]);
        let block = mac.finalize().into_bytes();
        chunk.iter_mut().zip(block.iter()).for_each(|(byte, value)| *byte = *value);
        previous = Some(block);
    }
}

#[cfg(test)]
mod tests {
    use super::super::hex::hex;
    use super::*;

    fn secret(text: &str) -> TrafficSecret {
        TrafficSecret::new(&hex(text)).expect("32 or 48 bytes")
    }

    #[test]
    fn traffic_keys_match_rfc_8448_section_3() {
        let suite = SuiteParameters::of(0x1301, ProtocolVersion::TLS13).expect("a suite we know");
        #[rustfmt::skip]
        let cases = [
            // {server} derive write traffic keys for handshake data
            ("b67b7d690cc16c4e75e54213cb2d37b4e9c912bcded9105d42befd59d391ad38",
             "3fce516009c21727d0f2e4e86ee403bc", "5d313eb2671276ee13000b30"),
            // {client} derive write traffic keys for handshake data
            ("b3eddb126e067f35a780b3abf45e2d8f3b1a950738f52e9600746a0e27a55a21",
             "dbfaa693d1762c5b666af5d950258d01", "5bd3c71b836e0b76bb73265f"),
            // {server} derive write traffic keys for application data
            ("a11af9f05531f856ad47116b45a950328204b4f44bfb6b3a4b4f1f3fcb631643",
             "9f02283b6c9c07efc26bb9f2ac92e356", "cf782b88dd83549aadf1e984"),
        ];
        for (traffic_secret, key, iv) in cases {
            let keys = TrafficKeys::of(&suite, &secret(traffic_secret)).expect("fits");
            assert_eq!(keys.key(&suite), hex(key));
            assert_eq!(keys.iv().as_slice(), hex(iv));
        }
    }

    #[test]
    fn expand_matches_rfc_5869_appendix_a_1() {
        let prk = hex("077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5");
        let mut out = [0; 42];
        expand(&prf::hmac::<Hmac<Sha256>>(&prk), &[&hex("f0f1f2f3f4"), &hex("f5f6f7f8f9")], &mut out);
        assert_eq!(
            out.as_slice(),
            hex("3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865")
        );
    }

    #[test]
    fn a_secret_of_another_hash_makes_no_keys() {
        let sha384 = SuiteParameters::of(0x1302, ProtocolVersion::TLS13).expect("a suite we know");
        let short = TrafficSecret::new(&[1; 32]).expect("32 bytes");
        assert!(TrafficKeys::of(&sha384, &short).is_none());
        assert!((0..70).all(|length| {
            TrafficSecret::new(&vec![1; length]).is_some() == (length == 32 || length == 48)
        }));
    }

    #[test]
    fn key_block_is_cut_as_the_rfc_orders() {
        let suite = SuiteParameters::of(0x002f, ProtocolVersion::TLS10).expect("a suite we know");
        let block = KeyBlock::expand(suite, &[1; 48], &[2; 32], &[3; 32]);
        let mut expected = [0; 104];
        prf::derive(Prf::Md5Sha1, &[1; 48], b"key expansion", [&[3; 32], &[2; 32]], &mut expected);

        let (client, server) = (block.keys(Side::Client), block.keys(Side::Server));
        let cut = [client.mac_key, server.mac_key, client.key, server.key, client.iv, server.iv];
        assert_eq!(cut.map(<[u8]>::len), [20, 20, 16, 16, 16, 16]);
        assert_eq!(cut.concat(), expected);
    }

    #[test]
    fn debug_shows_no_secret() {
        let suite = SuiteParameters::of(0x002f, ProtocolVersion::TLS10).expect("a suite we know");
        let block = KeyBlock::expand(suite, &[0xab; 48], &[2; 32], &[3; 32]);
        assert!(format!("{block:?}").ends_with("bytes: \"..\" }"));
        assert_eq!(format!("{:?}", TrafficSecret::new(&[0xab; 32])), "Some(TrafficSecret(..))");
    }
}
