//! IEEE 802.11 data frames in clear. IEEE 802.11-2020 section 9.3.2.
//!
//! ```text
//! frame control(2) duration(2) address 1(6) address 2(6) address 3(6) sequence(2) [ address 4(6) ] [ QoS control(2) ]
//! [ HT control(4) ] LLC
//! ```
//!
//! A QoS frame may hold several packets (A-MSDU), each with a head of its own:
//!
//! ```text
//! destination(6) source(6) length(2) LLC, padded to four bytes
//! ```

use crate::layer::{Next, Protocol, Step, u16_at};

pub(crate) fn read(bytes: &[u8]) -> Option<Step<'_>> {
    let [control, flags, ..] = *bytes else { return None };
    behind(bytes, &Header::read(control, flags, bytes)?)
}

/// The same, its first two bytes swapped.
pub(crate) fn read_swapped(bytes: &[u8]) -> Option<Step<'_>> {
    let [flags, control, ..] = *bytes else { return None };
    behind(bytes, &Header::read(control, flags, bytes)?)
}

fn behind<'a>(bytes: &'a [u8], header: &Header) -> Option<Step<'a>> {
    if !header.is_protected {
        return Step::after(bytes, header.length, Next::Header(header.inside()));
    }
    // Cards that decrypt leave the mark, and often the initialization vector: four bytes of WEP, eight of WPA.
    let is_clear = |vector: &usize| {
        bytes.get(header.length + vector..).is_some_and(|rest| rest.starts_with(&[0xaa, 0xaa, 3, 0, 0, 0]))
    };
    match [0, 4, 8].iter().find(|vector| is_clear(vector)) {
        Some(vector) => Step::after(bytes, header.length + vector, Next::Header(Protocol::Llc)),
        None => Step::after(bytes, header.length, Next::Encrypted),
    }
}

/// The same, where the card padded the header to a multiple of four bytes.
pub(crate) fn read_padded(bytes: &[u8]) -> Option<Step<'_>> {
    let step = read(bytes)?;
    Step::after(bytes, step.header.len().next_multiple_of(4), step.next)
}

struct Header {
    length: usize,
    is_protected: bool,
    is_aggregate: bool,
}

impl Header {
    fn read(control: u8, flags: u8, bytes: &[u8]) -> Option<Self> {
        // Version 0, type data, and not one of the subtypes without data.
        if control & 0x0f != 0x08 || control & 0x40 != 0 {
            return None;
        }
        let mut length = 24;
        // To a distribution system and from one: there are four addresses (WDS).
        if flags & 3 == 3 {
            length += 6;
        }
        let mut is_aggregate = false;
        if control & 0x80 != 0 {
            is_aggregate = *bytes.get(length)? & 0x80 != 0;
            length += 2;
            // In a QoS frame the order bit says that an HT control field is there.
            if flags & 0x80 != 0 {
                length += 4;
            }
        }
        Some(Self { length, is_protected: flags & 0x40 != 0, is_aggregate })
    }

    fn inside(&self) -> Protocol {
        if self.is_aggregate { Protocol::Ieee80211Subframe } else { Protocol::Llc }
    }
}

/// The packets of an A-MSDU, each with its head: the head's bytes and the LLC packet.
pub(crate) fn subframes(mut bytes: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    std::iter::from_fn(move || {
        let (head, rest) = bytes.split_at_checked(14)?;
        let length = usize::from(u16_at(head, 12)?);
        if length == 0 {
            return None;
        }
        let packet = rest.get(..length).unwrap_or(rest);
        bytes = bytes.get((14 + length).next_multiple_of(4)..).unwrap_or(&[]);
        Some((head, packet))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_is_as_long_as_its_flags_say() {
        for (control, flags, length) in
            [(0x08, 1, 24), (0x88, 1, 26), (0x88, 3, 32), (0x88, 0x82, 30), (0x08, 0x80, 24)]
        {
            let mut frame = vec![0; length];
            (frame[0], frame[1]) = (control, flags);
            frame.push(0xaa);
            let step = read(&frame).unwrap();
            assert_eq!((step.next, step.payload), (Next::Header(Protocol::Llc), &[0xaa][..]));
            for end in 0..length {
                assert_eq!(read(&frame[..end]), None);
            }
        }
    }

    #[test]
    fn what_is_encrypted_or_no_data_is_left() {
        let mut frame = vec![0; 40];
        (frame[0], frame[1]) = (0x08, 0x41);
        assert_eq!(read(&frame).unwrap().next, Next::Encrypted);
        // Decrypted by the card, with the vector of WEP left in.
        frame.truncate(28);
        frame.extend([0xaa, 0xaa, 3, 0, 0, 0, 8, 0]);
        assert_eq!(read(&frame).unwrap().payload.len(), 8);
        frame[0] = 0x80;
        assert_eq!(read(&frame), None);
    }

    #[test]
    fn an_aggregate_is_taken_apart() {
        let mut bytes = vec![0; 12];
        bytes.extend([0, 3, 1, 2, 3, 0, 0, 0]);
        bytes.extend([0; 12]);
        bytes.extend([0, 2, 4, 5]);
        let packets: Vec<&[u8]> = subframes(&bytes).map(|(_, packet)| packet).collect();
        assert_eq!(packets, [&[1, 2, 3][..], &[4, 5]]);
    }
}
