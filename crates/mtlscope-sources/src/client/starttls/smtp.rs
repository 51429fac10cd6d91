//! SMTP and LMTP: greeting, hello, STARTTLS (RFC 3207, RFC 2033).

use super::talk::{Failure, Talk};

/// `hello`: `EHLO` or `LHLO`.
pub(super) fn speak(talk: &mut Talk<'_, '_>, hello: &str) -> Result<(), Failure> {
    let greeting = answer(talk)?;
    expect(&greeting, "220", "does not greet")?;
    talk.say(&format!("{hello} mtlscope.invalid"))?;
    let abilities = answer(talk)?;
    expect(&abilities, "250", "does not take the hello")?;
    let offers = abilities
        .iter()
        .any(|line| line.get(4..).is_some_and(|ability| ability.trim().eq_ignore_ascii_case("STARTTLS")));
    if !offers {
        return Err(Failure::Unwilling(
            "the server does not offer STARTTLS (is it configured, and is TLS perhaps spoken from the start on another port?)"
                .to_owned(),
        ));
    }
    talk.say("STARTTLS")?;
    expect(&answer(talk)?, "220", "does not begin TLS")
}

/// An answer, all its lines: `250-...` goes on, `250 ...` is the last.
pub(super) fn answer(talk: &mut Talk<'_, '_>) -> Result<Vec<String>, Failure> {
    let mut lines = Vec::new();
    loop {
        let line = talk.line()?;
        let goes_on = line.as_bytes().get(3) == Some(&b'-');
        lines.push(line);
        if !goes_on || lines.len() > 1000 {
            return Ok(lines);
        }
    }
}

/// Whether an answer has this code.
pub(super) fn expect(lines: &[String], code: &str, trouble: &str) -> Result<(), Failure> {
    let last = lines.last().map_or("", String::as_str);
    if last.starts_with(code) {
        return Ok(());
    }
    Err(Failure::Unwilling(format!("the server {trouble}: {last}")))
}
