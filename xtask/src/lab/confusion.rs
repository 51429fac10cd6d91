//! Tables of confusion: what is true, what we say, how often; by something the case is known by.

use std::collections::BTreeMap;
use std::fmt;

/// What became of one answer.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Kind {
    Right,
    Unknown,
    Wrong,
}

/// Counts of right, unknown and wrong.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub(super) struct Counts([usize; 3]);

impl Counts {
    pub(super) fn add(&mut self, kind: Kind) {
        self.0[kind as usize] += 1;
    }

    pub(super) fn of(self, kind: Kind) -> usize {
        self.0[kind as usize]
    }

    pub(super) fn total(self) -> usize {
        self.0.iter().sum()
    }

    /// Whether nothing is wrong and no more than so many in a hundred are unknown.
    pub(super) fn is_good(self, percent_unknown: usize) -> bool {
        self.of(Kind::Wrong) == 0 && self.of(Kind::Unknown) * 100 <= percent_unknown * self.total()
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [right, unknown, wrong] = self.0;
        let share = 100.0 * unknown as f64 / self.total().max(1) as f64;
        write!(
            f,
            "{right:>4} right, {unknown:>3} unknown ({share:>4.1} %), {wrong:>2} wrong of {:>4}",
            self.total()
        )
    }
}

/// One table: rows by a name, columns by what is judged.
#[derive(Default)]
pub(super) struct Table {
    rows: BTreeMap<String, BTreeMap<&'static str, Counts>>,
}

impl Table {
    pub(super) fn add(&mut self, row: &str, column: &'static str, kind: Kind) {
        self.rows.entry(row.to_owned()).or_default().entry(column).or_default().add(kind);
    }

    pub(super) fn print(&self, title: &str) {
        println!("{title}:");
        for (row, columns) in &self.rows {
            let cells: Vec<String> = columns
                .iter()
                .map(|(column, counts)| {
                    let [right, unknown, wrong] = counts.0;
                    format!("{column} {right}/{unknown}/{wrong}")
                })
                .collect();
            println!("  {row:<44} {}", cells.join("  "));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_wrong_answer_is_too_many_and_few_unknown_ones_are_not() {
        let mut counts = Counts::default();
        (0..97).for_each(|_| counts.add(Kind::Right));
        (0..3).for_each(|_| counts.add(Kind::Unknown));
        assert!(counts.is_good(3));
        counts.add(Kind::Unknown);
        assert!(!counts.is_good(3));
        let mut counts = Counts::default();
        counts.add(Kind::Wrong);
        assert!(!counts.is_good(100));
    }
}
