//! HMAC-SHA-384 four times at once: what TLS 1.3 takes to make the keys of one side.
//!
//! A key and an IV of a secret take six runs of SHA-384's compression function, each of a few bytes; two secrets a side are
//! needed where a key log opens a connection. One after the other they were a tenth of the time of reading with keys. The
//! results do not depend on each other, so each step is done for four at once, in the lanes of a vector register: with AVX2
//! four take hardly longer than one. The code is portable; it is compiled for each set of instructions, and the best one that
//! is there is taken at run time. SHA-256, for which processors have instructions of their own, gains nothing by this.
//!
//! FIPS 180-4 section 6.4; RFC 2104:
//!
//! ```text
//! HMAC(K, text) = H(K XOR opad, H(K XOR ipad, text))
//! ```

use multiversion::multiversion;
use zeroize::Zeroize;

const LANES: usize = 4;

/// One word of the hash, or of what is hashed, in each lane.
type Word = [u64; LANES];

/// The bytes of a block.
type Block = [u8; 128];

/// Bytes of a hash, and of a key here.
const LENGTH: usize = 48;

/// The longest message: one block, less a byte that ends it and 16 for its length.
pub(super) const LONGEST_MESSAGE: usize = 111;

/// The HMACs of two short messages under each of two keys: `[of the first key, of the second]`. A message is no longer than
/// [`LONGEST_MESSAGE`]; what stands beyond is left out.
pub(super) fn of_each(keys: [&[u8; LENGTH]; 2], messages: [&[u8]; 2]) -> [[[u8; LENGTH]; 2]; 2] {
    let [first, second] = keys;
    let mut keyed = INITIAL.map(|word| [word; LANES]);
    compress(
        &mut keyed,
        &[padded(first, 0x36), padded(first, 0x5c), padded(second, 0x36), padded(second, 0x5c)],
    );

    let [one, other] = messages.map(ended);
    let mut inner = keyed.map(|[first, _, second, _]| [first, first, second, second]);
    compress(&mut inner, &[one, other, one, other]);

    let mut outer = keyed.map(|[_, first, _, second]| [first, first, second, second]);
    let mut hashes = hashes(&inner);
    compress(&mut outer, &hashes.map(|hash| ended(&hash)));

    hashes.zeroize();
    keyed.zeroize();
    inner.zeroize();
    let [first_one, first_other, second_one, second_other] = self::hashes(&outer);
    outer.zeroize();
    [[first_one, first_other], [second_one, second_other]]
}

/// A key, filled up with zeros to a block, XOR a byte.
fn padded(key: &[u8; LENGTH], pad: u8) -> Block {
    let mut block = [pad; 128];
    let (front, _) = block.split_at_mut(LENGTH);
    front.iter_mut().zip(key).for_each(|(byte, key)| *byte ^= key);
    block
}

/// The last block of what is hashed, behind one block that was hashed before.
fn ended(message: &[u8]) -> Block {
    let message = message.get(..LONGEST_MESSAGE).unwrap_or(message);
    let mut block = [0; 128];
    let (front, rest) = block.split_at_mut(message.len());
    front.copy_from_slice(message);
    rest[0] = 0x80;
    let bits = 8 * (128 + message.len() as u64);
    block[120..].copy_from_slice(&bits.to_be_bytes());
    block
}

/// The hash in each lane: six of the eight words.
fn hashes(state: &[Word; 8]) -> [[u8; LENGTH]; LANES] {
    std::array::from_fn(|lane| {
        let mut hash = [0; LENGTH];
        for (bytes, word) in hash.chunks_exact_mut(8).zip(state) {
            bytes.copy_from_slice(&word[lane].to_be_bytes());
        }
        hash
    })
}

/// The compression function, for the best instructions there are: takes a block into the hash of each lane.
#[multiversion(targets("x86_64+avx512f+avx512vl", "x86_64+avx2"))]
fn compress(state: &mut [Word; 8], blocks: &[Block; LANES]) {
    rounds(state, blocks);
}

