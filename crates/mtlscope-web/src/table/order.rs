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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::row::rows;

    fn keys(rows: &[Row], pool: &Pool, query: &Query, passes: Option<&[bool]>) -> Vec<u64> {
        let places = order(rows, pool, query, passes);
        places.into_iter().map(|place| rows[place as usize].key.id).collect()
    }

    #[test]
    fn rows_stand_in_the_order_asked_for_and_in_that_of_time_where_they_are_alike() {
        let (rows, pool) = rows();
        let sorted =
            |sort, descending| keys(&rows, &pool, &Query { sort, descending, ..Query::default() }, None);
        assert_eq!(sorted(Column::Start, false), [2, 1, 3, 4]);
        assert_eq!(sorted(Column::Start, true), [4, 3, 1, 2]);
        // 9.0.0.9 before 10.0.0.1, then by port, IPv6 last.
        assert_eq!(sorted(Column::Client, false), [2, 1, 3, 4]);
        assert_eq!(sorted(Column::Name, false), [2, 1, 3, 4]);
        assert_eq!(sorted(Column::Outcome, false), [2, 4, 1, 3]);
        // Whatever has no finding comes last.
        assert_eq!(sorted(Column::Finding, false), [1, 3, 2, 4]);
    }

    #[test]
    fn a_search_finds_text_and_addresses_whatever_the_case() {
        let (rows, pool) = rows();
        let found =
            |search: &str| keys(&rows, &pool, &Query { search: search.to_owned(), ..Query::default() }, None);
        assert_eq!(found("SHOP"), [1, 3]);
        assert_eq!(found("unknown-ca"), [1, 3]);
        assert_eq!(found("9.0.0.9"), [2]);
        assert_eq!(found("[2001:db8::1]"), [4]);
        assert_eq!(found("  "), [2, 1, 3, 4]);
        assert_eq!(found("no such text"), [0; 0]);
    }

    #[test]
    fn a_filter_leaves_what_it_means_and_nothing_that_it_has_not_seen() {
        let (rows, pool) = rows();
        assert_eq!(keys(&rows, &pool, &Query::default(), Some(&[true, false, true])), [1, 3]);
    }
}
