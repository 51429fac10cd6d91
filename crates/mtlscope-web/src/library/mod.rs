//! Everything that is open: the captures, the keys, the table, and the connections looked at last. Readings go on in the
//! background; whoever shows something hears by a pulse that it has changed.

mod capture;
mod filters;
mod hearers;
mod whole;

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::thread;

use mtlscope_diagnose::connection::Connection;
use mtlscope_diagnose::context::Context;
use mtlscope_diagnose::finding::Finding;
use mtlscope_views::filter::FilterError;
use tempfile::TempPath;
use tokio::sync::{oneshot, watch};
use zeroize::Zeroizing;

use crate::limits::Limits;
use crate::reading::{Hear, Reader, Reading};
use crate::table::{Query, Table};
pub(crate) use capture::{Capture, Shown as ShownCapture};
pub(crate) use filters::Filtering;
use filters::Filters;
use hearers::RowHearer;
pub(crate) use whole::{Missing, Whole};

/// Orders of rows that are remembered: those of a page that is scrolled, and of another that is open.
const ORDERS: usize = 4;

/// What is open. Shared by the threads that read and by those that answer.
pub(crate) struct Library {
    reader: Box<dyn Reader>,
    limits: Limits,
    open: Mutex<Open>,
    /// Rises with every change.
    pulse: watch::Sender<u64>,
    jobs: Sender<Job>,
}

/// All that changes.
#[derive(Default)]
pub(crate) struct Open {
    pub(crate) captures: Vec<Capture>,
    pub(crate) table: Table,
    keys: Vec<Arc<Zeroizing<Vec<u8>>>>,
    /// Rises with new keys: what was read with fewer is outdated.
    pub(crate) generation: u64,
    filters: Filters,
    wholes: VecDeque<Arc<Whole>>,
    orders: VecDeque<Ordered>,
}

/// The rows that a question meant, as long as nothing changes.
struct Ordered {
    query: Query,
    /// Of the table and of the filter's answers.
    version: (u64, u64),
    places: Arc<Vec<u32>>,
}

/// A reading to come: which capture, and who waits for its end.
struct Job {
    capture: u16,
    ended: Option<oneshot::Sender<Result<(), String>>>,
}

/// The rows that a question means.
pub(crate) struct Meant {
    pub(crate) places: Arc<Vec<u32>>,
    /// How far the filter has come, while it looks.
    pub(crate) filtering: Option<Filtering>,
}

impl Library {
    pub(crate) fn new(reader: Box<dyn Reader>, limits: Limits) -> Arc<Self> {
        let (jobs, to_do) = mpsc::channel();
        let library =
            Arc::new(Self { reader, limits, open: Mutex::default(), pulse: watch::Sender::new(0), jobs });
        let weak = Arc::downgrade(&library);
        // Where the system gives no thread, nothing is read, and the page says that it waits.
        let _ = thread::Builder::new().name("reading".to_owned()).spawn(move || work(&weak, &to_do));
        library
    }

    pub(crate) fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Hears when something changes.
    pub(crate) fn pulse(&self) -> watch::Receiver<u64> {
        self.pulse.subscribe()
    }

    pub(crate) fn changed(&self) {
        self.pulse.send_modify(|pulse| *pulse = pulse.wrapping_add(1));
    }

    /// What is open, for as long as nobody else looks at it.
    pub(crate) fn look(&self) -> MutexGuard<'_, Open> {
        // Nothing is left half done where a thread panics: every change is one assignment or an insertion.
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads a capture in the background.
    pub(crate) fn open(&self, files: Vec<PathBuf>) {
        if let Some(capture) = self.add(Capture::files(files)) {
            let _ = self.jobs.send(Job { capture, ended: None });
        }
    }

    /// Reads an uploaded capture in the background. The answer comes when reading has ended.
    pub(crate) fn open_upload(&self, name: &str, file: TempPath) -> oneshot::Receiver<Result<(), String>> {
        let (sender, receiver) = oneshot::channel();
        match self.add(Capture::upload(name, file)) {
            Some(capture) => {
                let _ = self.jobs.send(Job { capture, ended: Some(sender) });
            }
            None => {
                let most = self.limits.captures;
                let _ =
                    sender.send(Err(format!("{most} captures are open already (start the program anew)")));
            }
        }
        receiver
    }

    /// Begins to show a source that runs.
    pub(crate) fn open_live(&self, name: &str, recording: PathBuf) -> Option<u16> {
        self.add(Capture::live(name, recording))
    }

    /// A source that runs has told a connection.
    pub(crate) fn told_live(&self, capture: u16, connection: &Connection, findings: &[Finding]) {
        let mut open = self.look();
        if self.put(&mut open, capture, connection, findings).is_some() {
            open.remember(Whole::of(capture, connection, findings), &self.limits);
        }
        drop(open);
        self.changed();
    }

    /// A source that ran has ended, or has something to say.
    pub(crate) fn with_capture(&self, capture: u16, change: impl FnOnce(&mut Capture)) {
        if let Some(capture) = self.look().captures.get_mut(usize::from(capture)) {
            change(capture);
        }
        self.changed();
    }

    /// More keys: everything is read again, and what they open, opens in place.
    pub(crate) fn add_keys(&self, text: &[u8]) {
        let mut open = self.look();
        open.keys.push(Arc::new(Zeroizing::new(text.to_vec())));
        open.generation += 1;
        open.filters.forget();
        open.wholes.clear();
        for (number, capture) in (0..).zip(&mut open.captures) {
            if capture.is_readable() {
                capture.waits();
                let _ = self.jobs.send(Job { capture: number, ended: None });
            }
        }
        drop(open);
        self.changed();
    }

