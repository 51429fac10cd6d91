//! gzip and Zstandard, whole, in several members, and broken.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use mtlscope_sources::{CaptureFile, Source, decryption_secrets};
use ruzstd::encoding::{CompressionLevel, compress_to_vec};

use crate::build::{KEY_LOG, Order, pcap_header, pcap_record, small_pcap, small_pcapng};
use crate::{Scratch, hear, read};

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zstandard(bytes: &[u8]) -> Vec<u8> {
    compress_to_vec(bytes, CompressionLevel::Fastest)
}

/// Frames that do not compress away, beyond a window and a block.
fn large_pcap() -> Vec<u8> {
    let order = Order::Little;
    let mut out = pcap_header(order, 0xa1b2_c3d4, (2, 4), 65_535, 1);
    let mut noise = 1_u32;
    while out.len() < 3 << 20 {
        let packet: Vec<u8> = (0..1400)
            .map(|_| {
                noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (noise >> 28) as u8
            })
            .collect();
        out.extend(pcap_record(order, (1, 2), 1400, &packet));
    }
    out
}

#[test]
fn unpacks_on_the_fly() {
    for capture in [small_pcap(), small_pcapng(), large_pcap()] {
        let plain = read(&capture).unwrap();
        for packed in [gzip(&capture), zstandard(&capture)] {
            assert!(read(&packed).unwrap() == plain);
        }
    }
}

#[test]
fn unpacks_one_member_after_the_other() {
    let capture = small_pcap();
    let plain = read(&capture).unwrap();
    let skippable = [&[0x5a, 0x2a, 0x4d, 0x18, 3, 0, 0, 0][..], b"any"].concat();
    for cut in [1, 24, 30, capture.len() - 1] {
        let (first, second) = capture.split_at(cut);
        assert_eq!(read(&[gzip(first), gzip(second)].concat()).unwrap(), plain);
        let frames = [skippable.clone(), zstandard(first), skippable.clone(), zstandard(second)].concat();
        assert_eq!(read(&frames).unwrap(), plain);
    }
}

#[test]
fn counts_progress_in_stored_bytes() {
    let packed = gzip(&large_pcap());
    let file = Scratch::new("progress.pcap.gz", &packed);
    let mut capture = CaptureFile::open(&file.0).unwrap();
    hear(&mut capture);
    let progress = capture.progress();
    assert_eq!((progress.bytes_read, progress.total), (packed.len() as u64, Some(packed.len() as u64)));
}

#[test]
fn finds_secrets_ahead_in_a_packed_capture() {
    for (name, packed) in
        [("a.pcapng.gz", gzip(&small_pcapng())), ("a.pcapng.zst", zstandard(&small_pcapng()))]
    {
        let file = Scratch::new(name, &packed);
        assert_eq!(decryption_secrets(&file.0).unwrap().texts().collect::<Vec<_>>(), [KEY_LOG]);
    }
}

#[test]
fn keeps_what_came_before_the_packing_broke() {
    let capture = large_pcap();
    let whole = read(&capture).unwrap().frames;
    for packed in [gzip(&capture), zstandard(&capture)] {
        let half = read(&packed[..packed.len() / 2]).unwrap();
        assert!(half.frames.len() > 100 && half.frames[..] == whole[..half.frames.len()]);
        assert_eq!(half.notices.len(), 1, "{:?}", half.notices);
        assert!(half.notices[0].contains("broke off"), "{}", half.notices[0]);

        let mut damaged = packed.clone();
        damaged[packed.len() - 6] ^= 0xff;
        let heard = read(&damaged).unwrap();
        assert_eq!(heard.notices.len(), 1, "{:?}", heard.notices);
    }
}

#[test]
fn survives_every_prefix_and_every_change_of_one_byte() {
    for packed in [gzip(&small_pcapng()), zstandard(&small_pcapng())] {
        for end in 0..packed.len() {
            let _ = read(&packed[..end]);
        }
        let mut changed = packed.clone();
        for at in 0..packed.len() {
            for value in 0..=255 {
                changed[at] = value;
                let _ = read(&changed);
            }
            changed[at] = packed[at];
        }
    }
}

#[test]
fn refuses_what_was_packed_twice() {
    let error = read(&gzip(&gzip(&small_pcap()))).unwrap_err().to_string();
    assert!(error.contains("compressed twice"), "{error}");
}
