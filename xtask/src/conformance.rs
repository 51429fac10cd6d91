//! `cargo xtask conformance`: for every capture of `../shared/captures` and `../shared/lab`, the frames that each of many
//! filters means and the values of many fields, by Wireshark's `sharkd` and by us. A fixed sample goes through `tshark`
//! itself.

mod answers;
mod labels;
mod lists;
mod report;
mod sample;
mod sharkd;

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context, Result};

use crate::known_differences::KnownDifferences;
use crate::tally::Tally;
use crate::workspace::{Workspace, sorted_entries};
use answers::{Answer, Answers};
use labels::Labels;
use report::{Difference, Report};
use sharkd::{Sharkd, Shown};

/// What can be said to `cargo xtask conformance`.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Only captures whose name holds this.
    #[arg(long, value_name = "TEXT")]
    only: Option<String>,
    /// The example `answers`, instead of a release build of it.
    #[arg(long, value_name = "PATH")]
    bin: Option<PathBuf>,
    /// The program for the sample through tshark, instead of a release build of it.
    #[arg(long, value_name = "PATH")]
    mtlscope: Option<PathBuf>,
    /// Write every difference to this file, one a line.
    #[arg(long, value_name = "FILE")]
    differences: Option<PathBuf>,
}

pub(crate) fn run(workspace: &Workspace, arguments: Arguments) -> Result<bool> {
    let tally = compare_all(workspace, &arguments)?;
    println!("{tally}");
    Ok(tally.failed == 0)
}

/// The suite.
pub(crate) fn prove(workspace: &Workspace) -> Result<Tally> {
    compare_all(workspace, &Arguments { only: None, bin: None, mtlscope: None, differences: None })
}

/// How many captures are compared at a time.
const WORKERS: usize = 2;

/// A capture, with its key log if it has one.
struct Capture {
    /// What it is called in the table of known differences.
    name: String,
    path: PathBuf,
    key_log: Option<PathBuf>,
    length: u64,
}

