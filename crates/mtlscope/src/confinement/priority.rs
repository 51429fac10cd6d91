//! How the scheduler treats the thread that takes packets: ahead of others, where that is granted, since what it does not take in time is
//! lost. Asked for while there are rights to.

use rustix::process::{getpriority_process, setpriority_process};

/// As urgent as is asked for where nobody says how urgent: ahead of what runs as usual, behind what is truly urgent.
const AHEAD: i32 = -10;

/// Asks for this niceness, as of `nice`. Unsaid, a usual one becomes better if it may, and one that was chosen stays.
pub(crate) fn ask_for_priority(nice: Option<i8>) -> Result<(), String> {
    let Some(nice) = nice else {
        if getpriority_process(None) == Ok(0) {
            // Without the right to it goes on as it is.
            let _ = setpriority_process(None, AHEAD);
        }
        return Ok(());
    };
    setpriority_process(None, nice.into())
        .map_err(|error| format!("cannot run at niceness {nice}: {error} (below 0 it takes CAP_SYS_NICE)"))
}
