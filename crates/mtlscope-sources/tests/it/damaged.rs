//! Whatever is cut off or changed: no panic, no hang, and what came before it stands.

use crate::build::{Order, block, pcap_header, section, small_pcap, small_pcapng};
use crate::read;

fn every_prefix_keeps_whole_frames(capture: &[u8], header: usize) {
    let whole = read(capture).unwrap();
    let mut before = 0;
    for end in 0..capture.len() {
        let Ok(heard) = read(&capture[..end]) else {
            assert!(end < header, "an error behind the header, at {end}");
            continue;
        };
        let frames = heard.frames.len();
        assert!(frames >= before, "fewer frames from {end} bytes than from less");
        assert_eq!(heard.frames, whole.frames[..frames], "at {end}");
        assert!(whole.secrets.starts_with(&heard.secrets));
        assert!(heard.notices.len() <= 1, "{:?}", heard.notices);
        before = frames;
    }
    assert_eq!(before + 1, whole.frames.len());
}

#[test]
fn keeps_the_whole_frames_of_every_prefix() {
    every_prefix_keeps_whole_frames(&small_pcap(), 24);
    every_prefix_keeps_whole_frames(&small_pcapng(), 28);
}

#[test]
fn says_what_was_cut_off() {
    let capture = small_pcap();
    let heard = read(&capture[..capture.len() - 34]).unwrap();
    assert_eq!(
        heard.notices,
        [
            "the capture ends in the middle of frame 3 at byte 60: 34 of 76 bytes are missing; frames 1 to 2 were read"
        ]
    );
    let heard = read(&capture[..25]).unwrap();
    assert_eq!(
        heard.notices,
        [
            "the capture ends in the middle of the record header of frame 1 at byte 24: 15 of 16 bytes are missing; \
          no whole frame came before"
        ]
    );
    let capture = small_pcapng();
    let heard = read(&capture[..capture.len() - 1]).unwrap();
    let [notice] = &heard.notices[..] else { panic!("{:?}", heard.notices) };
    assert!(
        notice.contains("an obsolete packet block") && notice.contains("1 of 40 bytes are missing"),
        "{notice}"
    );
}

#[test]
fn survives_every_change_of_one_byte() {
    for capture in [small_pcap(), small_pcapng()] {
        let mut changed = capture.clone();
        for at in 0..capture.len() {
            for value in 0..=255 {
                changed[at] = value;
                if let Ok(heard) = read(&changed) {
                    assert!(heard.frames.len() <= capture.len() / 16);
                    assert!(heard.frames.iter().map(|f| f.bytes.len()).sum::<usize>() <= capture.len());
                }
            }
            changed[at] = capture[at];
        }
    }
}

#[test]
fn does_not_believe_huge_lengths() {
    let order = Order::Little;
    let pcap = [
        pcap_header(order, 0xa1b2_c3d4, (2, 4), u32::MAX, 1),
        order.words(&[0, 0, u32::MAX, u32::MAX]),
        vec![0; 100],
    ]
    .concat();
    let heard = read(&pcap).unwrap();
    assert!(heard.frames.is_empty() && heard.notices[0].contains("claims a packet of 4294967295 bytes"));

    for kind in [1, 2, 3, 5, 6, 10, 0x0bad, 0x0a0d_0d0a] {
        let mut huge = block(order, kind, &[0; 100]);
        huge[4..8].copy_from_slice(&(u32::MAX - 3).to_le_bytes());
        if kind == 0x0a0d_0d0a {
            huge[8..12].copy_from_slice(&order.u32(0x1a2b_3c4d));
        }
        let heard = read(&[section(order), huge].concat()).unwrap();
        assert!(heard.frames.is_empty());
        assert_eq!(heard.notices.len(), 1, "{kind:#x}");
    }
}