fn compare_all(workspace: &Workspace, arguments: &Arguments) -> Result<Tally> {
    let known = KnownDifferences::read(include_str!("conformance/known_differences.tsv"))?;
    let (filters, fields) = (lists::filters(), lists::fields());
    let directory = workspace.target.join("conformance");
    let lists = [
        lists::write(&directory, "filters.txt", &filters)?,
        lists::write(&directory, "fields.txt", &fields)?,
    ];
    let program = answers::program(workspace, arguments.bin.as_deref())?;
    let labels = Labels::of_tshark()?;
    let mut captures = captures(workspace)?;
    if let Some(only) = &arguments.only {
        captures.retain(|capture| capture.name.contains(only.as_str()));
    }
    let report = Mutex::new(Report::new(&filters, &fields));
    let next = AtomicUsize::new(0);
    let work = || -> Result<()> {
        let mut ours = Answers::start(&program, &lists[0], &lists[1])?;
        let mut theirs = Sharkd::start()?;
        while let Some(capture) = captures.get(next.fetch_add(1, Ordering::Relaxed)) {
            let answer = ours.of(&capture.path, capture.key_log.as_deref())?;
            // One that breaks down under what it still holds of others may answer when it begins anew.
            let mut asked = ask(&mut theirs, capture, &filters, &fields);
            if asked.is_err() {
                theirs = Sharkd::start()?;
                asked = ask(&mut theirs, capture, &filters, &fields);
            }
            let found = match asked {
                Ok(found) => compare(&found, &answer, &filters, &fields, &labels),
                Err(why) => {
                    theirs = Sharkd::start()?;
                    let what = Difference { of: "-".to_owned(), what: "sharkd", said: format!("{why:#}") };
                    Found { pairs: Vec::new(), values: Vec::new(), differences: vec![what], left_out: 0 }
                }
            };
            if let Ok(mut report) = report.lock() {
                report.add(&capture.name, found);
                if let Some(path) = &arguments.differences {
                    // Each time anew, so that a run that is broken off leaves what it found.
                    std::fs::write(path, report.lines())
                        .with_context(|| format!("cannot write {}", path.display()))?;
                }
            }
        }
        Ok(())
    };
    std::thread::scope(|scope| -> Result<()> {
        let workers: Vec<_> = (0..WORKERS).map(|_| scope.spawn(work)).collect();
        for worker in workers {
            worker.join().map_err(|_| anyhow::anyhow!("a worker broke down"))??;
        }
        Ok(())
    })?;
    let mut report = report.into_inner().map_err(|_| anyhow::anyhow!("a worker broke down"))?;
    if arguments.only.is_none() {
        let program = workspace.program(arguments.mtlscope.as_deref())?;
        for (name, difference) in sample::compare_all(workspace, &program)? {
            report.add_sample(&name, difference);
        }
    }
    if let Some(path) = &arguments.differences {
        std::fs::write(path, report.lines()).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(report.judge(&known, arguments.only.is_none()))
}

/// Frames that are left out on both sides, and counted: those in which Wireshark finds TLS where we do not look for it yet;
/// those that it calls TLS by their port, without a record in them; and certificates outside TLS (OCSP over HTTP, Kerberos).
const NOT_COMPARED: &str = "quic or dtls or openvpn or eap or (tls and not tls.record) or \
                            ((x509af or x509sat or pkcs1.modulus or ocsp) and not tls)";

/// What sharkd says of a capture: the frames of each filter; those of the first with all values.
struct Theirs {
    frames: Vec<Vec<u64>>,
    values: Vec<Shown>,
    /// What is not compared.
    left_out: Vec<u64>,
}

fn ask(sharkd: &mut Sharkd, capture: &Capture, filters: &[String], fields: &[String]) -> Result<Theirs> {
    sharkd.load(&capture.path, capture.key_log.as_deref())?;
    let left_out = sharkd.frames(NOT_COMPARED, &[])?.iter().map(|frame| frame.number).collect();
    let mut theirs = Theirs { frames: Vec::new(), values: Vec::new(), left_out };
    for (place, filter) in filters.iter().enumerate() {
        let wanted = if place == 0 { fields } else { &[] };
        let shown = sharkd.frames(filter, wanted).with_context(|| format!("filter {filter}"))?;
        theirs.frames.push(shown.iter().map(|frame| frame.number).collect());
        if place == 0 {
            theirs.values = shown;
        }
    }
    Ok(theirs)
}

/// What a comparison found.
struct Found {
    /// Which filters matched something on either side.
    pairs: Vec<usize>,
    /// Which fields had a value on either side.
    values: Vec<usize>,
    differences: Vec<Difference>,
    /// How many frames were not compared.
    left_out: usize,
}

fn compare(theirs: &Theirs, ours: &Answer, filters: &[String], fields: &[String], labels: &Labels) -> Found {
    let left_out = theirs.left_out.len();
    let mut found = Found { pairs: Vec::new(), values: Vec::new(), differences: Vec::new(), left_out };
    for (place, filter) in filters.iter().enumerate() {
        let compared = |frames: &[u64]| -> Vec<u64> {
            frames.iter().filter(|frame| theirs.left_out.binary_search(frame).is_err()).copied().collect()
        };
        let (theirs, ours) = (&compared(&theirs.frames[place]), &compared(&ours.frames[place]));
        if theirs.is_empty() && ours.is_empty() {
            continue;
        }
        found.pairs.push(place);
        if theirs != ours {
            let only = |one: &[u64], other: &[u64]| -> Vec<u64> {
                one.iter().filter(|frame| other.binary_search(frame).is_err()).copied().take(8).collect()
            };
            let said = format!("only tshark {:?}, only we {:?}", only(theirs, ours), only(ours, theirs));
            found.differences.push(Difference { of: filter.clone(), what: "frames", said });
        }
    }
    for (place, field) in fields.iter().enumerate() {
        let mut has_value = false;
        let mut differs: Option<String> = None;
        for shown in
            theirs.values.iter().filter(|shown| theirs.left_out.binary_search(&shown.number).is_err())
        {
            let column = shown.columns.get(place).map_or("", String::as_str);
            let none = Vec::new();
            // A frame that only they mean is a difference of the filter.
            let Some(values) = ours.values.get(&shown.number) else { continue };
            let values = values.get(place).unwrap_or(&none);
            has_value |= !column.is_empty() || !values.is_empty();
            if differs.is_none() && !labels.says(field, column, values) {
                let cut = |text: &str| text.chars().take(120).collect::<String>();
                differs = Some(format!(
                    "frame {}: tshark {:?}, we {:?}",
                    shown.number,
                    cut(column),
                    cut(&values.join(","))
                ));
            }
        }
        if has_value {
            found.values.push(place);
        }
        if let Some(said) = differs {
            found.differences.push(Difference { of: field.clone(), what: "values", said });
        }
    }
    found
}

/// Every capture, the largest first, so that no worker ends long after the other.
fn captures(workspace: &Workspace) -> Result<Vec<Capture>> {
    let mut captures = Vec::new();
    let capture = |name: String, path: PathBuf, key_log: PathBuf| -> Result<Capture> {
        let length = std::fs::metadata(&path)?.len();
        Ok(Capture { name, path, key_log: Some(key_log).filter(|path| path.is_file()), length })
    };
    for path in sorted_entries(&workspace.shared.join("captures/files"))? {
        let name = name(&path);
        let beside = ["keylog", "pem", "decodeas"];
        if path.extension().is_some_and(|extension| beside.iter().any(|other| extension == *other)) {
            continue;
        }
        if is_network_monitor(&path)? {
            println!("left out: {name}, a Network Monitor file, which is not read yet");
            continue;
        }
        let key_log = path.with_file_name(format!("{name}.keylog"));
        captures.push(capture(name, path, key_log)?);
    }
    for folder in sorted_entries(&workspace.shared.join("lab/cases"))? {
        let files = ["capture.pcap", "capture.pcapng"].map(|file| folder.join(file));
        if let Some(path) = files.into_iter().find(|path| path.is_file()) {
            captures.push(capture(format!("lab/{}", name(&folder)), path, folder.join("keys.log"))?);
        }
    }
    captures.sort_by_key(|capture| std::cmp::Reverse(capture.length));
    Ok(captures)
}

/// Whether a file is one of Microsoft Network Monitor, by its first bytes.
fn is_network_monitor(path: &Path) -> Result<bool> {
    let mut magic = Vec::new();
    std::io::Read::read_to_end(&mut std::io::Read::take(std::fs::File::open(path)?, 4), &mut magic)?;
    Ok(magic == b"GMBU" || magic == b"RTSS")
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
