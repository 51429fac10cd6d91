//! A row: what the table shows of a connection, in some hundred bytes. Its words are those of the filter language and of the
//! JSON, taken from the same place.

use std::fmt;
use std::net::SocketAddr;
use std::str::FromStr;
use std::sync::OnceLock;

use mtlscope_diagnose::connection::Connection;
use mtlscope_diagnose::finding::Finding;
use mtlscope_dissect::event::ConnectionId;
use mtlscope_dissect::evidence::FrameNumber;
use mtlscope_views::fields::{Field, Value, connection, registry};
use serde::{Serialize, Serializer};

use super::pool::{Pool, Text};

/// Which connection: the capture, counted from 0, and the number in it. Written `0-17`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) struct Key {
    pub(crate) capture: u16,
    pub(crate) id: u64,
}

/// What the table holds of a connection.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) key: Key,
    /// Nanoseconds since 1970.
    pub(crate) start: i64,
    pub(crate) client: SocketAddr,
    pub(crate) server: SocketAddr,
    pub(crate) first_frame: Option<FrameNumber>,
    pub(super) name: Text,
    pub(super) version: Text,
    pub(super) asked: Text,
    pub(super) answered: Text,
    pub(super) outcome: Text,
    pub(super) by: Text,
    pub(super) rule: Text,
    pub(super) finding: Text,
    pub(super) severity: Text,
}

/// The fields that are columns.
struct Fields {
    name: &'static Field,
    version: &'static Field,
    asked: &'static Field,
    answered: &'static Field,
    outcome: &'static Field,
    by: &'static Field,
}

impl Row {
    pub(super) fn of(
        capture: u16,
        connection: &Connection,
        findings: &[Finding],
        pool: &mut Pool,
        most: usize,
    ) -> Self {
        let mut told = Vec::new();
        let mut first = |field: Option<&'static Field>| {
            let Some(field) = field else { return Text::default() };
            told.clear();
            connection::tell(field, connection, findings, &mut told);
            match told.first().map(|occurrence| &occurrence.value) {
                Some(Value::Text(text)) => pool.hold(text, most),
                _ => Text::default(),
            }
        };
        let fields = fields();
        let [name, version, asked, answered, outcome, by] = [
            first(fields.map(|fields| fields.name)),
            first(fields.map(|fields| fields.version)),
            first(fields.map(|fields| fields.asked)),
            first(fields.map(|fields| fields.answered)),
            first(fields.map(|fields| fields.outcome)),
            first(fields.map(|fields| fields.by)),
        ];
        // The worst; of equals, the one that is told first.
        let worst = findings.iter().rev().max_by_key(|finding| finding.severity);
        Self {
            key: Key { capture, id: connection.id.0 },
            start: connection.start.nanoseconds(),
            client: connection.client,
            server: connection.server,
            first_frame: connection.first_frame,
            name,
            version,
            asked,
            answered,
            outcome,
            by,
            rule: worst.map_or(Text::default(), |finding| pool.hold(finding.rule.id, most)),
            finding: worst.map_or(Text::default(), |finding| pool.hold(&finding.message, most)),
            severity: worst.map_or(Text::default(), |finding| pool.hold(&finding.severity.to_string(), most)),
        }
    }

    /// Whether this is the connection of the row, read again: from a later frame on it may have another number.
    pub(crate) fn is(&self, connection: &Connection) -> bool {
        let ends = (connection.client, connection.server) == (self.client, self.server);
        // What was told live has no frames; its recording has.
        let beginning = match self.first_frame {
            Some(_) => connection.first_frame == self.first_frame,
            None => connection.start.nanoseconds() == self.start,
        };
        ends && beginning
    }
}

/// Looked up once: there are thousands of fields.
fn fields() -> Option<&'static Fields> {
    static FIELDS: OnceLock<Option<Fields>> = OnceLock::new();
    let found = FIELDS.get_or_init(|| {
        Some(Fields {
            name: registry::find("server_name")?,
            version: registry::find("version")?,
            asked: registry::find("client_auth.requested")?,
            answered: registry::find("client_auth.answer")?,
            outcome: registry::find("outcome.result")?,
            by: registry::find("outcome.by")?,
        })
    });
    found.as_ref()
}

impl Key {
    /// The number of the connection in its capture.
    pub(crate) fn connection(self) -> ConnectionId {
        ConnectionId(self.id)
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.capture, self.id)
    }
}

impl FromStr for Key {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (capture, id) = text.split_once('-').ok_or(())?;
        Ok(Self { capture: capture.parse().map_err(drop)?, id: id.parse().map_err(drop)? })
    }
}

impl Serialize for Key {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Rows to try things on: numbered in the order in which they were told, which is not that of their times.
#[cfg(test)]
pub(super) fn rows() -> (Vec<Row>, Pool) {
    let mut pool = Pool::default();
    let mut row = |id, start, client: &str, name: &str, outcome: &str, rule: &str| {
        let mut hold = |text| pool.hold(text, 100);
        Row {
            key: Key { capture: 0, id },
            start,
            client: client.parse().unwrap(),
            server: "10.0.0.2:443".parse().unwrap(),
            first_frame: None,
            name: hold(name),
            version: hold("TLS 1.3"),
            asked: hold("yes"),
            answered: hold("certificate"),
            outcome: hold(outcome),
            by: hold(if outcome == "refused" { "server" } else { "" }),
            rule: hold(rule),
            finding: hold(""),
            severity: hold(if rule.is_empty() { "" } else { "error" }),
        }
    };
    let rows = vec![
        row(1, 20, "10.0.0.1:50000", "shop.example", "refused", "unknown-ca"),
        row(2, 10, "9.0.0.9:60000", "", "accepted", ""),
        row(3, 30, "10.0.0.1:50001", "Shop.example", "refused", "unknown-ca"),
        row(4, 40, "[2001:db8::1]:40000", "zoo.example", "accepted", ""),
    ];
    (rows, pool)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_read_as_it_is_written_and_nothing_else_is() {
        let key = Key { capture: 3, id: 17 };
        assert_eq!(key.to_string().parse(), Ok(key));
        for wrong in ["", "3", "-", "3-", "-17", "3-x", "70000-1", "../etc/passwd"] {
            assert_eq!(wrong.parse::<Key>(), Err(()), "{wrong}");
        }
    }

    #[test]
    fn every_column_is_a_field_of_the_filter_language() {
        assert!(fields().is_some());
    }
}
