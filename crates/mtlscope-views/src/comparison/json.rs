//! A comparison as one JSON object, `diff/v1`.

use std::io::{self, Write};

use mtlscope_diagnose::comparison::{Comparison, Difference, Row, Rung, Shown, Weight};
use mtlscope_dissect::evidence::FrameNumber;
use serde::Serialize;

use super::Named;
use crate::json::Safe;

/// Writes the object and a line end.
pub fn write(
    good: Named<'_>,
    bad: Named<'_>,
    comparison: &Comparison,
    out: &mut dyn Write,
) -> io::Result<()> {
    line(
        &Whole {
            schema: "diff/v1",
            good: End::of(good),
            bad: End::of(bad),
            differs: comparison.differs(),
            parts_at: comparison.parts_at,
            rows: Some(comparison.rows.iter().map(Both::of).collect()),
            differences: comparison.differences.iter().map(One::of).collect(),
            reason: Some(&comparison.reason),
        },
        out,
    )
}

/// Writes what differs in one message of each.
pub fn write_message(
    one: Named<'_>,
    other: Named<'_>,
    all: &[Difference],
    out: &mut dyn Write,
) -> io::Result<()> {
    line(
        &Whole {
            schema: "diff/v1",
            good: End::of(one),
            bad: End::of(other),
            differs: !all.is_empty(),
            parts_at: None,
            rows: None,
            differences: all.iter().map(One::of).collect(),
            reason: None,
        },
        out,
    )
}

fn line(whole: &Whole<'_>, out: &mut dyn Write) -> io::Result<()> {
    whole.serialize(&mut serde_json::Serializer::with_formatter(&mut *out, Safe))?;
    out.write_all(b"\n")
}

#[derive(Serialize)]
struct Whole<'a> {
    schema: &'static str,
    good: End<'a>,
    bad: End<'a>,
    differs: bool,
    parts_at: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rows: Option<Vec<Both<'a>>>,
    differences: Vec<One<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
}

#[derive(Serialize)]
struct End<'a> {
    source: &'a str,
    connection: u64,
    client: String,
    server: String,
}

impl<'a> End<'a> {
    fn of(named: Named<'a>) -> Self {
        Self {
            source: named.name,
            connection: named.connection.id.0,
            client: named.connection.client.to_string(),
            server: named.connection.server.to_string(),
        }
    }
}

#[derive(Serialize)]
struct Both<'a> {
    good: Option<Said<'a>>,
    bad: Option<Said<'a>>,
}

impl<'a> Both<'a> {
    fn of(row: &'a Row) -> Self {
        Self { good: row.good.as_ref().map(Said::of), bad: row.bad.as_ref().map(Said::of) }
    }
}

#[derive(Serialize)]
struct Said<'a> {
    by: String,
    name: &'a str,
    frame: Option<u64>,
}

impl<'a> Said<'a> {
    fn of(rung: &'a Rung) -> Self {
        Self { by: rung.side.to_string(), name: &rung.name, frame: rung.frame.map(FrameNumber::get) }
    }
}

#[derive(Serialize)]
struct One<'a> {
    message: &'a str,
    by: Option<String>,
    name: &'a str,
    decisive: bool,
    good: Values<'a>,
    bad: Values<'a>,
}

impl<'a> One<'a> {
    fn of(difference: &'a Difference) -> Self {
        Self {
            message: &difference.message,
            by: difference.side.map(|side| side.to_string()),
            name: difference.name,
            decisive: difference.weight == Weight::Decisive,
            good: Values::of(&difference.good),
            bad: Values::of(&difference.bad),
        }
    }
}

/// Seen with a value, not sent, or hidden: as in the `v1` of connections.
#[derive(Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
enum Values<'a> {
    Seen { values: Vec<&'a str> },
    NotSent,
    Hidden { reason: String },
}

impl<'a> Values<'a> {
    fn of(shown: &'a Shown) -> Self {
        match shown {
            Shown::One(_) | Shown::Several(_) => Self::Seen { values: shown.values() },
            Shown::Absent => Self::NotSent,
            Shown::Hidden(why) => Self::Hidden { reason: why.to_string() },
        }
    }
}
