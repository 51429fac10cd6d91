//! The pseudorandom function: from a secret, a label and some seed to as many bytes as wanted. SSL 3.0 to TLS 1.2.
//!
//! RFC 5246 section 5 and section 8.1; RFC 2246 section 5; RFC 6101 section 6.2.2; RFC 7627 section 4.
//!
//! ```text
//! P_hash(secret, seed) = HMAC_hash(secret, A(1) + seed) + HMAC_hash(secret, A(2) + seed) + ...
//! A(0) = seed, A(i) = HMAC_hash(secret, A(i-1))
//!
//! TLS 1.2          PRF(secret, label, seed) = P_SHA256(secret, label + seed)        or P_SHA384, by the suite
//! TLS 1.0 and 1.1  PRF(secret, label, seed) = P_MD5(S1, label + seed) XOR P_SHA-1(S2, label + seed)
//! ```

use hmac::{Hmac, KeyInit, Mac};
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha384};
use zeroize::{Zeroize, Zeroizing};

use super::suite::Prf;

/// The master secret, 48 bytes, from a premaster secret. RFC 5246 section 8.1.
pub fn master_secret(
    prf: Prf,
    premaster_secret: &[u8],
    client_random: &[u8; 32],
    server_random: &[u8; 32],
) -> Zeroizing<[u8; 48]> {
    let mut master_secret = Zeroizing::new([0; 48]);
    derive(prf, premaster_secret, b"master secret", [client_random, server_random], &mut *master_secret);
    master_secret
}

/// The master secret of a handshake that agreed on extended_master_secret, 48 bytes; `session_hash` is the hash of its
/// messages up to the ClientKeyExchange. RFC 7627 section 4.
pub fn extended_master_secret(prf: Prf, premaster_secret: &[u8], session_hash: &[u8]) -> Zeroizing<[u8; 48]> {
    let mut master_secret = Zeroizing::new([0; 48]);
    derive(prf, premaster_secret, b"extended master secret", [session_hash, b""], &mut *master_secret);
    master_secret
}

/// Fills `out` with PRF(secret, label, seed); the seed comes in two parts, as it nearly always does.
pub(super) fn derive(prf: Prf, secret: &[u8], label: &[u8], seed: [&[u8]; 2], out: &mut [u8]) {
    let seed = [label, seed[0], seed[1]];
    match prf {
        Prf::Ssl3 => ssl3(secret, [seed[1], seed[2]], out),
        Prf::Md5Sha1 => {
            out.fill(0);
            // The halves share the middle byte of a secret of odd length.
            let half = secret.len().div_ceil(2);
            let (first, _) = secret.split_at(half);
            let (_, second) = secret.split_at(secret.len() - half);
            xor_p_hash::<Hmac<Md5>>(first, seed, out);
            xor_p_hash::<Hmac<Sha1>>(second, seed, out);
        }
        Prf::Sha256 => {
            out.fill(0);
            xor_p_hash::<Hmac<Sha256>>(secret, seed, out);
        }
        Prf::Sha384 => {
            out.fill(0);
            xor_p_hash::<Hmac<Sha384>>(secret, seed, out);
        }
    }
}

/// An HMAC with its key set.
#[expect(clippy::expect_used, reason = "HMAC takes keys of any length (RFC 2104 section 2)")]
pub(super) fn hmac<M: Mac + KeyInit>(key: &[u8]) -> M {
    <M as KeyInit>::new_from_slice(key).expect("HMAC takes keys of any length")
}

/// XORs P_hash(secret, seed) onto `out`, so that the two halves of the older PRF need no buffer.
fn xor_p_hash<M: Mac + KeyInit + Clone>(secret: &[u8], seed: [&[u8]; 3], out: &mut [u8]) {
    let keyed = hmac::<M>(secret);
    let with_seed = |mut mac: M| {
        seed.iter().for_each(|part| mac.update(part));
        mac.finalize().into_bytes()
    };

    let mut a = None;
    for chunk in out.chunks_mut(M::output_size()) {
        let next = match &a {
            None => with_seed(keyed.clone()),
            Some(previous) => keyed.clone().chain_update(previous).finalize().into_bytes(),
        };
        let mut block = with_seed(keyed.clone().chain_update(&next));
        chunk.iter_mut().zip(&block).for_each(|(byte, mask)| *byte ^= mask);
        block.as_mut_slice().zeroize();
        a = Some(next);
    }
}