#[inline(always)]
fn rounds(state: &mut [Word; 8], blocks: &[Block; LANES]) {
    let mut words: [Word; 16] = std::array::from_fn(|place| {
        std::array::from_fn(|lane| {
            let (words, _) = blocks[lane].as_chunks();
            u64::from_be_bytes(words[place])
        })
    });
    let [mut a, mut b, mut c, mut d, mut e, mut f, mut g, mut h] = *state;
    for (round, constant) in CONSTANTS.iter().enumerate() {
        let place = round % 16;
        if round >= 16 {
            let (next, ninth, last) =
                (words[(place + 1) % 16], words[(place + 9) % 16], words[(place + 14) % 16]);
            let word = &mut words[place];
            for lane in 0..LANES {
                let (x, y) = (next[lane], last[lane]);
                let sigma_0 = x.rotate_right(1) ^ x.rotate_right(8) ^ (x >> 7);
                let sigma_1 = y.rotate_right(19) ^ y.rotate_right(61) ^ (y >> 6);
                word[lane] = word[lane].wrapping_add(sigma_0).wrapping_add(ninth[lane]).wrapping_add(sigma_1);
            }
        }
        let (mut new_a, mut new_e) = (a, e);
        for lane in 0..LANES {
            let (x, y) = (e[lane], a[lane]);
            let sum_1 = x.rotate_right(14) ^ x.rotate_right(18) ^ x.rotate_right(41);
            let choice = g[lane] ^ (x & (f[lane] ^ g[lane]));
            let mixed = h[lane].wrapping_add(sum_1).wrapping_add(choice);
            let mixed = mixed.wrapping_add(*constant).wrapping_add(words[place][lane]);
            let sum_0 = y.rotate_right(28) ^ y.rotate_right(34) ^ y.rotate_right(39);
            let majority = (y & b[lane]) | (c[lane] & (y | b[lane]));
            new_e[lane] = d[lane].wrapping_add(mixed);
            new_a[lane] = mixed.wrapping_add(sum_0).wrapping_add(majority);
        }
        (h, g, f, e, d, c, b, a) = (g, f, e, new_e, c, b, a, new_a);
    }
    for (word, value) in state.iter_mut().zip([a, b, c, d, e, f, g, h]) {
        word.iter_mut().zip(value).for_each(|(word, value)| *word = word.wrapping_add(value));
    }
}

/// The hash of nothing yet. FIPS 180-4 section 5.3.4.
const INITIAL: [u64; 8] = [
    0xcbbb_9d5d_c105_9ed8,
    0x629a_292a_367c_d507,
    0x9159_015a_3070_dd17,
    0x152f_ecd8_f70e_5939,
    0x6733_2667_ffc0_0b31,
    0x8eb4_4a87_6858_1511,
    0xdb0c_2e0d_64f9_8fa7,
    0x47b5_481d_befa_4fa4,
];

