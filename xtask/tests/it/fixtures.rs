//! Each fixture is a capture, its keys if it needs them, and a README that says how it was made; all of it small.

use std::collections::BTreeMap;
use std::path::Path;

use crate::tree::{files, none, root, text};

/// Bytes of capture and keys together.
const LARGEST: u64 = 20_000;

#[test]
fn every_fixture_is_complete_and_small() {
    let mut folders: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for file in files() {
        let parts: Vec<String> = file.iter().map(|part| part.to_string_lossy().into_owned()).collect();
        if let [fixtures, folder, name] = &parts[..]
            && fixtures == "fixtures"
            // A set of many, scored by `cargo xtask lab --keyless`.
            && folder != "keyless"
        {
            folders.entry(folder.clone()).or_default().push(name.clone());
        }
    }
    let mut found = Vec::new();
    for (folder, names) in folders {
        let captures =
            names.iter().filter(|name| *name == "capture.pcap" || *name == "capture.pcapng").count();
        let readme = names.iter().any(|name| name == "README.md");
        let size: u64 = names
            .iter()
            .filter(|name| *name != "README.md")
            .map(|name| std::fs::metadata(root().join("fixtures").join(&folder).join(name)).unwrap().len())
            .sum();
        if captures != 1 || !readme || size > LARGEST {
            found.push(format!("{folder}: {captures} captures, README: {readme}, {size} bytes"));
        }
    }
    none("fixtures that are not whole, or too large", &found);
}

#[test]
fn the_list_of_fixtures_names_each_one() {
    let list = text(Path::new("xtask/src/fixtures/chosen.tsv"));
    let chosen =
        list.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split('\t').next());
    let missing: Vec<String> =
        chosen.filter(|folder| !root().join("fixtures").join(folder).is_dir()).map(str::to_owned).collect();
    none("chosen fixtures that are not in fixtures/ (run `cargo xtask fixtures`)", &missing);
}
