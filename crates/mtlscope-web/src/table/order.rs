//! Which rows are meant by a search and a filter, and in which order they stand: decided here, so that the browser never
//! holds more than the rows it shows.

use std::net::{IpAddr, SocketAddr};

use serde::Deserialize;

use super::pool::{Pool, Text};
use super::row::Row;

/// What is asked of the table.
#[derive(Deserialize, Clone, PartialEq, Eq, Default, Debug)]
#[serde(default)]
pub(crate) struct Query {
    /// Text that occurs in a row, whatever its case.
    pub(crate) search: String,
    /// In the language of Wireshark's display filters.
    pub(crate) filter: String,
    pub(crate) sort: Column,
    pub(crate) descending: bool,
}

/// What rows are sorted by.
#[derive(Deserialize, Clone, Copy, PartialEq, Eq, Default, Debug)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Column {
    #[default]
    Start,
    Client,
    Server,
    Name,
    Version,
    Asked,
    Answered,
    Outcome,
    Finding,
}

/// The places that are meant, in order.
pub(super) fn order(rows: &[Row], pool: &Pool, query: &Query, passes: Option<&[bool]>) -> Vec<u32> {
    let search = (!query.search.trim().is_empty()).then(|| Search::new(query.search.trim(), pool));
    let is_meant = |place: usize, row: &Row| {
        passes.is_none_or(|passes| passes.get(place).copied().unwrap_or_default())
            && search.as_ref().is_none_or(|search| search.finds(row))
    };
    let meant = (0..).zip(rows).filter(|(place, row)| is_meant(*place as usize, row));
    let ranks = if query.sort.is_text() { pool.ranks() } else { Vec::new() };
    let mut keyed: Vec<(u128, i64, u32)> =
        meant.map(|(place, row)| (query.sort.rank(row, &ranks), row.start, place)).collect();
    keyed.sort_unstable();
    if query.descending {
        keyed.reverse();
    }
    keyed.into_iter().map(|(_, _, place)| place).collect()
}

/// A text that is looked for.
struct Search {
    wanted: String,
    /// Whether each text of the pool has it.
    holding: Vec<bool>,
    /// Whether it may be part of an address.
    is_address: bool,
}

impl Search {
    fn new(wanted: &str, pool: &Pool) -> Self {
        let wanted = wanted.to_lowercase();
        Self {
            holding: pool.holding(&wanted),
            is_address: wanted.bytes().all(|byte| byte.is_ascii_hexdigit() || b".:[]".contains(&byte)),
            wanted,
        }
    }

    fn finds(&self, row: &Row) -> bool {
        let texts =
            [row.name, row.version, row.asked, row.answered, row.outcome, row.by, row.rule, row.finding];
        let holds = |text: Text| text.of(&self.holding);
        let is_at = |end: SocketAddr| end.to_string().contains(&self.wanted);
        texts.into_iter().any(holds) || self.is_address && (is_at(row.client) || is_at(row.server))
    }
}

impl Column {
    fn is_text(self) -> bool {
        !matches!(self, Self::Start | Self::Client | Self::Server)
    }

    /// What a row is sorted by; those of equal rank stand in the order of their times.
    fn rank(self, row: &Row, ranks: &[u32]) -> u128 {
        let text = |text: Text| u128::from(text.of(ranks));
        match self {
            Self::Start => 0,
            Self::Client => of_address(row.client),
            Self::Server => of_address(row.server),
            Self::Name => text(row.name),
            Self::Version => text(row.version),
            Self::Asked => text(row.asked),
            Self::Answered => text(row.answered),
            Self::Outcome => text(row.outcome) << 32 | text(row.by),
            // No finding stands behind all findings.
            Self::Finding if row.rule == Text::default() => u128::MAX,
            Self::Finding => text(row.severity) << 64 | text(row.rule) << 32 | text(row.finding),
        }
    }
}

/// By address, then by port. The lowest bits of an IPv6 address make room for the port: who sorts does not look at them.
fn of_address(end: SocketAddr) -> u128 {
    let address = match end.ip() {
        IpAddr::V4(address) => u128::from(address.to_bits()),
        IpAddr::V6(address) => address.to_bits().max(1 << 100),
    };
    match end {
        SocketAddr::V4(_) => address << 16 | u128::from(end.port()),
        SocketAddr::V6(_) => address & !0xffff | u128::from(end.port()),
    }
}
