//! What a command's file tells before it runs: by which means it can be reached, and why not by others.

use std::ffi::OsStr;
use std::fs::{File, Metadata};
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

/// The header of an ELF file of 64 bits.
const HEADER: usize = 64;
/// An entry of its program header table.
const ENTRY: usize = 56;
/// Entries that are looked at; a program has some ten.
const ENTRIES: usize = 64;
/// What is read of one segment.
const SEGMENT: u64 = 4096;

/// The segment that names the dynamic linker.
const PT_INTERP: u32 = 3;
/// A segment of notes.
const PT_NOTE: u32 = 4;

/// A program as its file shows it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Program {
    /// Where it is.
    pub path: PathBuf,
    /// How it is linked.
    pub linkage: Linkage,
    /// Whether it runs with the rights of another: the dynamic linker ignores what such a program's environment asks of it.
    pub is_set_uid: bool,
    /// Whether Go's own linker made it. Go programs call the system without the C library, however they are linked.
    pub is_go: bool,
}

/// How a program comes to its libraries.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Linkage {
    /// By this dynamic linker.
    Dynamic(String),
    /// It needs none.
    Static,
    /// It is read by this interpreter.
    Script(String),
    /// It is for another machine than ours, or of 32 bits.
    Foreign,
    /// Its file cannot be read, or is of another kind.
    Unknown,
}

impl Program {
    /// Looks for a command as the system would, in the directories of `search_path` where it is a mere name.
    pub fn find(command: &OsStr, search_path: Option<&OsStr>) -> Option<Self> {
        let path = Path::new(command);
        if path.components().count() > 1 {
            return Self::look_at(path);
        }
        // A mere name is never taken from the directory we are in.
        std::env::split_paths(search_path?).find_map(|directory| Self::look_at(&directory.join(path)))
    }

    fn look_at(path: &Path) -> Option<Self> {
        let metadata =
            path.metadata().ok().filter(|metadata| metadata.is_file() && is_executable(metadata))?;
        let (linkage, is_go) =
            File::open(path).map_or((Linkage::Unknown, false), |mut file| linkage(&mut file));
        Some(Self { path: path.to_owned(), linkage, is_set_uid: is_set_uid(&metadata), is_go })
    }

    /// Whether the preload library can take effect in it.
    pub fn can_preload(&self) -> bool {
        !self.is_set_uid && !self.is_go && !matches!(self.linkage, Linkage::Static | Linkage::Foreign)
    }
}

#[cfg(unix)]
fn is_executable(metadata: &Metadata) -> bool {
    std::os::unix::fs::MetadataExt::mode(metadata) & 0o111 != 0
}

#[cfg(not(unix))]
fn is_executable(_: &Metadata) -> bool {
    true
}

#[cfg(unix)]
fn is_set_uid(metadata: &Metadata) -> bool {
    std::os::unix::fs::MetadataExt::mode(metadata) & 0o6000 != 0
}

#[cfg(not(unix))]
fn is_set_uid(_: &Metadata) -> bool {
    false
}

/// How a program is linked, and whether it is Go's.
fn linkage(file: &mut (impl Read + Seek)) -> (Linkage, bool) {
    let head = read_at(file, 0, SEGMENT);
    if let Some(line) = head.strip_prefix(b"#!") {
        let line = line.split(|&byte| byte == b'\n').next().unwrap_or_default();
        return (Linkage::Script(String::from_utf8_lossy(line).trim().to_owned()), false);
    }
    if !head.starts_with(b"\x7fELF") {
        return (Linkage::Unknown, false);
    }
    // 64 bits, little-endian, and made for the machine that we are made for.
    let of_ours = head.get(4..6) == Some(&[2, 1]) && Some(number(&head, 18, 2)) == machine().map(Some);
    let (Some(table), Some(entries)) = (number(&head, 32, 8), number(&head, 56, 2)) else {
        return (Linkage::Unknown, false);
    };
    if !of_ours || head.len() < HEADER {
        return (Linkage::Foreign, false);
    }
    let entries = usize::try_from(entries).unwrap_or(0).min(ENTRIES);
    let table = read_at(file, table, (entries * ENTRY) as u64);
    let mut linkage = Linkage::Static;
    let mut is_go = false;
    for entry in table.chunks_exact(ENTRY) {
        let (Some(kind), Some(place), Some(length)) =
            (number(entry, 0, 4), number(entry, 8, 8), number(entry, 32, 8))
        else {
            continue;
        };
        match u32::try_from(kind) {
            Ok(PT_INTERP) => {
                let name = read_at(file, place, length.min(SEGMENT));
                let name = name.split(|&byte| byte == 0).next().unwrap_or_default();
                linkage = Linkage::Dynamic(String::from_utf8_lossy(name).into_owned());
            }
            // The name of a note stands behind three numbers of four bytes.
            Ok(PT_NOTE) => {
                let notes = read_at(file, place, length.min(SEGMENT));
                is_go |= notes.windows(4).any(|name| name == b"Go\0\0");
            }
            _ => {}
        }
    }
    (linkage, is_go)
}

