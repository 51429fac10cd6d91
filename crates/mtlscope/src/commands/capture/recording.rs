//! Where captured packets are kept (`-w`): one file, one after the other (`-b`), or only what failed (`--keep failed`).

use std::collections::VecDeque;
use std::ffi::{OsStr, OsString};
use std::path::Path;
use std::time::{Duration, Instant};

use mtlscope_sources::SourceError;
use mtlscope_sources::held_directory::{HeldDirectory, Owner};
use mtlscope_sources::interface::{Captured, Statistics};
use mtlscope_sources::recorder::{Link, PacketRecorder};
use zeroize::Zeroizing;

use super::rotation::Rotation;
use crate::failed_connections::FailedConnections;
use crate::wall_clock::moment;

/// How long secrets are remembered for the next file: who writes them does so before the connection goes on.
const REMEMBERED: Duration = Duration::from_secs(60);
/// How many bytes of them.
const MOST_REMEMBERED: usize = 1 << 20;
/// How often the file of those that failed is written anew, at most.
const PATIENCE: Duration = Duration::from_secs(1);

/// A file to record to, whose directory was found while we might.
pub(super) struct Place {
    directory: HeldDirectory,
    name: OsString,
    owner: Option<Owner>,
}

impl Place {
    pub(super) fn of(path: &Path, owner: Option<Owner>) -> Result<Self, SourceError> {
        let (directory, name) = HeldDirectory::of(path)?;
        Ok(Self { directory, name, owner })
    }

    /// Makes a file in its directory.
    fn begin(
        &self,
        name: &OsStr,
        links: &[Link],
        owner: Option<Owner>,
    ) -> Result<PacketRecorder, SourceError> {
        let file = self.directory.create(name, owner)?;
        PacketRecorder::new(&self.directory.path_of(name), file, links)
    }
}

/// A recording that is being made.
pub(super) enum Recording {
    /// Everything, in one file.
    Whole(PacketRecorder),
    /// Everything, in one file after the other.
    Cut(Box<Cut>),
    /// What failed.
    Failed(Box<Failures>),
}

impl Recording {
    /// All in one file, which is made while we may.
    pub(super) fn whole(place: &Place, links: &[Link]) -> Result<Self, SourceError> {
        Ok(Self::Whole(place.begin(&place.name, links, place.owner)?))
    }

    /// In several files. The first is made now as the others will be, so that what stands in the way shows at once.
    pub(super) fn cut(place: Place, links: &[Link], rotation: Rotation) -> Result<Self, SourceError> {
        let cut = Cut {
            recorder: None,
            place,
            links: links.to_vec(),
            rotation,
            packets: 0,
            began: Instant::now(),
            secrets: VecDeque::new(),
            statistics: Vec::new(),
        };
        let mut cut = Box::new(cut);
        cut.go_on()?;
        Ok(Self::Cut(cut))
    }

    /// What failed. The file is made now as it will be made anew.
    pub(super) fn failed(place: Place, links: &[Link]) -> Result<Self, SourceError> {
        let mut failures = Box::new(Failures { place, links: links.to_vec(), written: Instant::now() });
        failures.write(&FailedConnections::new(0), &[])?;
        Ok(Self::Failed(failures))
    }

    #[inline]
    pub(super) fn packet(&mut self, captured: &Captured<'_>) -> Result<(), SourceError> {
        match self {
            Self::Whole(recorder) => recorder.packet(captured.interface, &captured.frame),
            Self::Cut(cut) => cut.packet(captured),
            // They are held by who hears how each came out.
            Self::Failed(_) => Ok(()),
        }
    }

    pub(super) fn secrets(&mut self, lines: &[u8]) -> Result<(), SourceError> {
        match self {
            Self::Whole(recorder) => recorder.secrets(lines),
            Self::Cut(cut) => cut.secrets(lines),
            Self::Failed(_) => Ok(()),
        }
    }

    /// Now and then: what is gathered can be read.
    pub(super) fn turn(
        &mut self,
        failed: Option<&FailedConnections>,
        statistics: &[Statistics],
    ) -> Result<(), SourceError> {
        match self {
            Self::Whole(recorder) => recorder.flush(),
            Self::Cut(cut) => {
                cut.statistics = statistics.to_vec();
                cut.recorder.as_mut().map_or(Ok(()), PacketRecorder::flush)
            }
            Self::Failed(failures) => {
                let is_time = failures.written.elapsed() >= PATIENCE;
                let changed = failed.filter(|_| is_time).filter(|failed| failed.has_changed());
                changed.map_or(Ok(()), |failed| failures.write(failed, &[]))
            }
        }
    }

