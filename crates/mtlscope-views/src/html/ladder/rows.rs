//! The ladder as rows, before it is drawn or listed: each step with its words, and what stands between them.

use mtlscope_diagnose::connection::{Connection, HandshakeKind, Step, StepKind};
use mtlscope_diagnose::keyless::Line;
use mtlscope_dissect::event::TransportEnd;
use mtlscope_dissect::evidence::FrameNumber;
use mtlscope_dissect::side::Side;
use mtlscope_dissect::time::Timestamp;

use crate::html::Settings;
use crate::wording::step::{self as words, Tone};
use crate::wording::{self, verdict};

/// One row.
pub(super) enum Row {
    /// What one side said in clear before TLS.
    Before(StepRow),
    /// Something one side said or did.
    Step(StepRow),
    /// The frames are in another file from here on.
    File(String),
    /// A later handshake begins, or the talk before the first.
    Heading { handshake: usize, text: String },
    /// Why nothing more comes.
    End(String),
}

/// Something one side said or did; several sealed records in a row are one.
pub(super) struct StepRow {
    /// Its place among the connection's steps, and how many share the row; `None` before TLS.
    pub(super) steps: Option<(usize, usize)>,
    pub(super) handshake: usize,
    pub(super) side: Side,
    pub(super) frame: Option<FrameNumber>,
    pub(super) time: Timestamp,
    /// Milliseconds since the connection's start; a printout has none.
    pub(super) at: Option<String>,
    pub(super) name: String,
    pub(super) detail: String,
    pub(super) tone: Tone,
    /// Whether it travelled encrypted, opened or not.
    pub(super) encrypted: bool,
    /// The lengths of records that stay sealed.
    pub(super) sealed: Vec<u16>,
    /// What the lengths tell.
    pub(super) reading: Vec<String>,
    /// Whether only a comment in the capture says so.
    pub(super) attested: bool,
    /// Whether this is the refusal.
    pub(super) refuses: bool,
    /// Whether it is the end of a TCP stream.
    pub(super) ends: bool,
    /// Whether that end is a reset.
    pub(super) resets: bool,
    /// Whether the message's fields can be shown.
    pub(super) has_content: bool,
}

impl StepRow {
    /// Whether something is said in it, and not only done.
    pub(super) fn is_speech(&self) -> bool {
        !self.ends
    }

    /// Words for what is drawn: `client, frame 3, after 0.4 ms, encrypted: ..`.
    pub(super) fn label(&self) -> String {
        let mut label = self.side.to_string();
        if let Some(frame) = self.frame {
            label.push_str(&format!(", frame {frame}"));
        }
        if let Some(at) = &self.at {
            label.push_str(&format!(", at {at} ms"));
        }
        if self.attested {
            label.push_str(", as a comment in the capture says");
        } else if self.encrypted && self.sealed.is_empty() {
            label.push_str(", encrypted and opened");
        }
        label.push_str(": ");
        label.push_str(&self.name);
        if !self.detail.is_empty() {
            label.push_str(&format!(": {}", self.detail));
        }
        for reading in &self.reading {
            label.push_str(&format!(". By its size: {reading}"));
        }
        if self.refuses {
            label.push_str(". This is the refusal");
        }
        label
    }

    /// Classes that tell what it is.
    pub(super) fn class(&self) -> String {
        let mut class = format!("step {}", self.side);
        let tone = match self.tone {
            Tone::Plain => "plain",
            Tone::Faint => "faint",
            Tone::Strong => "strong",
            Tone::Identity => "identity",
            Tone::Good => "good",
            Tone::Bad => "bad",
        };
        let way = match (self.ends, self.sealed.is_empty(), self.encrypted) {
            (true, ..) => "end",
            (_, false, _) => "sealed",
            (_, _, true) => "opened",
            (_, _, false) => "clear",
        };
        class.push_str(&format!(" {tone} {way}"));
        if self.refuses {
            class.push_str(" refusal");
        }
        if self.attested {
            class.push_str(" attested");
        }
        if self.steps.is_none() {
            class.push_str(" before");
        }
        class
    }
}

impl Row {
    pub(super) fn step(&self) -> Option<&StepRow> {
        match self {
            Self::Step(step) | Self::Before(step) => Some(step),
            _ => None,
        }
    }
}

