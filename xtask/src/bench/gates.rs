//! The goals, and whether a run of the bench met them: each is a ratio to something measured in the same run, or memory.

use std::collections::BTreeMap;

use super::{Contender, FLOOR, ONE_THREAD, START_UP, TSHARK, TWO_THREADS, WALK, median};

/// What was measured, by traffic.
pub(super) type Results = BTreeMap<String, Vec<Contender>>;

/// One goal.
struct Goal {
    what: &'static str,
    must: f64,
    aim: f64,
    /// Whether more is better.
    more: bool,
    unit: &'static str,
    /// What was reached; `None` where a run did not measure it.
    measure: fn(&Results) -> Option<f64>,
}

const GOALS: &[Goal] = &[
    goal("handshakes (hs16), CPU", 5.0, 3.0, "x tls:read", |r| cpu(r, "hs16", ONE_THREAD, FLOOR)),
    goal("bulk, CPU", 1.6, 1.3, "x walk:read", |r| cpu(r, "bulk", ONE_THREAD, WALK)),
    goal("mixed, CPU", 3.5, 2.5, "x tls:read", |r| cpu(r, "mixed", ONE_THREAD, FLOOR)),
    goal("growth of CPU, hs1 to hs16 (16 times the flows)", 17.5, 16.0, "x", |r| {
        Some(seconds(r, "hs16", ONE_THREAD)? / seconds(r, "hs1", ONE_THREAD)?)
    }),
    more("two threads (hs16), wall", 1.6, 1.8, "x one", |r| {
        Some(wall(r, "hs16", ONE_THREAD)? / wall(r, "hs16", TWO_THREADS)?)
    }),
    goal("memory, hs16", 32.0, 16.0, "MiB", |r| peak(r, "hs16", ONE_THREAD)),
    goal("growth of memory, hs1 to hs16", 1.25, 1.1, "x", |r| {
        Some(peak(r, "hs16", ONE_THREAD)? / peak(r, "hs1", ONE_THREAD)?)
    }),
    goal("memory, 100,000 open connections (open)", 2.0, 1.0, "KiB each", |r| {
        Some(peak(r, "open", ONE_THREAD)? * 1024.0 / 100_000.0)
    }),
    more("key log (kl16), CPU", 25.0, 50.0, "x less than tshark", |r| {
        Some(seconds(r, "kl16", TSHARK)? / seconds(r, "kl16", ONE_THREAD)?)
    }),
    // The key log has 28.8 MiB.
    goal("memory, key log (kl16)", 2.0 * 28.8 + 32.0, 2.0 * 28.8 + 16.0, "MiB", |r| {
        peak(r, "kl16", ONE_THREAD)
    }),
    goal("start-up, one connection, wall", 10.0, 5.0, "ms", |r| {
        of(r, "start", START_UP, |c| c.runs.iter().map(|run| run.wall_seconds).fold(f64::INFINITY, f64::min))
            .map(|seconds| seconds * 1e3)
    }),
    goal("start-up, memory", 10.0, 10.0, "MiB", |r| peak(r, "start", START_UP)),
];

const fn goal(
    what: &'static str,
    must: f64,
    aim: f64,
    unit: &'static str,
    measure: fn(&Results) -> Option<f64>,
) -> Goal {
    Goal { what, must, aim, more: false, unit, measure }
}

const fn more(
    what: &'static str,
    must: f64,
    aim: f64,
    unit: &'static str,
    measure: fn(&Results) -> Option<f64>,
) -> Goal {
    Goal { more: true, ..goal(what, must, aim, unit, measure) }
}

/// Prints the table of goals; whether all that were measured are met.
pub(super) fn judge(results: &Results) -> bool {
    println!("\n| goal | must | aim | measured | |");
    println!("|---|---|---|---|---|");
    let mut all_met = true;
    for goal in GOALS {
        let Some(value) = (goal.measure)(results) else {
            println!("| {} | {} {} | {} | - | not measured |", goal.what, goal.must, goal.unit, goal.aim);
            continue;
        };
        let word = goal.word(value);
        all_met &= word != MISSED;
        println!("| {} | {} {} | {} | {value:.2} | {word} |", goal.what, goal.must, goal.unit, goal.aim);
    }
    all_met
}

const MISSED: &str = "MISSED";

impl Goal {
    fn word(&self, value: f64) -> &'static str {
        let meets = |limit| if self.more { value >= limit } else { value <= limit };
        match (meets(self.aim), meets(self.must)) {
            (true, _) => "aim met",
            (false, true) => "met",
            (false, false) => MISSED,
        }
    }
}

fn of(results: &Results, traffic: &str, name: &str, value: impl Fn(&Contender) -> f64) -> Option<f64> {
    let contenders = results.get(traffic)?;
    let contender =
        contenders.iter().find(|contender| contender.name == name && !contender.runs.is_empty())?;
    Some(value(contender))
}

fn seconds(results: &Results, traffic: &str, name: &str) -> Option<f64> {
    of(results, traffic, name, |contender| median(contender.runs.iter().map(|run| run.cpu_seconds)))
}

fn cpu(results: &Results, traffic: &str, name: &str, floor: &str) -> Option<f64> {
    Some(seconds(results, traffic, name)? / seconds(results, traffic, floor)?)
}

fn wall(results: &Results, traffic: &str, name: &str) -> Option<f64> {
    of(results, traffic, name, |contender| median(contender.runs.iter().map(|run| run.wall_seconds)))
}

fn peak(results: &Results, traffic: &str, name: &str) -> Option<f64> {
    of(results, traffic, name, |contender| contender.runs.iter().map(|run| run.peak_mib).fold(0.0, f64::max))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_goal_is_met_up_to_its_limit_and_missed_beyond() {
        let less = goal("x", 5.0, 3.0, "", |_| None);
        assert_eq!([3.0, 4.0, 5.1].map(|value| less.word(value)), ["aim met", "met", MISSED]);
        let more = more("x", 1.6, 1.8, "", |_| None);
        assert_eq!([1.9, 1.7, 1.5].map(|value| more.word(value)), ["aim met", "met", MISSED]);
    }

    #[test]
    fn what_was_not_measured_misses_nothing() {
        assert!(judge(&Results::new()));
    }
}
