//! Captures of public projects, where they lie beside the workspace: opened or refused in one line, and as many packets
//! as tshark counted.

use std::collections::HashMap;
use std::path::PathBuf;

use mtlscope_sources::{CaptureFile, KeyLogFile};

use crate::hear;

/// Files of the catalogue that are not read, or not to the same count, and why.
const EXCEPTIONS: &[(&str, Option<usize>, &str)] = &[
    ("wireshark-wiki__TSRemoteGuardCreds.cap", None, "Microsoft Network Monitor, to be converted first"),
    ("wireshark-wiki__win2k19-joined.cap", None, "Microsoft Network Monitor, to be converted first"),
];

fn shared() -> Option<PathBuf> {
    let path = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/captures"));
    if !path.is_dir() {
        println!("skipped: no captures at {}", path.display());
        return None;
    }
    Some(path)
}

#[test]
fn counts_the_packets_of_real_captures_as_tshark_does() {
    let Some(shared) = shared() else { return };
    let catalog = std::fs::read_to_string(shared.join("catalog.tsv")).unwrap();
    let packets: HashMap<&str, usize> = catalog
        .lines()
        .skip(1)
        .filter_map(|line| {
            let fields: Vec<&str> = line.split('\t').collect();
            Some((*fields.first()?, fields.get(4)?.parse().ok()?))
        })
        .collect();
    let mut differences = Vec::new();
    let mut counted = 0;
    for folder in ["files", "negatives"] {
        for entry in std::fs::read_dir(shared.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if name.ends_with(".pem") || name.ends_with(".keylog") {
                continue;
            }
            let got = match CaptureFile::open(&path) {
                Ok(mut capture) => {
                    let heard = hear(&mut capture);
                    for notice in &heard.notices {
                        println!("{name}: {notice}");
                    }
                    Some(heard.frames.len())
                }
                Err(error) => {
                    println!("{error}");
                    assert_eq!(error.to_string().lines().count(), 1);
                    None
                }
            };
            let exception = EXCEPTIONS.iter().find(|(file, ..)| *file == name);
            let expected = match exception {
                Some(&(_, expected, _)) => expected,
                None => match packets.get(name.as_str()) {
                    Some(&packets) => Some(packets),
                    None => continue,
                },
            };
            counted += 1;
            if got != expected {
                differences.push(format!("{name}: {got:?} instead of {expected:?}"));
            }
        }
    }
    println!("{counted} captures of {} in the catalogue counted", packets.len());
    assert!(differences.is_empty(), "{differences:#?}");
}

#[test]
fn reads_the_key_logs_of_real_captures() {
    let Some(shared) = shared() else { return };
    for entry in std::fs::read_dir(shared.join("files")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "keylog") {
            let heard = hear(&mut KeyLogFile::open(&path).unwrap());
            assert!(heard.secrets.as_bytes() == std::fs::read(&path).unwrap() && heard.notices.is_empty());
        }
    }
}
