//! POP3: greeting, STLS (RFC 2595 section 4).

use super::talk::{Failure, Talk};

pub(super) fn speak(talk: &mut Talk<'_, '_>) -> Result<(), Failure> {
    let greeting = talk.line()?;
    if !greeting.starts_with("+OK") {
        return Err(Failure::other(&greeting));
    }
    talk.say("STLS")?;
    let answer = talk.line()?;
    if answer.starts_with("+OK") { Ok(()) } else { Err(Failure::refused(&answer)) }
}
