//! The picture over the table: how many connections came out how, and for which causes, over time.

use std::collections::HashMap;

use serde::Serialize;

use super::pool::{Pool, Text};
use super::row::Row;

/// Causes that have a colour of their own; the others are counted together.
const CAUSES: usize = 6;

/// Counts over time, in slices of equal length.
#[derive(Serialize, PartialEq, Eq, Debug)]
pub(crate) struct Picture<'a> {
    /// When the first connection began, in nanoseconds since 1970.
    first: String,
    /// And the last.
    last: String,
    rows: usize,
    outcomes: Vec<Series<'a>>,
    /// The most frequent first; those without a finding are not counted.
    causes: Vec<Series<'a>>,
}

/// How often something came, in each slice of time.
#[derive(Serialize, PartialEq, Eq, Debug)]
struct Series<'a> {
    what: &'a str,
    total: u32,
    over_time: Vec<u32>,
}

/// Outcomes in the order in which they are stacked: good news at the bottom.
const OUTCOMES: [&str; 4] = ["accepted", "refused", "incomplete", "unknown"];

pub(super) fn draw<'p, 'r>(
    rows: impl Iterator<Item = &'r Row> + Clone,
    pool: &'p Pool,
    slices: usize,
) -> Picture<'p> {
    let slices = slices.clamp(1, 400);
    let starts = rows.clone().map(|row| row.start);
    let (first, last) = (starts.clone().min().unwrap_or_default(), starts.max().unwrap_or_default());
    let span = i128::from(last) - i128::from(first) + 1;
    let slice = |row: &Row| {
        let since = i128::from(row.start) - i128::from(first);
        usize::try_from(since * slices as i128 / span).unwrap_or_default().min(slices - 1)
    };
    let mut by_outcome: HashMap<Text, Vec<u32>> = HashMap::new();
    let mut by_cause: HashMap<Text, Vec<u32>> = HashMap::new();
    let mut count = 0;
    for row in rows {
        count += 1;
        let place = slice(row);
        for (counts, what) in [(&mut by_outcome, row.outcome), (&mut by_cause, row.rule)] {
            if let Some(counted) = counts.entry(what).or_insert_with(|| vec![0; slices]).get_mut(place) {
                *counted += 1;
            }
        }
    }
    by_cause.remove(&Text::default());
    let mut outcomes = series(by_outcome, pool);
    outcomes.sort_by_key(|series| OUTCOMES.iter().position(|known| *known == series.what));
    let mut causes = series(by_cause, pool);
    causes.sort_by(|one, other| (other.total, one.what).cmp(&(one.total, other.what)));
    if causes.len() > CAUSES + 1 {
        let others = causes.split_off(CAUSES);
        let sum = |place: usize| others.iter().filter_map(|series| series.over_time.get(place)).sum();
        let over_time = (0..slices).map(sum).collect();
        let total = others.iter().map(|series| series.total).sum();
        causes.push(Series { what: "other causes", total, over_time });
    }
    Picture { first: first.to_string(), last: last.to_string(), rows: count, outcomes, causes }
}

fn series(counts: HashMap<Text, Vec<u32>>, pool: &Pool) -> Vec<Series<'_>> {
    counts
        .into_iter()
        .map(|(what, over_time)| Series { what: pool.text(what), total: over_time.iter().sum(), over_time })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::row::rows;

    #[test]
    fn outcomes_and_causes_are_counted_over_time() {
        let (rows, pool) = rows();
        let picture = draw(rows.iter(), &pool, 3);
        assert_eq!((picture.first.as_str(), picture.last.as_str(), picture.rows), ("10", "40", 4));
        let refused = picture.outcomes.iter().find(|series| series.what == "refused").unwrap();
        assert_eq!((refused.total, &refused.over_time[..]), (2, &[1, 1, 0][..]));
        let [cause] = &picture.causes[..] else { panic!("{:?}", picture.causes) };
        assert_eq!((cause.what, cause.total), ("unknown-ca", 2));
    }

    #[test]
    fn nothing_is_a_picture_too() {
        let pool = Pool::default();
        let picture = draw([].iter(), &pool, 0);
        assert_eq!((picture.rows, picture.outcomes.len()), (0, 0));
    }
}
