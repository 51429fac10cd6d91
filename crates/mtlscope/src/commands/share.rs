//! `mtlscope share`: a capture that a stranger may have. Read twice: first to know what is in it, then to copy what may leave.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use mtlscope_diagnose::connection::{Connection, Verdict};
use mtlscope_diagnose::finding::{Finding, Severity};
use mtlscope_diagnose::sharing::{Notes, Plans, Policy, Pseudonyms, Unfalsifiable};
use mtlscope_dissect::event::{Event, EventKind};
use mtlscope_dissect::evidence::FrameNumber;
use mtlscope_dissect::input::Input;
use mtlscope_dissect::notice::Notice;
use mtlscope_dissect::packet::Packet;
use mtlscope_dissect::testimony::{Line, Statement};
use mtlscope_dissect::{Dissector, Settings};
use mtlscope_sources::capture_writer::Kept;
use mtlscope_sources::{CaptureFile, CaptureWriter, Source, decryption_secrets};
use mtlscope_views::View;
use mtlscope_views::printable::printable;
use mtlscope_views::sharing::{self as view, Shared, Sharing};
use mtlscope_views::wording::count;

use super::written;
use crate::cli;
use crate::connection_filter::ConnectionFilter;
use crate::console::Console;
use crate::exit::Exit;
use crate::key_logs::KeyLogs;
use crate::pipeline::{Interrupted, Pipeline};
use crate::seams::{self, Given};
use crate::showing::{Showing, Stop};

pub(crate) fn run(typed: &cli::Share, console: &mut Console<'_>) -> Exit {
    match share(typed, console) {
        Ok(sharing) => {
            let settings = typed.appearance.settings(console);
            let result = view::write(&sharing.shown(typed), &settings, console.out);
            written(result, console)
        }
        Err(what) => {
            console.complain(&what);
            Exit::CouldNotLook
        }
    }
}

/// What was shared.
struct Done {
    policy: Policy,
    all: usize,
    connections: Vec<Connection>,
    plans: Plans,
    copied: Copied,
}

/// Does it. The error is a sentence.
fn share(typed: &cli::Share, console: &mut Console<'_>) -> Result<Done, String> {
    let captures = Captures::of(typed)?;
    let policy = Policy {
        with_master_secrets: typed.with_master_secrets,
        hides_identities: typed.hide_identities,
        pseudonymises: typed.pseudonymise,
    };
    let (key_logs, errors) = KeyLogs::given(&typed.keys, &typed.passphrase, &[]);
    if let Some(error) = errors.into_iter().next() {
        return Err(error);
    }
    let chosen = choose(&captures, typed, policy, &key_logs, console)?;
    if chosen.connections.is_empty() {
        return Err(none_chosen(&captures, chosen.all, typed.failed));
    }
    for connection in &chosen.connections {
        if let Some(why) = policy.refuses(connection) {
            return Err(format!(
                "connection {} cannot be shared with --hide-identities: {why}; leave it out with -Y or CAPTURE#N, or share it \
                 without the option",
                connection.id.0
            ));
        }
    }
    let Choosing { notes, connections, all, .. } = chosen;
    let plans = notes.into_plans();
    let copied = copy(&captures, typed, &plans)?;
    Ok(Done { policy, all, connections, plans, copied })
}

/// The files that are shared: one, or the pieces of a capture that was rotated, in their order.
struct Captures {
    files: Vec<Given>,
    /// The only connection that is meant.
    number: Option<u64>,
}

