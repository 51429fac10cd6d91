//! ManageSieve: the server says what it can, then STARTTLS (RFC 5804 section 2.2).

use super::talk::{Failure, Talk};

pub(super) fn speak(talk: &mut Talk<'_, '_>) -> Result<(), Failure> {
    let abilities = talk.lines(ends)?;
    let greeting = abilities.last().map_or("", String::as_str);
    if !greeting.to_ascii_uppercase().starts_with("OK") {
        return Err(Failure::other(greeting));
    }
    if !abilities.iter().any(|line| line.to_ascii_uppercase().starts_with("\"STARTTLS\"")) {
        return Err(Failure::not_offered("STARTTLS"));
    }
    talk.say("STARTTLS")?;
    let answer = talk.lines(ends)?.pop().unwrap_or_default();
    if answer.to_ascii_uppercase().starts_with("OK") { Ok(()) } else { Err(Failure::refused(&answer)) }
}

/// Abilities are quoted; what is not is the last line.
fn ends(line: &str) -> bool {
    !line.starts_with('"')
}
