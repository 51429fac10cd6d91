//! When a recording goes on in another file, and what the files are called: as dumpcap does it (`-b`).

use std::collections::VecDeque;
use std::ffi::{OsStr, OsString};
use std::path::Path;
use std::time::Duration;

use mtlscope_dissect::time::{Timestamp, civil};

use crate::cli::Rotate;

/// How a recording is cut into files.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Rotation {
    /// A file has so many bytes.
    bytes: Option<u64>,
    /// A file is so old.
    age: Option<Duration>,
    /// A file has so many packets.
    packets: Option<u64>,
    /// So many files are kept.
    files: Option<u64>,
    /// Those there are.
    made: VecDeque<OsString>,
    number: u64,
}

impl Rotation {
    /// As it was typed; `None` where all goes into one file.
    pub(super) fn of(typed: &[Rotate]) -> Option<Self> {
        let mut rotation = Self::default();
        for one in typed {
            match *one {
                Rotate::FileSize(bytes) => rotation.bytes = Some(bytes),
                Rotate::Duration(age) => rotation.age = Some(age),
                Rotate::Packets(packets) => rotation.packets = Some(packets),
                Rotate::Files(files) => rotation.files = Some(files),
            }
        }
        (!typed.is_empty()).then_some(rotation)
    }

    /// Whether what comes next belongs into another file.
    pub(super) fn is_due(&self, bytes: u64, packets: u64, age: Duration) -> bool {
        packets > 0
            && (self.bytes.is_some_and(|most| bytes >= most)
                || self.packets.is_some_and(|most| packets >= most)
                || self.age.is_some_and(|most| age >= most))
    }

    /// What the next file is called, `trace_00001_20261124150000.pcapng`, and which one is to go for it.
    pub(super) fn next(&mut self, name: &OsStr, now: Timestamp) -> (OsString, Option<OsString>) {
        self.number += 1;
        let path = Path::new(name);
        let mut next = path.file_stem().unwrap_or(name).to_owned();
        next.push(format!("_{:05}_{}", self.number, compact(now)));
        if let Some(extension) = path.extension() {
            next.push(".");
            next.push(extension);
        }
        self.made.push_back(next.clone());
        let has_enough = self.files.is_some_and(|most| self.made.len() as u64 > most);
        (next, if has_enough { self.made.pop_front() } else { None })
    }
}

/// `20261124150000`, UTC.
fn compact(time: Timestamp) -> String {
    const DAY: i64 = 24 * 60 * 60;
    let (day, second) = (time.seconds().div_euclid(DAY), time.seconds().rem_euclid(DAY));
    let (year, month, day) = civil(day);
    format!("{year:04}{month:02}{day:02}{:02}{:02}{:02}", second / 3600, second / 60 % 60, second % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_named_as_dumpcap_names_them_and_the_eldest_goes() {
        let mut rotation = Rotation::of(&[Rotate::Files(2), Rotate::Packets(10)]).unwrap();
        let now = Timestamp::from_parts(1_795_532_401, 0);
        let mut next = || rotation.next(OsStr::new("a.b.pcapng"), now);
        assert_eq!(next(), ("a.b_00001_20261124150001.pcapng".into(), None));
        assert_eq!(next().1, None);
        assert_eq!(
            next(),
            ("a.b_00003_20261124150001.pcapng".into(), Some("a.b_00001_20261124150001.pcapng".into()))
        );
    }

    #[test]
    fn an_empty_file_is_never_left_for_another() {
        let rotation =
            Rotation::of(&[Rotate::FileSize(1), Rotate::Duration(Duration::from_secs(1))]).unwrap();
        assert!(!rotation.is_due(1000, 0, Duration::from_secs(9)));
        assert!(rotation.is_due(1000, 1, Duration::ZERO));
        assert!(rotation.is_due(0, 1, Duration::from_secs(1)));
        assert!(Rotation::of(&[]).is_none());
    }
}