impl Captures {
    fn of(typed: &cli::Share) -> Result<Self, String> {
        let operands: Vec<_> = typed.captures.iter().map(|text| operand(text)).collect();
        let number = match operands.as_slice() {
            [(_, number)] => *number,
            several if several.iter().all(|(_, number)| number.is_none()) => None,
            _ => {
                return Err(
                    "a connection is numbered in one capture (of several files choose with -Y)".to_owned()
                );
            }
        };
        let paths: Vec<&Path> = operands.iter().map(|(path, _)| path.as_path()).collect();
        for path in &paths {
            if path.as_os_str() == super::read::STANDARD_INPUT {
                return Err("cannot share standard input: the capture is read twice (save it first: `cat > trace.pcapng`)"
                    .to_owned());
            }
            CaptureWriter::check(&typed.output, path).map_err(|error| error.to_string())?;
        }
        Ok(Self { files: seams::in_order(&paths), number })
    }

    fn first(&self) -> &Path {
        self.files.first().map_or(Path::new(""), |given| &given.path)
    }

    /// As messages name them.
    fn name(&self) -> String {
        let first = self.first().to_string_lossy();
        match self.files.len() {
            1 => printable(&first).into_owned(),
            several => format!("{} and {}", printable(&first), count(several - 1, "more file", "more files")),
        }
    }

    /// Each opened, as one of several that are read as one.
    fn open(&self) -> impl Iterator<Item = Result<(&Given, CaptureFile), String>> {
        (0..=u16::MAX).zip(&self.files).map(|(number, given)| {
            let capture = CaptureFile::open(&given.path).map_err(|error| error.to_string())?;
            Ok((given, capture.as_file(number)))
        })
    }
}

fn operand(text: &str) -> (PathBuf, Option<u64>) {
    // A file may have a `#` in its name: where it is there, it is meant.
    let numbered = text.rsplit_once('#').filter(|_| !Path::new(text).exists());
    match numbered.and_then(|(file, number)| Some((file, number.parse().ok()?))) {
        Some((file, number)) => (file.into(), Some(number)),
        None => (text.into(), None),
    }
}

fn none_chosen(captures: &Captures, all: usize, failed: bool) -> String {
    let capture = captures.name();
    match (all, captures.number) {
        (0, _) => format!(
            "{capture}: no TLS connection was found, or the filter leaves none; `mtlscope read` lists what there is, and nothing was \
             written"
        ),
        (_, Some(number)) => {
            format!(
                "{capture}: there is no connection {number}; `mtlscope read` lists them, and nothing was written"
            )
        }
        _ if failed => format!("{capture}: none of its {all} connections failed, and nothing was written"),
        _ => format!("{capture}: nothing of its connections can be shared, and nothing was written"),
    }
}

/// Reads the capture, and plans what stays of each connection that is meant.
fn choose(
    captures: &Captures,
    typed: &cli::Share,
    policy: Policy,
    key_logs: &KeyLogs,
    console: &mut Console<'_>,
) -> Result<Choosing, String> {
    let filter = typed.filter.as_deref().map(ConnectionFilter::compile).transpose();
    let filter = filter.map_err(|error| error.to_string())?;
    let choosing = Rc::new(RefCell::new(Choosing {
        notes: Notes::new(policy),
        number: captures.number,
        failed: typed.failed,
        connections: Vec::new(),
        all: 0,
    }));
    let view = Box::new(Overhearing(Rc::clone(&choosing)));
    let mut showing = Showing { shows_notices: false, filter, ..Showing::new(console.lend(), view) };
    let settings = Settings { keep_bytes: true, packets: true, session_keys: true, ..Settings::default() };
    let mut pipeline = Pipeline::new(settings, true, &mut showing);
    let fed = feed(captures, key_logs, &mut pipeline).and_then(|()| pipeline.finish().map_err(in_words));
    drop(showing);
    if let Err(Some(error)) = fed {
        return Err(error);
    }
    match Rc::try_unwrap(choosing) {
        Ok(choosing) => Ok(choosing.into_inner()),
        Err(_) => Err("the capture could not be read to its end".to_owned()),
    }
}

