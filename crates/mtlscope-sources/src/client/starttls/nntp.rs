//! NNTP: greeting, STARTTLS (RFC 4642).

use super::talk::{Failure, Talk};

pub(super) fn speak(talk: &mut Talk<'_, '_>) -> Result<(), Failure> {
    let greeting = talk.line()?;
    if !greeting.starts_with("200") && !greeting.starts_with("201") {
        return Err(Failure::other(&greeting));
    }
    talk.say("STARTTLS")?;
    let answer = talk.line()?;
    if answer.starts_with("382") { Ok(()) } else { Err(Failure::refused(&answer)) }
}
