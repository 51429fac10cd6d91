//! How source files look: each says what it is, none is a drawer, none is endless.

use crate::tree::{files, files_with_extension, none, text};

/// Tables of a registry, long because the registry is; and nothing else is in them.
const TABLES: &[&str] = &[
    "crates/mtlscope-dissect/src/tls/registry/cipher_suite.rs",
    "crates/mtlscope-dissect/src/tls/registry/extension_type.rs",
];

/// Lines; past this a file is split by noun.
const LONGEST: usize = 800;

/// Names that say nothing about what is inside.
const DRAWERS: &[&str] =
    &["utils", "util", "helpers", "helper", "common", "misc", "manager", "core", "types"];

/// Directories that belong to one machine. In pieces, so that this file does not find itself.
const MACHINE_PATHS: &[&str] = &[concat!("/wo", "rk/"), concat!("/ro", "ot/")];

#[test]
fn every_source_file_opens_by_saying_what_it_is() {
    let found: Vec<String> = files_with_extension("rs")
        .iter()
        .filter(|file| !text(file).starts_with("//! "))
        .map(|file| file.display().to_string())
        .collect();
    none("files that do not open with `//! `", &found);
}

#[test]
fn no_source_file_is_endless() {
    let found: Vec<String> = files_with_extension("rs")
        .iter()
        .filter(|file| !TABLES.iter().any(|table| file.ends_with(table)))
        .map(|file| (file, text(file).lines().count()))
        .filter(|(_, lines)| *lines > LONGEST)
        .map(|(file, lines)| format!("{}: {lines} lines", file.display()))
        .collect();
    none("files longer than 800 lines", &found);
}

#[test]
fn no_file_is_a_drawer() {
    let found: Vec<String> = files_with_extension("rs")
        .iter()
        .filter(|file| {
            file.with_extension("")
                .components()
                .any(|part| DRAWERS.iter().any(|drawer| part.as_os_str() == *drawer))
        })
        .map(|file| file.display().to_string())
        .collect();
    none("files or folders whose name is no noun of the trade", &found);
}

#[test]
fn nothing_names_a_directory_of_one_machine() {
    let mut found = Vec::new();
    for file in files().iter().filter(|file| !is_binary(file)) {
        for (number, line) in text(file).lines().enumerate() {
            if MACHINE_PATHS.iter().any(|path| line.contains(path)) {
                found.push(format!("{}:{}: {}", file.display(), number + 1, line.trim()));
            }
        }
    }
    none("paths of one machine", &found);
}

fn is_binary(file: &std::path::Path) -> bool {
    let binary = ["pcap", "pcapng", "gz", "zst", "der", "png"];
    file.extension().is_some_and(|extension| binary.iter().any(|known| extension == *known))
}
