//! Answers many filters and fields over many captures, each read once: what `mtlscope read -2 -Y` and `-T fields` say, for
//! the conformance suite, which cannot start a program for each.
//!
//! ```text
//! answers FILTERS FIELDS < CAPTURES
//! ```
//!
//! FILTERS and FIELDS have one a line. Each line of CAPTURES is a capture and, behind a tab, its key log. Each line that is
//! printed is a JSON object: `frames`, for each filter the frames that match; `values`, for each frame that the first filter
//! means its number and the values of each field, printed as tshark prints them.

use std::collections::{BTreeMap, HashSet};
use std::error::Error;
use std::io::{self, BufRead, Write};
use std::path::Path;

use mtlscope_dissect::{Dissector, Settings};
use mtlscope_sources::{CaptureFile, KeyLogFile, Source, decryption_secrets};
use mtlscope_views::fields::{Field, Occurrence, Wanted, registry};
use mtlscope_views::filter::Filter;
use mtlscope_views::packets::fields_table::printed;
use mtlscope_views::packets::{Frame, Frames, Known, Values};
use serde_json::json;

fn main() -> Result<(), Box<dyn Error>> {
    let lists: Vec<String> =
        std::env::args().skip(1).map(std::fs::read_to_string).collect::<Result<_, _>>()?;
    let [filters, fields] = &lists[..] else { return Err("answers FILTERS FIELDS < CAPTURES".into()) };
    let asked = Asked::new(filters, fields)?;
    for line in io::stdin().lock().lines() {
        let line = line?;
        let (capture, key_log) = line.split_once('\t').unwrap_or((&line, ""));
        let answer = asked.of(Path::new(capture), (!key_log.is_empty()).then_some(Path::new(key_log)))?;
        let mut out = io::stdout().lock();
        writeln!(out, "{answer}")?;
        out.flush()?;
    }
    Ok(())
}

struct Asked {
    filters: Vec<Filter>,
    fields: Vec<&'static Field>,
    wanted: Wanted,
}

impl Asked {
    fn new(filters: &str, fields: &str) -> Result<Self, String> {
        let compile = |text: &str| Filter::compile(text).map_err(|error| error.to_string());
        let find = |name: &str| registry::find(name).ok_or_else(|| format!("no field is called {name}"));
        let filters: Vec<Filter> = filters.lines().map(compile).collect::<Result<_, _>>()?;
        let fields: Vec<&'static Field> = fields.lines().map(find).collect::<Result<_, _>>()?;
        let of_filters = filters.iter().flat_map(|filter| filter.fields().iter().copied());
        let wanted: HashSet<&'static str> =
            of_filters.chain(fields.iter().copied()).map(|field| field.name).collect();
        Ok(Self { filters, fields, wanted: Wanted::Only(wanted) })
    }

    fn of(&self, capture: &Path, key_log: Option<&Path>) -> Result<serde_json::Value, Box<dyn Error>> {
        let mut known = Known::default();
        read(capture, key_log, |event| known.hear(event), |_| ())?;
        let mut values = Values::new(self.wanted.clone(), known);
        let mut frames: Vec<Vec<u64>> = vec![Vec::new(); self.filters.len()];
        let mut printed = BTreeMap::new();
        read(
            capture,
            key_log,
            |_| (),
            |frame| {
                let occurrences = values.of(frame);
                values.pass(&frame.packet, true);
                let number = frame.number().get();
                for (filter, frames) in self.filters.iter().zip(&mut frames) {
                    if filter.matches(&occurrences) {
                        frames.push(number);
                    }
                }
                if frames.first().is_some_and(|shown| shown.last() == Some(&number)) {
                    printed.insert(number, self.values(frame, &occurrences));
                }
            },
        )?;
        Ok(json!({ "frames": frames, "values": printed }))
    }

    fn values(&self, frame: &Frame, occurrences: &[Occurrence]) -> Vec<Vec<String>> {
        self.fields.iter().map(|field| printed(field, frame, occurrences)).collect()
    }
}

/// Reads a capture as the command does, and hands on its events and its frames.
fn read(
    capture: &Path,
    key_log: Option<&Path>,
    mut event: impl FnMut(&mtlscope_dissect::event::Event),
    mut frame: impl FnMut(&Frame),
) -> Result<(), Box<dyn Error>> {
    let mut dissector = Dissector::new(Settings { packets: true, keep_bytes: true, ..Settings::default() });
    let mut frames = Frames::default();
    // As in the command, what cannot be read is passed over: an empty key log, a cut capture.
    let key_log = key_log.and_then(|path| KeyLogFile::open(path).ok());
    let secrets = decryption_secrets(capture).ok();
    let sources = [
        key_log.map(|source| Box::new(source) as Box<dyn Source>),
        secrets.map(|source| Box::new(source) as Box<dyn Source>),
        Some(Box::new(CaptureFile::open(capture)?)),
    ];
    for mut source in sources.into_iter().flatten() {
        while let Ok(Some(input)) = source.next() {
            dissector.push(input);
            while let Some(told) = dissector.poll() {
                event(&told);
                frames.hear(told);
            }
            if let Some(whole) = frames.take() {
                frame(&whole);
            }
        }
    }
    Ok(())
}