/// FIPS 180-4 section 4.2.3.
#[rustfmt::skip]
static CONSTANTS: [u64; 80] = [
    0x428a_2f98_d728_ae22, 0x7137_4491_23ef_65cd, 0xb5c0_fbcf_ec4d_3b2f, 0xe9b5_dba5_8189_dbbc,
    0x3956_c25b_f348_b538, 0x59f1_11f1_b605_d019, 0x923f_82a4_af19_4f9b, 0xab1c_5ed5_da6d_8118,
    0xd807_aa98_a303_0242, 0x1283_5b01_4570_6fbe, 0x2431_85be_4ee4_b28c, 0x550c_7dc3_d5ff_b4e2,
    0x72be_5d74_f27b_896f, 0x80de_b1fe_3b16_96b1, 0x9bdc_06a7_25c7_1235, 0xc19b_f174_cf69_2694,
    0xe49b_69c1_9ef1_4ad2, 0xefbe_4786_384f_25e3, 0x0fc1_9dc6_8b8c_d5b5, 0x240c_a1cc_77ac_9c65,
    0x2de9_2c6f_592b_0275, 0x4a74_84aa_6ea6_e483, 0x5cb0_a9dc_bd41_fbd4, 0x76f9_88da_8311_53b5,
    0x983e_5152_ee66_dfab, 0xa831_c66d_2db4_3210, 0xb003_27c8_98fb_213f, 0xbf59_7fc7_beef_0ee4,
    0xc6e0_0bf3_3da8_8fc2, 0xd5a7_9147_930a_a725, 0x06ca_6351_e003_826f, 0x1429_2967_0a0e_6e70,
    0x27b7_0a85_46d2_2ffc, 0x2e1b_2138_5c26_c926, 0x4d2c_6dfc_5ac4_2aed, 0x5338_0d13_9d95_b3df,
    0x650a_7354_8baf_63de, 0x766a_0abb_3c77_b2a8, 0x81c2_c92e_47ed_aee6, 0x9272_2c85_1482_353b,
    0xa2bf_e8a1_4cf1_0364, 0xa81a_664b_bc42_3001, 0xc24b_8b70_d0f8_9791, 0xc76c_51a3_0654_be30,
    0xd192_e819_d6ef_5218, 0xd699_0624_5565_a910, 0xf40e_3585_5771_202a, 0x106a_a070_32bb_d1b8,
    0x19a4_c116_b8d2_d0c8, 0x1e37_6c08_5141_ab53, 0x2748_774c_df8e_eb99, 0x34b0_bcb5_e19b_48a8,
    0x391c_0cb3_c5c9_5a63, 0x4ed8_aa4a_e341_8acb, 0x5b9c_ca4f_7763_e373, 0x682e_6ff3_d6b2_b8a3,
    0x748f_82ee_5def_b2fc, 0x78a5_636f_4317_2f60, 0x84c8_7814_a1f0_ab72, 0x8cc7_0208_1a64_39ec,
    0x90be_fffa_2363_1e28, 0xa450_6ceb_de82_bde9, 0xbef9_a3f7_b2c6_7915, 0xc671_78f2_e372_532b,
    0xca27_3ece_ea26_619c, 0xd186_b8c7_21c0_c207, 0xeada_7dd6_cde0_eb1e, 0xf57d_4f7f_ee6e_d178,
    0x06f0_67aa_7217_6fba, 0x0a63_7dc5_a2c8_98a6, 0x113f_9804_bef9_0dae, 0x1b71_0b35_131c_471b,
    0x28db_77f5_2304_7d84, 0x32ca_ab7b_40c7_2493, 0x3c9e_be0a_15c9_bebc, 0x431d_67c4_9c10_0d4c,
    0x4cc5_d4be_cb3e_42b6, 0x597f_299c_fc65_7e2a, 0x5fcb_6fab_3ad6_faec, 0x6c44_198c_4a47_5817,
];

#[cfg(test)]
mod tests {
    use hmac::{Hmac, KeyInit, Mac};
    use sha2::Sha384;

    use super::*;

    fn expected(key: &[u8], message: &[u8]) -> [u8; LENGTH] {
        let mac: Hmac<Sha384> = KeyInit::new_from_slice(key).expect("a key");
        mac.chain_update(message).finalize().into_bytes().into()
    }

    #[test]
    fn hashes_of_all_lanes_are_those_of_hmac() {
        let keys: [[u8; LENGTH]; 2] = [std::array::from_fn(|place| place as u8), [0xff; LENGTH]];
        let long = [0x5a; LONGEST_MESSAGE];
        for length in [0, 1, 17, LONGEST_MESSAGE] {
            let messages = [&b"one message"[..], &long[..length]];
            let all = of_each([&keys[0], &keys[1]], messages);
            for (key, of_key) in keys.iter().zip(all) {
                assert_eq!(of_key, messages.map(|message| expected(key, message)), "{length}");
            }
        }
    }

    #[test]
    fn vector_registers_hold_what_plain_ones_do() {
        let blocks = std::array::from_fn(|lane| [lane as u8; 128]);
        let (mut chosen, mut plain) = ([[1; LANES]; 8], [[1; LANES]; 8]);
        compress(&mut chosen, &blocks);
        rounds(&mut plain, &blocks);
        assert_eq!(chosen, plain);
    }
}
