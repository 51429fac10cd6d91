//! The table of connections: a row of each, and which rows a question means, in which order.

mod pool;
mod row;
mod order;
mod picture;

use std::collections::HashMap;

use mtlscope_diagnose::connection::Connection;
use mtlscope_diagnose::finding::Finding;
use serde::Serialize;

use crate::limits::Limits;
pub(crate) use order::Query;
pub(crate) use picture::Picture;
use pool::Pool;
pub(crate) use row::{Key, Row};

/// Every row, in the order in which the connections were told.
#[derive(Debug, Default)]
pub(crate) struct Table {
    rows: Vec<Row>,
    place: HashMap<Key, u32>,
    pool: Pool,
    /// Connections that found no room.
    let_go: u64,
    /// Rises with every change.
    version: u64,
}

/// A row as the page shows it.
#[derive(Serialize, Debug)]
pub(crate) struct Shown<'a> {
    key: Key,
    /// Nanoseconds since 1970: more than a number of JavaScript holds.
    start: String,
    client: String,
    server: String,
    name: &'a str,
    version: &'a str,
    asked: &'a str,
    answered: &'a str,
    outcome: &'a str,
    by: &'a str,
    rule: &'a str,
    finding: &'a str,
    severity: &'a str,
}

impl Table {
    /// Adds a connection, or tells it anew if it has a row. Gives its place, unless there is no room.
    pub(crate) fn put(
        &mut self,
        capture: u16,
        connection: &Connection,
        findings: &[Finding],
        limits: &Limits,
    ) -> Option<u32> {
        let row = Row::of(capture, connection, findings, &mut self.pool, limits.text);
        self.version += 1;
        if let Some(place) = self.place.get(&row.key) {
            if let Some(known) = self.rows.get_mut(*place as usize) {
                *known = row;
            }
            return Some(*place);
        }
        if self.rows.len() >= limits.rows {
            self.let_go += 1;
            return None;
        }
        let place = u32::try_from(self.rows.len()).ok()?;
        self.place.insert(row.key, place);
        self.rows.push(row);
        Some(place)
    }

    /// Forgets the rows of a capture.
    pub(crate) fn remove(&mut self, capture: u16) {
        self.rows.retain(|row| row.key.capture != capture);
        self.place = self.rows.iter().zip(0..).map(|(row, place)| (row.key, place)).collect();
        self.version += 1;
    }

    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    pub(crate) fn version(&self) -> u64 {
        self.version
    }

    pub(crate) fn let_go(&self) -> u64 {
        self.let_go
    }

    pub(crate) fn row(&self, key: Key) -> Option<&Row> {
        self.rows.get(self.place(key)? as usize)
    }

    /// The row of a connection that was read again: by its number, else by its ends and its beginning.
    pub(crate) fn find(&self, capture: u16, connection: &Connection) -> Option<Key> {
        let key = Key { capture, id: connection.id.0 };
        if self.row(key).is_some_and(|row| row.is(connection)) {
            return Some(key);
        }
        self.rows.iter().find(|row| row.key.capture == capture && row.is(connection)).map(|row| row.key)
    }

    pub(crate) fn place(&self, key: Key) -> Option<u32> {
        self.place.get(&key).copied()
    }

    /// The places that a question means, in its order. `passes`: what its filter means, where there is one.
    pub(crate) fn order(&self, query: &Query, passes: Option<&[bool]>) -> Vec<u32> {
        order::order(&self.rows, &self.pool, query, passes)
    }

    /// What is counted over these rows.
    pub(crate) fn picture(&self, places: &[u32], buckets: usize) -> Picture<'_> {
        picture::draw(places.iter().filter_map(|place| self.rows.get(*place as usize)), &self.pool, buckets)
    }

    /// A row as the page shows it.
    pub(crate) fn shown(&self, place: u32) -> Option<Shown<'_>> {
        let row = self.rows.get(place as usize)?;
        let text = |text| self.pool.text(text);
        Some(Shown {
            key: row.key,
            start: row.start.to_string(),
            client: row.client.to_string(),
            server: row.server.to_string(),
            name: text(row.name),
            version: text(row.version),
            asked: text(row.asked),
            answered: text(row.answered),
            outcome: text(row.outcome),
            by: text(row.by),
            rule: text(row.rule),
            finding: text(row.finding),
            severity: text(row.severity),
        })
    }
}