/// ELF's number of the machine that we run on.
const fn machine() -> Option<u64> {
    if cfg!(target_arch = "x86_64") {
        Some(62)
    } else if cfg!(target_arch = "aarch64") {
        Some(183)
    } else if cfg!(target_arch = "riscv64") {
        Some(243)
    } else {
        None
    }
}

/// What can be read of a place in a file.
fn read_at(file: &mut (impl Read + Seek), place: u64, length: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    // What cannot be read is not there.
    let _ = file.seek(SeekFrom::Start(place)).and_then(|_| file.take(length).read_to_end(&mut bytes));
    bytes
}

/// A little-endian number of so many bytes.
fn number(bytes: &[u8], place: usize, length: usize) -> Option<u64> {
    let bytes = bytes.get(place..place + length)?;
    Some(bytes.iter().rev().fold(0, |number, &byte| number << 8 | u64::from(byte)))
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    /// An ELF file with these segments.
    fn elf(machine: u16, segments: &[(u32, &[u8])]) -> Vec<u8> {
        let mut file = b"\x7fELF\x02\x01\x01".to_vec();
        file.resize(18, 0);
        file.extend(machine.to_le_bytes());
        file.resize(32, 0);
        file.extend((HEADER as u64).to_le_bytes());
        file.resize(56, 0);
        file.extend((segments.len() as u16).to_le_bytes());
        file.resize(HEADER, 0);
        let mut place = HEADER + segments.len() * ENTRY;
        for (kind, content) in segments {
            let start = file.len();
            file.extend(kind.to_le_bytes());
            file.resize(start + 8, 0);
            file.extend((place as u64).to_le_bytes());
            file.resize(start + 32, 0);
            file.extend((content.len() as u64).to_le_bytes());
            file.resize(start + ENTRY, 0);
            place += content.len();
        }
        for (_, content) in segments {
            file.extend_from_slice(content);
        }
        file
    }

    fn of(bytes: Vec<u8>) -> (Linkage, bool) {
        linkage(&mut Cursor::new(bytes))
    }

    #[test]
    fn tells_how_a_program_is_linked() {
        let ours = u16::try_from(machine().unwrap()).unwrap();
        let loader = b"/lib64/ld-linux-x86-64.so.2\0";
        let dynamic = Linkage::Dynamic("/lib64/ld-linux-x86-64.so.2".to_owned());
        assert_eq!(of(elf(ours, &[(1, b""), (PT_INTERP, loader)])), (dynamic.clone(), false));
        assert_eq!(of(elf(ours, &[(1, b"code")])), (Linkage::Static, false));
        let note = b"\x04\0\0\0\x04\0\0\0\x04\0\0\0Go\0\0abcd";
        assert_eq!(of(elf(ours, &[(PT_NOTE, note)])), (Linkage::Static, true));
        assert_eq!(of(elf(ours, &[(PT_NOTE, note), (PT_INTERP, loader)])), (dynamic, true));
        assert_eq!(of(elf(3, &[])), (Linkage::Foreign, false));
        assert_eq!(
            of(b"#! /usr/bin/env python3\nprint()".to_vec()),
            (Linkage::Script("/usr/bin/env python3".to_owned()), false)
        );
        assert_eq!(of(b"MZ".to_vec()), (Linkage::Unknown, false));
    }

    #[test]
    fn broken_files_are_no_trouble() {
        let ours = u16::try_from(machine().unwrap()).unwrap();
        let whole = elf(ours, &[(PT_INTERP, b"/lib/ld-musl-x86_64.so.1\0"), (PT_NOTE, b"Go\0\0")]);
        for length in 0..whole.len() {
            of(whole.get(..length).unwrap().to_vec());
        }
        for place in 0..whole.len() {
            let mut flipped = whole.clone();
            flipped[place] = !flipped[place];
            of(flipped);
        }
    }

    #[test]
    #[cfg(unix)]
    fn finds_a_command_as_the_system_would() {
        use std::os::unix::fs::PermissionsExt;
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("tool");
        std::fs::write(&file, "#!/bin/sh\n").unwrap();
        let search = directory.path().as_os_str();
        let find = |name: &str| Program::find(OsStr::new(name), Some(search));
        assert_eq!(find("tool"), None, "nobody may run it");
        std::fs::set_permissions(&file, PermissionsExt::from_mode(0o4755)).unwrap();
        let found = find("tool").unwrap();
        assert_eq!((&found.path, found.is_set_uid), (&file, true));
        assert!(!found.can_preload());
        assert_eq!(find(file.to_str().unwrap()).map(|found| found.path), Some(file));
        assert_eq!(find("no-such-tool"), None);
    }
}
