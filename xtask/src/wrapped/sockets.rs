//! Whether a program's sockets behave as they would without the preload library: a Python program tries each, and tells.

use anyhow::{Result, ensure};

use super::scene::{ADDRESS, ADDRESS6, Scene};
use crate::tally::Tally;

/// Each line that the program prints begins with one of these.
const HELD: &str = "held: ";
const NOT_HELD: &str = "not held: ";

/// Runs the program by the library alone.
pub(super) fn hold(scene: &Scene) -> Result<Tally> {
    let script = scene.write("sockets.py", include_str!("sockets.py"))?;
    let command = ["python3", &script, ADDRESS, ADDRESS6].map(str::to_owned);
    let printed = scene.printed(&command)?;
    let mut tally = Tally::default();
    for line in printed.lines() {
        match line.strip_prefix(NOT_HELD) {
            Some(what) => {
                println!("sockets: {what}");
                tally += Tally::one(false);
            }
            None if line.starts_with(HELD) => tally += Tally::one(true),
            None => {}
        }
    }
    ensure!(printed.lines().any(|line| line == "all tried"), "the program of sockets ended early: {printed}");
    Ok(tally)
}
