//! IMAP: greeting, CAPABILITY, STARTTLS (RFC 3501 section 6.2.1).

use super::talk::{Failure, Talk};

pub(super) fn speak(talk: &mut Talk<'_, '_>) -> Result<(), Failure> {
    let greeting = talk.line()?;
    if !greeting.starts_with("* OK") && !greeting.starts_with("* PREAUTH") {
        return Err(Failure::other(&greeting));
    }
    talk.say("a1 CAPABILITY")?;
    let abilities = talk.lines(|line| line.starts_with("a1 "))?;
    if !abilities.iter().any(|line| line.to_ascii_uppercase().split(' ').any(|word| word == "STARTTLS")) {
        return Err(Failure::not_offered("STARTTLS"));
    }
    talk.say("a2 STARTTLS")?;
    let answer = talk.lines(|line| line.starts_with("a2 "))?.pop().unwrap_or_default();
    if answer.starts_with("a2 OK") { Ok(()) } else { Err(Failure::refused(&answer)) }
}
