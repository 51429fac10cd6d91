//! Several captures at once: those that follow one another in time are read as one.

use std::path::{Path, PathBuf};

use serde_json::Value;
use tempfile::TempDir;

use crate::run::{fixture, run};

/// Packets of a fixture, written as a capture of their own, `seconds` later.
pub(crate) fn part(directory: &Path, name: &str, packets: std::ops::Range<usize>, seconds: u32) -> PathBuf {
    let bytes = std::fs::read(fixture("required-none-sent-tls12/capture.pcap")).unwrap();
    assert_eq!(bytes[..4], [0xd4, 0xc3, 0xb2, 0xa1], "a pcap, little endian, in microseconds");
    let (head, mut rest) = bytes.split_at(24);
    let mut part = head.to_vec();
    for index in 0.. {
        let Some((head, _)) = rest.split_first_chunk::<16>() else { break };
        let length = 16 + u32::from_le_bytes(*head[8..].first_chunk().unwrap()) as usize;
        let (packet, behind) = rest.split_at(length);
        rest = behind;
        if packets.contains(&index) {
            let moment = u32::from_le_bytes(*packet.first_chunk().unwrap()) + seconds;
            part.extend(moment.to_le_bytes());
            part.extend(&packet[4..]);
        }
    }
    let path = directory.join(name);
    std::fs::write(&path, part).unwrap();
    path
}

fn lines(files: &[&Path]) -> Vec<Value> {
    let arguments = ["read".into(), "--json".into()].into_iter();
    let ran = run(arguments.chain(files.iter().map(|file| file.as_os_str().to_owned())));
    ran.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn a_connection_is_followed_over_the_seam_in_whatever_order_the_files_are_given() {
    let directory = TempDir::new().unwrap();
    let first = part(directory.path(), "cap_2.pcap", 0..9, 0);
    let second = part(directory.path(), "cap_1.pcap", 9..100, 0);
    for files in [[&*first, &*second], [&*second, &*first]] {
        let lines = lines(&files);
        let [line] = lines.as_slice() else { panic!("{} connections", lines.len()) };
        assert_eq!(line["file"], first.to_str().unwrap());
        assert_eq!(line["files"], serde_json::json!([first, second]));
        assert_eq!((&line["first_frame"], &line["last_frame"]), (&1.into(), &5.into()));
        assert_eq!(line["alerts"][0]["frame"], 2);
        assert_eq!(line["alerts"][0]["file"], 1);
        assert_eq!(line["outcome"]["file"], 1);
        assert!(line["messages"][0].get("file").is_none(), "{line}");
        assert_eq!(line["findings"][0]["id"], "no-client-cert-configured");
    }
    let ran = run(["read".into(), first.clone().into_os_string(), second.clone().into_os_string()]);
    assert!(ran.out.contains(&format!("(frames of {} from here on)", second.display())), "{}", ran.out);
    assert!(ran.out.contains("frame 7 of "), "{}", ran.out);
}

#[test]
fn a_long_silence_makes_two_connections() {
    let directory = TempDir::new().unwrap();
    let first = part(directory.path(), "1.pcap", 0..9, 0);
    for (seconds, connections) in [(0, 1), (59, 1), (61, 2)] {
        let second = part(directory.path(), "2.pcap", 9..100, seconds);
        assert_eq!(lines(&[&first, &second]).len(), connections, "{seconds} seconds");
    }
}

#[test]
fn captures_of_different_names_are_read_each_for_itself_in_the_order_given() {
    let directory = TempDir::new().unwrap();
    let first = part(directory.path(), "b.pcap", 0..9, 0);
    let second = part(directory.path(), "a.pcap", 9..100, 0);
    let lines = lines(&[&second, &first]);
    let files: Vec<_> = lines.iter().map(|line| line["file"].as_str().unwrap()).collect();
    assert_eq!(files, [second.to_str().unwrap(), first.to_str().unwrap()]);
}

#[test]
fn captures_that_overlap_in_time_are_read_each_for_itself() {
    let directory = TempDir::new().unwrap();
    // The same connection, as both hosts see it, and each file longer than a second.
    let ends = |name: &str| {
        let path = part(directory.path(), name, 0..100, 0);
        let late = part(directory.path(), "late", 13..14, 5);
        let mut bytes = std::fs::read(&path).unwrap();
        bytes.extend(&std::fs::read(late).unwrap()[24..]);
        std::fs::write(&path, bytes).unwrap();
        path
    };
    let (client, server) = (ends("host1.pcap"), ends("host2.pcap"));
    let lines = lines(&[&client, &server]);
    assert_eq!(lines.len(), 2);
    for (line, file) in lines.iter().zip([client, server]) {
        assert_eq!((&line["file"], &line["connection"]), (&file.to_str().unwrap().into(), &1.into()));
        assert_eq!(line["files"], serde_json::json!([file]));
        assert_eq!(line["alerts"][0]["frame"], 11, "{line}");
    }
}

#[test]
fn what_is_odd_in_a_file_stands_in_the_line_of_the_connection_it_cuts() {
    let directory = TempDir::new().unwrap();
    let path = part(directory.path(), "cut.pcap", 0..12, 0);
    let bytes = std::fs::read(&path).unwrap();
    std::fs::write(&path, &bytes[..bytes.len() - 3]).unwrap();
    let lines = lines(&[&path]);
    let notices = lines[0]["notices"].to_string();
    assert!(notices.contains("the capture ends in the middle of"), "{notices}");
}