    /// Bytes of keys that were given so far.
    pub(crate) fn bytes_of_keys(&self) -> usize {
        self.look().keys.iter().map(|keys| keys.len()).sum()
    }

    /// Nothing is read again: uploads are deleted, even those that somebody still reads.
    pub(crate) fn close(&self) {
        for capture in &mut self.look().captures {
            capture.delete();
        }
    }

    /// What the user said beside the captures.
    pub(crate) fn context(&self) -> Context {
        self.reader.context()
    }

    /// The rows that a question means. A filter that was not asked before begins to look.
    ///
    /// # Errors
    /// What is wrong with the filter.
    pub(crate) fn rows(self: &Arc<Self>, query: &Query) -> Result<Meant, FilterError> {
        let mut open = self.look();
        let Open { captures, table, filters, orders, .. } = &mut *open;
        let filtered = match query.filter.trim().is_empty() {
            true => None,
            false => Some(self.filtered(filters, captures, table.len(), &query.filter)?),
        };
        let version = (table.version(), filtered.map_or(0, |filtered| filtered.version()));
        let filtering = filtered.and_then(filters::Filtered::looking);
        if let Some(known) = orders.iter().find(|known| known.query == *query && known.version == version) {
            return Ok(Meant { places: Arc::clone(&known.places), filtering });
        }
        let places = Arc::new(table.order(query, filtered.map(filters::Filtered::passes)));
        orders.retain(|known| known.query != *query);
        orders.truncate(ORDERS - 1);
        orders.push_front(Ordered { query: query.clone(), version, places: Arc::clone(&places) });
        Ok(Meant { places, filtering })
    }

    fn add(&self, capture: Capture) -> Option<u16> {
        let mut open = self.look();
        if open.captures.len() >= self.limits.captures {
            return None;
        }
        let number = u16::try_from(open.captures.len()).ok()?;
        open.captures.push(capture);
        drop(open);
        self.changed();
        Some(number)
    }

    /// A row for a connection, and its place in what filters mean.
    fn put(
        &self,
        open: &mut Open,
        capture: u16,
        connection: &Connection,
        findings: &[Finding],
    ) -> Option<u32> {
        let place = open.table.put(capture, connection, findings, &self.limits)?;
        open.filters.arrived(place, connection, findings);
        Some(place)
    }

    /// What is needed to read a capture: its file, the keys, and their generation.
    fn material(&self, capture: u16) -> Option<Material> {
        let open = self.look();
        let file = open.captures.get(usize::from(capture))?.file_to_read()?;
        Some(Material { file, keys: open.keys.clone(), generation: open.generation })
    }

    /// Reads a capture from its beginning to its end, for its rows.
    fn read(self: &Arc<Self>, capture: u16) -> Result<(), String> {
        let Some(Material { file, keys, generation }) = self.material(capture) else { return Ok(()) };
        let hearer: Arc<dyn Hear> = Arc::new(RowHearer::new(Arc::clone(self), capture, generation));
        let files = file.paths();
        let reading = Reading { files: &files, keys: &keys, filter: None, from: None, keep_bytes: false };
        let result = self.reader.read(&reading, &hearer).map_err(|why| file.in_its_words(&why));
        let error = result.as_ref().err().cloned();
        // Of files that cannot be read the first is at fault.
        let mine = *result.as_ref().unwrap_or(&1);
        let mut others = None;
        self.with_capture(capture, |capture| {
            others = capture.keep_files(mine);
            capture.was_read(error);
        });
        if let Some(others) = others {
            self.open(others);
        }
        result.map(drop)
    }
}

/// What is needed to read a capture.
struct Material {
    file: Arc<capture::Stored>,
    keys: Vec<Arc<Zeroizing<Vec<u8>>>>,
    generation: u64,
}

impl Open {
    /// Forgets a capture and all that was read of it. Its number is not given again.
    fn discard(&mut self, capture: u16) {
        if let Some(capture) = self.captures.get_mut(usize::from(capture)) {
            capture.discard();
        }
        self.table.remove(capture);
        self.filters.forget();
        self.wholes.retain(|whole| whole.key.capture != capture);
    }

    /// Holds a connection whole, since it was looked at, or is likely to be.
    fn remember(&mut self, whole: Whole, limits: &Limits) -> Arc<Whole> {
        let whole = Arc::new(whole);
        self.wholes.retain(|known| known.key != whole.key);
        self.wholes.truncate(limits.connections.saturating_sub(1));
        self.wholes.push_front(Arc::clone(&whole));
        whole
    }
}

/// Reads one capture after the other, until the library is gone.
fn work(library: &Weak<Library>, to_do: &Receiver<Job>) {
    while let Ok(Job { capture, ended }) = to_do.recv() {
        let Some(library) = library.upgrade() else { return };
        let result = library.read(capture);
        let Some(ended) = ended else { continue };
        if result.is_err() {
            // An upload that is no capture leaves nothing behind but the reason.
            library.look().discard(capture);
            library.changed();
        }
        let _ = ended.send(result);
    }
}

impl std::fmt::Debug for Library {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Library").field("limits", &self.limits).finish_non_exhaustive()
    }
}
