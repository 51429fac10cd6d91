//! IRC: STARTTLS, and the server's number for yes.
//! <https://ircv3.net/docs/tls>

use super::talk::{Failure, Talk};

/// RPL_STARTTLS.
const YES: &str = "670";
/// Unknown command, registration needed, failed, already done.
const NO: [&str; 4] = ["421", "451", "691", "462"];

pub(super) fn speak(talk: &mut Talk<'_, '_>) -> Result<(), Failure> {
    talk.say("STARTTLS")?;
    let answer = talk
        .lines(|line| {
            let number = number(line);
            number == YES || NO.contains(&number) || line.starts_with("ERROR")
        })?
        .pop()
        .unwrap_or_default();
    if number(&answer) == YES { Ok(()) } else { Err(Failure::refused(&answer)) }
}

/// `:server 670 nick :STARTTLS successful`: the second word, or the first where the server does not name itself.
fn number(line: &str) -> &str {
    let mut words = line.split_whitespace();
    match words.next() {
        Some(first) if first.starts_with(':') => words.next().unwrap_or_default(),
        Some(first) => first,
        None => "",
    }
}
