//! The frames that prove a finding, in words.

use mtlscope_diagnose::finding::Finding;
use mtlscope_dissect::evidence::FrameNumber;

/// `frames 7, 9`; where they are in several files, `frame 7 of a.pcap, frames 2, 3 of b.pcap`.
pub(crate) fn proof(finding: &Finding, files: &[String]) -> Option<String> {
    let mut frames = finding.frames();
    let first = frames.first()?.file();
    if frames.iter().all(|frame| frame.file() == first) {
        return Some(numbers(&frames));
    }
    frames.sort();
    let of_file = |frames: &[FrameNumber]| {
        let name = files.get(usize::from(frames.first()?.file()));
        Some(format!("{} of {}", numbers(frames), name.map_or("another file", String::as_str)))
    };
    let texts: Vec<String> =
        frames.chunk_by(|one, other| one.file() == other.file()).filter_map(of_file).collect();
    Some(texts.join(", "))
}

fn numbers(frames: &[FrameNumber]) -> String {
    let numbers: Vec<String> = frames.iter().map(ToString::to_string).collect();
    format!("{} {}", if numbers.len() == 1 { "frame" } else { "frames" }, numbers.join(", "))
}