    /// Nothing more comes.
    pub(super) fn end(
        self,
        failed: Option<&FailedConnections>,
        statistics: &[Statistics],
    ) -> Result<(), SourceError> {
        match self {
            Self::Whole(recorder) => end(recorder, statistics),
            Self::Cut(cut) => cut.recorder.map_or(Ok(()), |recorder| end(recorder, statistics)),
            Self::Failed(mut failures) => failed.map_or(Ok(()), |failed| failures.write(failed, statistics)),
        }
    }
}

/// Ends a file with what the kernel counted.
fn end(mut recorder: PacketRecorder, statistics: &[Statistics]) -> Result<(), SourceError> {
    for (interface, counted) in statistics.iter().enumerate() {
        recorder.statistics(interface, moment(), counted.received, counted.dropped)?;
    }
    recorder.flush()
}

/// One file after the other.
pub(super) struct Cut {
    /// `None` once one could not be made.
    recorder: Option<PacketRecorder>,
    place: Place,
    links: Vec<Link>,
    rotation: Rotation,
    /// In this file.
    packets: u64,
    began: Instant,
    /// The latest.
    secrets: VecDeque<(Instant, Zeroizing<Vec<u8>>)>,
    statistics: Vec<Statistics>,
}

impl Cut {
    fn packet(&mut self, captured: &Captured<'_>) -> Result<(), SourceError> {
        let Some(recorder) = &mut self.recorder else { return Ok(()) };
        if self.rotation.is_due(recorder.len(), self.packets, self.began.elapsed()) {
            self.go_on()?;
        }
        self.packets += 1;
        self.recorder.as_mut().map_or(Ok(()), |recorder| recorder.packet(captured.interface, &captured.frame))
    }

    /// Ends this file, and begins the next.
    fn go_on(&mut self) -> Result<(), SourceError> {
        if let Some(recorder) = self.recorder.take() {
            end(recorder, &self.statistics)?;
        }
        let (name, gone) = self.rotation.next(&self.place.name, moment());
        if let Some(gone) = gone {
            self.place.directory.remove(&gone)?;
        }
        // Who we are by now is to own it.
        let mut recorder = self.place.begin(&name, &self.links, None)?;
        self.secrets.retain(|(since, _)| since.elapsed() < REMEMBERED);
        for (_, lines) in &self.secrets {
            recorder.secrets(lines)?;
        }
        self.recorder = Some(recorder);
        self.packets = 0;
        self.began = Instant::now();
        Ok(())
    }

    fn secrets(&mut self, lines: &[u8]) -> Result<(), SourceError> {
        self.secrets.push_back((Instant::now(), Zeroizing::new(lines.to_vec())));
        while self.secrets.iter().map(|(_, lines)| lines.len()).sum::<usize>() > MOST_REMEMBERED {
            self.secrets.pop_front();
        }
        self.recorder.as_mut().map_or(Ok(()), |recorder| recorder.secrets(lines))
    }
}

/// The file of those that failed: written anew beside the old one, then put in its place, so that there is always a whole one.
pub(super) struct Failures {
    place: Place,
    links: Vec<Link>,
    written: Instant,
}

impl Failures {
    fn write(&mut self, failed: &FailedConnections, statistics: &[Statistics]) -> Result<(), SourceError> {
        let mut beside = OsString::from(".");
        beside.push(&self.place.name);
        beside.push(".new");
        let mut recorder = self.place.begin(&beside, &self.links, None)?;
        for lines in failed.all_secrets() {
            recorder.secrets(lines.as_bytes())?;
        }
        for packet in failed.packets() {
            recorder.packet(packet.interface, &packet.frame())?;
        }
        end(recorder, statistics)?;
        self.written = Instant::now();
        self.place.directory.rename(&beside, &self.place.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_that_is_not_there_is_said_at_once() {
        assert!(Place::of(Path::new("/no/such/directory/a.pcapng"), None).is_err());
        assert!(Place::of(Path::new("/"), None).is_err());
    }

    #[test]
    fn the_file_of_failures_is_always_whole() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("failed.pcapng");
        let place = Place::of(&path, None).unwrap();
        let recording = Recording::failed(place, &[]).unwrap();
        recording.end(Some(&FailedConnections::new(1)), &[]).unwrap();
        let names: Vec<OsString> =
            std::fs::read_dir(directory.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(names, ["failed.pcapng"]);
        assert!(std::fs::read(&path).unwrap().starts_with(&[0x0a, 0x0d, 0x0d, 0x0a]));
    }
}