/// SSL 3.0 has letters where TLS has labels.
///
/// ```text
/// MD5(secret + SHA('A' + secret + seed)) + MD5(secret + SHA('BB' + secret + seed)) + ...
/// ```
fn ssl3(secret: &[u8], seed: [&[u8]; 2], out: &mut [u8]) {
    for ((chunk, letter), length) in out.chunks_mut(16).zip(b'A'..=b'Z').zip(1..) {
        let mut inner = Sha1::new();
        (0..length).for_each(|_| inner.update([letter]));
        inner.update(secret);
        seed.iter().for_each(|part| inner.update(part));
        let block = Md5::new().chain_update(secret).chain_update(inner.finalize()).finalize();
        chunk.iter_mut().zip(block.iter()).for_each(|(byte, value)| *byte = *value);
    }
}

#[cfg(test)]
mod tests {
    use super::super::hex::hex;
    use super::*;

    // There are no vectors in the RFCs; these are the ones their authors and implementers share:
    // <https://www.ietf.org/mail-archive/web/tls/current/msg03416.html>.
    #[test]
    fn prf_with_sha256_matches_the_working_groups_vector() {
        let mut out = [0; 100];
        let seed = hex("a0ba9f936cda311827a6f796ffd5198c");
        let secret = hex("9bbe436ba940f017b17652849a71db35");
        derive(Prf::Sha256, &secret, b"test label", [&seed, b""], &mut out);
        assert_eq!(
            out.as_slice(),
            hex("e3f229ba727be17b8d122620557cd453c2aab21d07c3d495329b52d4e61edb5a
                 6b301791e90d35c9c9a46b4e14baf9af0fa022f7077def17abfd3797c0564bab
                 4fbc91666e9def9b97fce34f796789baa48082d122ee42c5a72e5a5110fff701
                 87347b66")
        );
    }

    #[test]
    fn prf_with_sha384_matches_the_working_groups_vector() {
        let mut out = [0; 148];
        let seed = hex("cd665cf6a8447dd6ff8b27555edb7465");
        let secret = hex("b80b733d6ceefcdc71566ea48e5567df");
        derive(Prf::Sha384, &secret, b"test label", [&seed, b""], &mut out);
        assert_eq!(
            out.as_slice(),
            hex("7b0c18e9ced410ed1804f2cfa34a336a1c14dffb4900bb5fd7942107e81c83cd
                 e9ca0faa60be9fe34f82b1233c9146a0e534cb400fed2700884f9dc236f80edd
                 8bfa961144c9e8d792eca722a7b32fc3d416d473ebc2c5fd4abfdad05d918425
                 9b5bf8cd4d90fa0d31e2dec479e4f1a26066f2eea9a69236a3e52655c9e9aee6
                 91c8f3a26854308d5eaa3be85e0990703d73e56f")
        );
    }

    #[test]
    fn a_seed_in_two_parts_is_the_same_seed() {
        for prf in [Prf::Ssl3, Prf::Md5Sha1, Prf::Sha256, Prf::Sha384] {
            let (mut whole, mut parts) = ([0; 77], [0; 77]);
            derive(prf, b"secret", b"label", [b"client server", b""], &mut whole);
            derive(prf, b"secret", b"label", [b"client ", b"server"], &mut parts);
            assert_eq!(whole, parts);
            assert_ne!(whole, [0; 77]);
        }
    }

    #[test]
    fn halves_of_an_odd_secret_share_a_byte() {
        let derived = |secret: &[u8]| {
            let mut out = [0; 36];
            derive(Prf::Md5Sha1, secret, b"label", [b"seed", b""], &mut out);
            out
        };
        let expected = {
            let mut out = [0; 36];
            xor_p_hash::<Hmac<Md5>>(b"abc", [b"label", b"seed", b""], &mut out);
            xor_p_hash::<Hmac<Sha1>>(b"cde", [b"label", b"seed", b""], &mut out);
            out
        };
        assert_eq!(derived(b"abcde"), expected);
        assert_ne!(derived(b""), derived(b"a"));
    }
}
