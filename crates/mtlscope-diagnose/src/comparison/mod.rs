//! Two connections held against each other: where they part first, and what differs in what matters.
//!
//! ```text
//! Connection ─▶ rungs (what was said, and what it said) ┐
//!                                                        ├▶ alignment ─▶ differences ─▶ reason
//! Connection ─▶ rungs                                   ┘
//! ```
//!
//! What must differ from one connection to the next is left aside: randoms, key shares, session ids, times, numbers of
//! frames, signatures.

mod alignment;
mod aspect;
mod hello;
mod identity;
mod reason;
mod request;
mod rung;
#[cfg(test)]
mod tests;

use mtlscope_dissect::side::Side;

pub use aspect::{Aspect, Shown, Weight};
pub use rung::Rung;

use crate::connection::Connection;
use crate::finding::Finding;

/// A connection and what the rules say of it.
#[derive(Clone, Copy, Debug)]
pub struct Compared<'a> {
    /// The connection.
    pub connection: &'a Connection,
    /// What the rules say of it.
    pub findings: &'a [Finding],
}

/// What comes of comparing two connections. The first is taken for the good one, the second for the bad.
#[derive(Clone, Debug)]
pub struct Comparison {
    /// Both ladders, side by side, in order.
    pub rows: Vec<Row>,
    /// Where they part first: the place of that row. `None` where they do not part in anything that decides.
    pub parts_at: Option<usize>,
    /// What differs, the decisive first, then in the order in which it was said.
    pub differences: Vec<Difference>,
    /// The likely reason for the different outcome, in one or two sentences.
    pub reason: String,
}

/// One row of the two ladders.
#[derive(Clone, Debug)]
pub struct Row {
    /// What the good connection did here.
    pub good: Option<Rung>,
    /// What the bad one did.
    pub bad: Option<Rung>,
    /// What differs in it.
    pub differences: Vec<Difference>,
}

/// One thing that differs.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Difference {
    /// What it is part of: `ClientHello`, `CertificateRequest`, `outcome`.
    pub message: String,
    /// Who said it; `None` for what concerns both.
    pub side: Option<Side>,
    /// What it is: `server_name`, `cipher_suites`.
    pub name: &'static str,
    /// How much it matters.
    pub weight: Weight,
    /// What it is in the good connection.
    pub good: Shown,
    /// What it is in the bad one.
    pub bad: Shown,
}

impl Comparison {
    /// Whether anything differs that can decide how a handshake comes out.
    pub fn differs(&self) -> bool {
        self.parts_at.is_some() || self.differences.iter().any(|one| one.weight == Weight::Decisive)
    }
}

/// Holds two connections against each other.
pub fn compare(good: Compared<'_>, bad: Compared<'_>) -> Comparison {
    let pairs = alignment::align(rung::ladder(good.connection), rung::ladder(bad.connection));
    let rows: Vec<Row> = pairs.into_iter().map(row).collect();
    let parts_at = rows.iter().position(parts);
    let mut differences = identity::of_connections(good.connection, bad.connection);
    differences.extend(rows.iter().flat_map(|row| row.differences.iter().cloned()));
    differences.sort_by_key(|difference| std::cmp::Reverse(difference.weight));
    let first = parts_at.and_then(|place| rows.get(place));
    let reason = reason::likely(good, bad, first, &differences);
    Comparison { rows, parts_at, differences, reason }
}

/// Holds the two ClientHellos against each other, and nothing else: what two clients can do.
pub fn compare_clients(one: &Connection, other: &Connection) -> Vec<Difference> {
    of_first(one, other, "ClientHello")
}

/// Holds the two CertificateRequests against each other: what two servers ask for.
pub fn compare_servers(one: &Connection, other: &Connection) -> Vec<Difference> {
    of_first(one, other, "CertificateRequest")
}

/// Whether a connection shows the message that [`compare_clients`] or [`compare_servers`] need.
pub fn shows(connection: &Connection, message: &str) -> bool {
    rung::ladder(connection).iter().any(|rung| rung.name == message)
}

fn of_first(one: &Connection, other: &Connection, message: &str) -> Vec<Difference> {
    let first = |connection| rung::ladder(connection).into_iter().find(|rung| rung.name == message);
    match (first(one), first(other)) {
        (Some(one), Some(other)) => differences_between(&one, &other),
        _ => Vec::new(),
    }
}

fn row((good, bad): (Option<Rung>, Option<Rung>)) -> Row {
    let differences = match (&good, &bad) {
        (Some(good), Some(bad)) => differences_between(good, bad),
        _ => Vec::new(),
    };
    Row { good, bad, differences }
}

/// Whether the two part at this row in something that decides.
fn parts(row: &Row) -> bool {
    match (&row.good, &row.bad) {
        (Some(_), Some(_)) => row.differences.iter().any(|one| one.weight == Weight::Decisive),
        (Some(only), None) | (None, Some(only)) => only.matters,
        (None, None) => false,
    }
}

fn differences_between(good: &Rung, bad: &Rung) -> Vec<Difference> {
    let mut differences = Vec::new();
    for aspect in &good.aspects {
        // What only one of two such messages can have (the subject of a chain that is empty) differs in another aspect.
        let Some(other) = bad.aspects.iter().find(|other| other.name == aspect.name) else { continue };
        if !aspect.value.says_the_same_as(&other.value) {
            differences.push(Difference {
                message: good.name.clone(),
                side: Some(good.side),
                name: aspect.name,
                weight: aspect.weight,
                good: aspect.value.clone(),
                bad: other.value.clone(),
            });
        }
    }
    differences
}