/// All keys, then all packets. The error is a sentence, or none where nothing went wrong.
fn feed(
    captures: &Captures,
    key_logs: &KeyLogs,
    pipeline: &mut Pipeline<'_, '_>,
) -> Result<(), Option<String>> {
    let first = captures.first();
    pipeline.showing().input(&first.to_string_lossy()).map_err(|stop| in_words(stop.into()))?;
    key_logs.pour(pipeline).map_err(in_words)?;
    for opened in captures.open() {
        let (given, capture) = opened?;
        if capture.may_hold_secrets() {
            let mut secrets = decryption_secrets(&given.path).map_err(|error| error.to_string())?;
            pipeline.feed(&mut secrets).map_err(in_words)?;
        }
    }
    let mut series = None;
    for opened in captures.open() {
        let (given, mut capture) = opened?;
        if !series.is_none_or(|series| given.goes_on_from(series, pipeline.last_frame())) {
            return Err(Some(format!(
                "{} does not go on where the one before it ended, so they are no capture that was rotated (share them one by one)",
                printable(&given.path.to_string_lossy())
            )));
        }
        series.get_or_insert(given.series());
        pipeline.feed(&mut capture).map_err(in_words)?;
    }
    Ok(())
}

fn in_words(interrupted: Interrupted) -> Option<String> {
    match interrupted {
        Interrupted::Showing(Stop::Enough | Stop::ClosedPipe) => None,
        Interrupted::Showing(Stop::Output(error)) => Some(error.to_string()),
        Interrupted::Source(error) => Some(error.to_string()),
    }
}

/// Which connections are meant, and what was planned of them.
struct Choosing {
    notes: Notes,
    number: Option<u64>,
    failed: bool,
    connections: Vec<Connection>,
    /// How many there are that the filter means.
    all: usize,
}

impl Choosing {
    fn means(&self, connection: &Connection, findings: &[Finding]) -> bool {
        let has_failed = !matches!(connection.outcome.verdict, Verdict::Accepted | Verdict::Unknown)
            || findings.iter().any(|finding| finding.severity == Severity::Error);
        self.number.is_none_or(|number| connection.id.0 == number) && (!self.failed || has_failed)
    }
}

/// Shows nothing, and notes what is told.
struct Overhearing(Rc<RefCell<Choosing>>);

impl View for Overhearing {
    fn file(&mut self, _: &str, _: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }

    fn event(&mut self, event: &Event, _: &mut dyn Write) -> io::Result<()> {
        self.0.borrow_mut().notes.hear(event);
        Ok(())
    }

    fn connection(
        &mut self,
        connection: &Connection,
        findings: &[Finding],
        _: &mut dyn Write,
    ) -> io::Result<()> {
        let mut choosing = self.0.borrow_mut();
        choosing.all += 1;
        if !choosing.means(connection, findings) {
            choosing.notes.forget(connection.id);
        } else if choosing.notes.plan(connection) {
            choosing.connections.push(connection.clone());
        }
        Ok(())
    }

    fn notice(&mut self, _: &Notice, _: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }
}

/// What was copied.
#[derive(Default)]
struct Copied {
    /// Frames of the capture.
    seen: u64,
    written: u64,
    /// By plan: frames written, and bytes of what the connection carried that were left out.
    of_plans: Vec<(u64, u64)>,
    /// The numbers in what was written of frames that have testimony.
    numbers: BTreeMap<FrameNumber, u64>,
    notices: Vec<String>,
}

