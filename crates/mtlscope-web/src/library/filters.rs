//! What filters mean. Only the capture knows, so it is read again, in the background, and the rows come as they are found.
//! What a filter asks of whole connections is also answered when these arrive.

use std::collections::VecDeque;
use std::sync::Arc;
use std::thread;

use mtlscope_diagnose::connection::Connection;
use mtlscope_diagnose::finding::Finding;
use mtlscope_views::fields::connection;
use mtlscope_views::filter::{Candidate, FilterError, OverConnections};
use serde::Serialize;

use super::hearers::FilterHearer;
use super::{Capture, Library, Material};
use crate::reading::{Hear, Reading};

/// The filters that were asked last.
#[derive(Default)]
pub(super) struct Filters {
    asked: VecDeque<Filtered>,
    /// The number of the next.
    next: u64,
}

/// A filter, and the rows that it means as far as it has looked.
pub(super) struct Filtered {
    number: u64,
    filter: OverConnections,
    text: String,
    passes: Vec<bool>,
    /// Of each capture: how many rows there were in all when it was looked through.
    looked: Vec<Option<usize>>,
    /// The capture that is being looked through.
    looking: Option<Filtering>,
    version: u64,
}

/// How far a filter has come.
#[derive(Serialize, Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Filtering {
    read: u64,
    total: Option<u64>,
}

impl Filters {
    /// Nothing that was found is true any more.
    pub(super) fn forget(&mut self) {
        self.asked.clear();
    }

    /// A connection has got a row.
    pub(super) fn arrived(&mut self, place: u32, connection: &Connection, findings: &[Finding]) {
        for filtered in &mut self.asked {
            filtered.arrived(place, connection, findings);
        }
    }

    pub(super) fn find(&mut self, number: u64) -> Option<&mut Filtered> {
        self.asked.iter_mut().find(|filtered| filtered.number == number)
    }
}

impl Filtered {
    /// Rises with every answer.
    pub(super) fn version(&self) -> u64 {
        // No two filters share one.
        self.number << 40 | self.version
    }

    pub(super) fn passes(&self) -> &[bool] {
        &self.passes
    }

    pub(super) fn looking(&self) -> Option<Filtering> {
        self.looking
    }

    pub(super) fn reached(&mut self, read: u64, total: Option<u64>) {
        self.looking = Some(Filtering { read, total });
    }

    /// The filter means, or does not mean, the row at this place.
    pub(super) fn answer(&mut self, place: u32, passes: bool) {
        let place = place as usize;
        if self.passes.len() <= place {
            self.passes.resize(place + 1, false);
        }
        if let Some(known) = self.passes.get_mut(place)
            && *known != passes
        {
            *known = passes;
            self.version += 1;
        }
    }

    fn arrived(&mut self, place: u32, connection: &Connection, findings: &[Finding]) {
        let filter = self.filter.filter();
        if filter.needs_frames() {
            return;
        }
        let mut occurrences = Vec::new();
        for field in filter.connection_fields() {
            connection::tell(field, connection, findings, &mut occurrences);
        }
        let passes = self.filter.matches(&Candidate::default(), &occurrences);
        self.answer(place, passes);
    }

    /// The next capture to look through, if any is left.
    fn next(&self, open: &[Capture], rows: usize) -> Option<u16> {
        (0..).zip(open).find_map(|(number, capture)| {
            let looked = self.looked.get(usize::from(number)).copied().flatten();
            // What arrives while a source runs is answered at once, unless the filter asks about frames.
            let goes_on = capture.is_live() && self.filter.filter().needs_frames();
            let is_due = looked.is_none_or(|before| goes_on && before < rows);
            (capture.is_told() && is_due).then_some(number)
        })
    }
}

impl Library {
    /// The filter with what it means so far; it looks on in the background while something is left to look through.
    pub(super) fn filtered<'o>(
        self: &Arc<Self>,
        filters: &'o mut Filters,
        captures: &[Capture],
        rows: usize,
        text: &str,
    ) -> Result<&'o Filtered, FilterError> {
        let place = match filters.asked.iter().position(|filtered| filtered.text == text) {
            Some(place) => place,
            None => {
                let filter = OverConnections::compile(text)?;
                filters.next += 1;
                filters.asked.truncate(self.limits.filters.saturating_sub(1));
                filters.asked.push_front(Filtered {
                    number: filters.next,
                    filter,
                    text: text.to_owned(),
                    passes: Vec::new(),
                    looked: Vec::new(),
                    looking: None,
                    version: 0,
                });
                0
            }
        };
        // The place was found, or made, above.
        let filtered = &mut filters.asked[place];
        if filtered.looking.is_none() && filtered.next(captures, rows).is_some() {
            filtered.looking = Some(Filtering::default());
            let (library, number) = (Arc::clone(self), filtered.number);
            let looks =
                thread::Builder::new().name("filter".to_owned()).spawn(move || library.look_through(number));
            if looks.is_err() {
                filtered.looking = None;
            }
        }
        Ok(filtered)
    }

    /// Looks through every capture that is left for a filter.
    fn look_through(self: &Arc<Self>, number: u64) {
        while let Some((capture, text)) = self.next_to_look_through(number) {
            let Some(Material { file, keys, .. }) = self.material(capture) else { return };
            let hearer: Arc<dyn Hear> = Arc::new(FilterHearer::new(Arc::clone(self), capture, number));
            let files = file.paths();
            let reading =
                Reading { files: &files, keys: &keys, filter: Some(&text), from: None, keep_bytes: false };
            // What cannot be read was said when the rows were.
            let _ = self.reader.read(&reading, &hearer);
            self.changed();
        }
        self.changed();
    }

    /// The next capture for a filter, which counts as looked through from here on; else the filter rests.
    fn next_to_look_through(&self, number: u64) -> Option<(u16, String)> {
        let mut open = self.look();
        let open = &mut *open;
        let rows = open.table.len();
        let filtered = open.filters.find(number)?;
        let Some(capture) = filtered.next(&open.captures, rows) else {
            filtered.looking = None;
            return None;
        };
        filtered.looked.resize(open.captures.len(), None);
        if let Some(looked) = filtered.looked.get_mut(usize::from(capture)) {
            *looked = Some(rows);
        }
        Some((capture, filtered.text.clone()))
    }
}