/// The rows of a connection.
pub(super) fn of(connection: &Connection, settings: &Settings) -> Vec<Row> {
    let mut rows = Vec::new();
    for preamble in &connection.preambles {
        rows.push(Row::Heading {
            handshake: 0,
            text: format!("Before TLS, in clear: {}", wording::preamble(preamble)),
        });
        for step in &preamble.steps {
            rows.push(Row::Before(StepRow {
                steps: None,
                handshake: 0,
                side: step.evidence.side,
                frame: step.evidence.frame,
                time: step.evidence.time,
                at: at(connection, step.evidence.time),
                name: step.text.clone(),
                detail: String::new(),
                tone: Tone::Plain,
                encrypted: false,
                sealed: Vec::new(),
                reading: Vec::new(),
                attested: false,
                refuses: false,
                ends: false,
                resets: false,
                has_content: false,
            }));
        }
    }
    let lines = Readings::of(connection);
    let refusal = verdict::refusing_step(connection);
    let mut section = 0;
    let mut file = connection.first_frame.map(FrameNumber::file);
    let mut steps = connection.steps.as_slice();
    let mut place = 0;
    while let Some((step, rest)) = steps.split_first() {
        if let Some(frame) = step.frame
            && file.replace(frame.file()) != Some(frame.file())
            && let Some(name) = settings.files.get(usize::from(frame.file()))
        {
            rows.push(Row::File(format!("frames of {name} from here on")));
        }
        if step.handshake != section {
            section = step.handshake;
            rows.extend(heading(connection, section));
        }
        let (run, rest) = steps.split_at(words::run(step, rest));
        rows.push(Row::Step(row(connection, place, run, refusal, &lines)));
        place += run.len();
        steps = rest;
    }
    if let Some(closed) = &connection.closed {
        rows.extend(words::end(connection, closed).into_iter().map(Row::End));
    }
    rows
}

fn heading(connection: &Connection, section: usize) -> Option<Row> {
    let handshake = connection.handshakes.get(section)?;
    let text = match handshake.kind {
        HandshakeKind::Initial => "Back in the first handshake",
        kind => wording::handshake_kind(kind),
    };
    Some(Row::Heading { handshake: section, text: text.to_owned() })
}

fn row(
    connection: &Connection,
    place: usize,
    run: &[Step],
    refusal: Option<usize>,
    readings: &Readings<'_>,
) -> StepRow {
    let step = &run[0];
    let sealed: Vec<u16> = run
        .iter()
        .filter_map(|step| match &step.kind {
            StepKind::Sealed(record) => Some(record.length),
            _ => None,
        })
        .collect();
    StepRow {
        steps: Some((place, run.len())),
        handshake: step.handshake,
        side: step.side,
        frame: step.frame,
        time: step.time,
        at: at(connection, step.time),
        name: words::name(step, run),
        detail: words::detail(step),
        tone: words::tone(step),
        encrypted: words::is_encrypted(step),
        reading: readings.behind(run),
        sealed,
        attested: words::is_attested(step),
        refuses: refusal.is_some_and(|refusal| (place..place + run.len()).contains(&refusal)),
        ends: matches!(step.kind, StepKind::TransportEnd(_)),
        resets: matches!(step.kind, StepKind::TransportEnd(TransportEnd::Reset)),
        has_content: matches!(&step.kind, StepKind::Message(message) if message.bytes.is_some()),
    }
}

fn at(connection: &Connection, time: Timestamp) -> Option<String> {
    match connection.printed {
        Some(_) => None,
        None => Some(wording::milliseconds(time - connection.start)),
    }
}

/// What lengths tell, each to be put below the record that ends it.
struct Readings<'a>(Vec<&'a Line>);

impl<'a> Readings<'a> {
    fn of(connection: &'a Connection) -> Self {
        let inferred = connection.handshakes.iter().filter_map(|handshake| handshake.inferred.as_deref());
        Self(inferred.flat_map(|inference| inference.lines()).collect())
    }

    /// What is told by records of which the last is among these: `69 = 52 Finished + 1 content type + 16 tag: ..`.
    fn behind(&self, run: &[Step]) -> Vec<String> {
        let ends_here = |line: &&&Line| {
            line.records.last().is_some_and(|last| {
                run.iter().any(|step| {
                    matches!(&step.kind, StepKind::Sealed(record) if record.length == last.bytes)
                        && step.side == last.side
                        && step.frame == last.frame
                })
            })
        };
        let mut readings: Vec<String> = Vec::new();
        for line in self.0.iter().filter(ends_here) {
            let text = sum(line);
            if !readings.contains(&text) {
                readings.push(text);
            }
        }
        readings
    }
}

/// The arithmetic without who and where, which its place says.
fn sum(line: &Line) -> String {
    let lengths: Vec<String> = line.records.iter().map(|length| length.bytes.to_string()).collect();
    let parts: Vec<String> = line.parts.iter().map(|part| format!("{} {}", part.bytes, part.what)).collect();
    match parts.is_empty() {
        true => line.so.to_owned(),
        false => format!("{} = {}: {}", lengths.join(" + "), parts.join(" + "), line.so),
    }
}