/// Reads the capture again, and writes what stays.
fn copy(captures: &Captures, typed: &cli::Share, plans: &Plans) -> Result<Copied, String> {
    let mut writer =
        CaptureWriter::create(&typed.output, captures.first()).map_err(|error| error.to_string())?;
    let mut copied = Copied { of_plans: vec![(0, 0); plans.all().len()], ..Copied::default() };
    let secrets: usize = plans.all().iter().flat_map(|plan| plan.secrets()).map(|line| line.len() + 1).sum();
    let mut lines = zeroize::Zeroizing::new(String::with_capacity(secrets));
    for line in plans.all().iter().flat_map(|plan| plan.secrets()) {
        lines.push_str(line);
        lines.push('\n');
    }
    writer.secrets(lines.as_bytes()).map_err(|error| error.to_string())?;
    // The same frames in the same order lie in the same places of the same streams.
    let mut dissector = Dissector::new(Settings { packets: true, ..Settings::default() });
    let mut pseudonyms = typed.pseudonymise.then(Pseudonyms::default);
    for opened in captures.open() {
        let (_, mut capture) = opened?;
        let mut comment = String::new();
        while let Some(input) = capture.next().map_err(|error| error.to_string())? {
            match input {
                Input::Frame(_) => {
                    copied.seen += 1;
                    dissector.push(input);
                    let packet = packet(&mut dissector);
                    let own = std::mem::take(&mut comment);
                    let Some(packet) = packet else { continue };
                    let Some((plan, cut)) = plans.cut(&packet) else { continue };
                    let mut bytes = packet.bytes.get(..cut.length).unwrap_or(&packet.bytes).to_vec();
                    if let Some(pseudonyms) = &mut pseudonyms {
                        pseudonyms.falsify(&packet, &mut bytes, &cut.tcp).map_err(|Unfalsifiable(name)| {
                        // What was written so far would be taken for all of it.
                        let _ = std::fs::remove_file(&typed.output);
                        format!(
                            "frame {} has a header ({name}) in which addresses may stand that cannot be replaced: leave its \
                             connection out, or share without --pseudonymise; nothing was written",
                            packet.number
                        )
                    })?;
                    }
                    copied.written += 1;
                    if let Some((frames, left_out)) = copied.of_plans.get_mut(plan) {
                        *frames += 1;
                        *left_out += cut.left_out as u64;
                    }
                    if plans.all().get(plan).is_some_and(|plan| plan.testimony.contains_key(&packet.number)) {
                        copied.numbers.insert(packet.number, copied.written);
                    }
                    let comment = match own.is_empty() {
                        true => cut.comment,
                        false => [own, cut.comment].join("\n").trim().to_owned(),
                    };
                    let kept = Kept {
                        time: packet.time,
                        link_type: packet.link_type,
                        wire_length: packet.wire_length,
                        bytes: &bytes,
                        comment: &comment,
                    };
                    writer.packet(&kept).map_err(|error| error.to_string())?;
                }
                Input::Comment(text) if typed.keep_comments => comment = without_testimony(text),
                Input::Notice(text) => copied.notices.push(text.to_owned()),
                _ => {}
            }
        }
    }
    writer.finish().map_err(|error| error.to_string())?;
    Ok(copied)
}

/// The packet that was just pushed.
fn packet(dissector: &mut Dissector) -> Option<Box<Packet>> {
    let mut found = None;
    while let Some(event) = dissector.poll() {
        if let EventKind::Packet(packet) = event.kind {
            found = Some(packet);
        }
    }
    found
}

/// What is told anew is not told twice.
fn without_testimony(comment: &str) -> String {
    let is_kept =
        |line: &&str| Line::parse(line).is_none_or(|line| matches!(line.statement, Statement::Words(_)));
    comment.lines().filter(is_kept).collect::<Vec<&str>>().join("\n")
}

impl Done {
    fn shown<'a>(&'a self, typed: &'a cli::Share) -> Sharing<'a> {
        let shared = self.plans.all().iter().zip(&self.copied.of_plans).filter_map(|(plan, counts)| {
            let connection = self.connections.iter().find(|connection| connection.id == plan.id)?;
            Some(Shared { connection, plan, frames: counts.0, left_out: counts.1 })
        });
        Sharing {
            output: typed.output.to_string_lossy(),
            policy: self.policy,
            keeps_comments: typed.keep_comments,
            shared: shared.collect(),
            connections: self.all,
            frames: (self.copied.written, self.copied.seen),
            numbers: &self.copied.numbers,
            notices: &self.copied.notices,
        }
    }
}
