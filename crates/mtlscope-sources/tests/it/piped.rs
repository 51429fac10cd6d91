//! A pipe gives what it has, and packets are handed out as soon as they are whole.

use std::io::{self, Read};
use std::sync::mpsc::{Receiver, channel};

use mtlscope_dissect::input::Input;
use mtlscope_sources::{CaptureFile, KeyLogFile, Source};

use crate::build::{KEY_LOG, small_pcap, small_pcapng};
use crate::{hear, read};

/// Gives at most one byte a read, and is interrupted before each.
struct ByteByByte(io::Cursor<Vec<u8>>, bool);

impl Read for ByteByByte {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.1 = !self.1;
        if self.1 {
            return Err(io::ErrorKind::Interrupted.into());
        }
        let n = into.len().min(1);
        self.0.read(&mut into[..n])
    }
}

#[test]
fn reads_the_same_from_a_pipe_that_delivers_byte_by_byte() {
    for capture in [small_pcap(), small_pcapng()] {
        let pipe = ByteByByte(io::Cursor::new(capture.clone()), false);
        let piped = hear(&mut CaptureFile::from_reader("pipe", pipe).unwrap());
        let whole = read(&capture).unwrap();
        assert_eq!((&piped.frames, &piped.secrets), (&whole.frames, &whole.secrets));
        assert!(piped.notices.is_empty(), "{:?}", piped.notices);
    }
    let pipe = ByteByByte(io::Cursor::new(KEY_LOG.to_vec()), false);
    assert_eq!(hear(&mut KeyLogFile::from_reader("pipe", pipe).unwrap()).secrets.as_bytes(), KEY_LOG);
}

/// Fails the test if more is asked for than was sent.
struct Sent(Receiver<Vec<u8>>);

impl Read for Sent {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let bytes = self.0.try_recv().expect("a read that would have waited though a packet was whole");
        into[..bytes.len()].copy_from_slice(&bytes);
        Ok(bytes.len())
    }
}

#[test]
fn hands_out_a_packet_without_waiting_for_the_next() {
    for (capture, header, ends) in [(small_pcap(), 24, [44, 60, 136]), (small_pcapng(), 48, [156, 236, 276])]
    {
        assert_eq!(capture.len(), ends[2]);
        let (send, sent) = channel();
        send.send(capture[..header].to_vec()).unwrap();
        let mut source = CaptureFile::from_reader("pipe", Sent(sent)).unwrap();
        let mut start = header;
        for end in ends {
            send.send(capture[start..end].to_vec()).unwrap();
            start = end;
            loop {
                if let Input::Frame(_) = source.next().unwrap().unwrap() {
                    break;
                }
            }
        }
        send.send(Vec::new()).unwrap();
        assert!(source.next().unwrap().is_none());
    }
}

/// Gives its content and then fails.
struct Fails(io::Cursor<Vec<u8>>);

impl Read for Fails {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        match self.0.read(into)? {
            0 => Err(io::Error::other("the disk is gone")),
            n => Ok(n),
        }
    }
}

#[test]
fn keeps_what_was_read_before_reading_failed() {
    let heard = hear(&mut CaptureFile::from_reader("pipe", Fails(io::Cursor::new(small_pcap()))).unwrap());
    assert_eq!(heard.frames.len(), 3);
    assert_eq!(heard.notices, ["reading broke off at byte 136: the disk is gone; frames 1 to 3 were read"]);

    let heard = hear(&mut KeyLogFile::from_reader("pipe", Fails(io::Cursor::new(KEY_LOG.to_vec()))).unwrap());
    assert_eq!(heard.secrets.as_bytes(), KEY_LOG);
    assert!(heard.notices[0].contains("the disk is gone"), "{:?}", heard.notices);

    let error = CaptureFile::from_reader("pipe", Fails(io::Cursor::new(Vec::new()))).unwrap_err();
    assert!(error.to_string().contains("the disk is gone"), "{error}");
}
