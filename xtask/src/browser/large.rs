//! Many connections: how long the first view, scrolling, sorting and searching take, and what the tab and the program hold.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

use super::Check;
use super::stage::Stage;
use crate::bench::many_connections;

pub(super) static CHECKS: &[Check] = &[("many connections are shown, sorted and scrolled at once", many)];

/// The most that may pass before the page answers, in milliseconds.
const ANSWER: f64 = 100.0;
/// And before it shows its first rows, once the capture was read.
const FIRST_VIEW: f64 = 1000.0;

fn many(stage: &mut Stage) -> Result<()> {
    let capture = match &stage.large {
        Some(capture) => capture.clone(),
        None if stage.workspace.shared.join("perf/gen").is_dir() => many_connections(&stage.workspace)?,
        None => {
            stage.leave_out("../shared/perf/gen, which makes the traffic, is not there");
            return Ok(());
        }
    };
    let begin = Instant::now();
    stage.open(&[capture])?;
    let read = begin.elapsed();
    // The page anew, as whoever reloads it meets it.
    let begin = Instant::now();
    let address = stage.browser.evaluate("location.origin")?;
    stage.browser.go(&format!("{}/?{}", address.as_str().context("no address")?, "again"))?;
    stage.browser.until("the first rows are there", "!!document.querySelector('.row .came-out .mark')")?;
    let first = begin.elapsed();
    let count = stage.text("#count")?;
    stage.browser.evaluate(TIMER)?;
    let mut took = |what: &str, act: &str, seen: &str| -> Result<f64> {
        // The best of three: the machine does other things as well.
        let mut best = f64::INFINITY;
        for _ in 0..3 {
            let milliseconds = stage.browser.evaluate(&format!("took(() => {{ {act} }}, () => {seen})"))?;
            best = best.min(milliseconds.as_f64().with_context(|| format!("{what} takes no time"))?);
            std::thread::sleep(Duration::from_millis(100));
        }
        println!("  {what}: {best:.0} ms");
        ensure!(best < ANSWER, "{what} takes {best:.0} ms");
        Ok(best)
    };
    println!(
        "  {count}; read and shown in {:.1} s; the page anew in {:.0} ms",
        read.as_secs_f64(),
        first.as_secs_f64() * 1000.0
    );
    took(
        "a jump to the middle",
        "const body = document.getElementById('body'); body.scrollTop = body.scrollHeight * (0.3 + Math.random() * 0.4)",
        "filled()",
    )?;
    for column in ["name", "client", "finding", "outcome", "start"] {
        took(
            &format!("sorting by {column}"),
            &format!("changing(); document.querySelector('.cell.of-{column} button').click()"),
            "changed() && filled()",
        )?;
    }
    took(
        "searching",
        "changing(); const box = document.getElementById('search'); box.value = box.value === 'expired' ? 'server' : 'expired'; box.dispatchEvent(new Event('search'))",
        "changed() && filled()",
    )?;
    let rows = stage.browser.evaluate("document.querySelectorAll('.row').length")?;
    ensure!(rows.as_u64().is_some_and(|rows| rows < 200), "{rows} rows are in the page");
    let heap = stage.browser.evaluate("performance.memory?.usedJSHeapSize ?? 0")?;
    let nodes = stage.browser.evaluate("document.querySelectorAll('*').length")?;
    println!(
        "  the tab: {:.1} MB of JavaScript, {nodes} elements, {rows} rows",
        heap.as_f64().unwrap_or_default() / 1e6
    );
    println!("  the program: {} MB", resident(stage.served()?)? >> 20);
    stage.picture("many")?;
    ensure!(first.as_secs_f64() * 1000.0 < FIRST_VIEW, "the first view takes {first:?}");
    Ok(())
}

/// Bytes that a process holds.
fn resident(id: u32) -> Result<u64> {
    let status = std::fs::read_to_string(PathBuf::from(format!("/proc/{id}/status")))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS")?;
    let kilobytes: u64 = line.trim().trim_end_matches(" kB").parse()?;
    Ok(kilobytes << 10)
}

/// How long it takes from an act until something is seen, in milliseconds, frames included.
const TIMER: &str = r#"
window.filled = () => {
  const body = document.getElementById("body");
  const box = body.getBoundingClientRect();
  const seen = [...document.querySelectorAll(".row")].filter((row) => {
    const one = row.getBoundingClientRect();
    return one.bottom > box.top && one.top < box.bottom;
  });
  return seen.length > 0 && seen.every((row) => row.dataset.key && row.querySelector(".came-out"));
};
window.asked = 0;
const fetched = window.fetch;
window.fetch = (...all) => fetched(...all).then((answer) => { if (String(all[0]).startsWith("/api/rows")) setTimeout(() => { window.asked += 1; }); return answer; });
window.changing = () => { window.before = window.asked; };
window.changed = () => window.asked > window.before;
window.took = (act, seen) => new Promise((done) => {
  const begin = performance.now();
  act();
  const look = () => (seen() ? done(performance.now() - begin) : requestAnimationFrame(look));
  requestAnimationFrame(look);
});
"#;
