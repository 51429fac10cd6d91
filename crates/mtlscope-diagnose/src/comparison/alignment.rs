//! Two ladders laid beside each other: the longest common sequence of what was said.

use super::Rung;

/// Ladders longer than this are compared as far as this; the rest stands unpaired. Keeps the table of a hostile
/// connection small.
const LONGEST: usize = 1000;

/// Pairs of what was said in both; alone what was said in one. In order.
pub(super) fn align(good: Vec<Rung>, bad: Vec<Rung>) -> Vec<(Option<Rung>, Option<Rung>)> {
    let common = common_lengths(&good, &bad);
    let mut pairs = Vec::with_capacity(good.len().max(bad.len()));
    let (mut good, mut bad) = (good.into_iter().peekable(), bad.into_iter().peekable());
    let (mut i, mut j) = (0, 0);
    loop {
        let alike = match (good.peek(), bad.peek()) {
            (Some(one), Some(other)) => one.is_alike(other),
            (None, None) => return pairs,
            _ => false,
        };
        let skips_good = length_at(&common, i + 1, j) >= length_at(&common, i, j + 1);
        if alike {
            pairs.push((good.next(), bad.next()));
            (i, j) = (i + 1, j + 1);
        } else if good.peek().is_some() && (skips_good || bad.peek().is_none()) {
            pairs.push((good.next(), None));
            i += 1;
        } else {
            pairs.push((None, bad.next()));
            j += 1;
        }
    }
}

/// For each pair of places, how long the longest common sequence of what follows is.
fn common_lengths(good: &[Rung], bad: &[Rung]) -> Vec<Vec<u16>> {
    let (rows, columns) = (good.len().min(LONGEST), bad.len().min(LONGEST));
    let mut lengths = vec![vec![0_u16; columns + 1]; rows + 1];
    for i in (0..rows).rev() {
        for j in (0..columns).rev() {
            lengths[i][j] = match good[i].is_alike(&bad[j]) {
                true => lengths[i + 1][j + 1] + 1,
                false => lengths[i + 1][j].max(lengths[i][j + 1]),
            };
        }
    }
    lengths
}

fn length_at(lengths: &[Vec<u16>], i: usize, j: usize) -> u16 {
    lengths.get(i).and_then(|row| row.get(j)).copied().unwrap_or(0)
}
