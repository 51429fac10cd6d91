//! SMTP and LMTP: greeting, hello, STARTTLS (RFC 3207, RFC 2033).

use super::talk::{Failure, Talk};

/// `hello`: `EHLO` or `LHLO`.
pub(super) fn speak(talk: &mut Talk<'_, '_>, hello: &str) -> Result<(), Failure> {
    let greeting = answer(talk)?;
    if !last(&greeting).starts_with("220") {
        return Err(Failure::other(last(&greeting)));
    }
    talk.say(&format!("{hello} mtlscope.invalid"))?;
    let abilities = answer(talk)?;
    if !last(&abilities).starts_with("250") {
        return Err(Failure::refused(last(&abilities)));
    }
    let mut words = abilities.iter().filter_map(|line| line.get(4..));
    if !words.any(|ability| ability.trim().eq_ignore_ascii_case("STARTTLS")) {
        return Err(Failure::not_offered("STARTTLS"));
    }
    talk.say("STARTTLS")?;
    let consent = answer(talk)?;
    if last(&consent).starts_with("220") { Ok(()) } else { Err(Failure::refused(last(&consent))) }
}

/// An answer, all its lines: `250-...` goes on, `250 ...` is the last. FTP's are alike.
pub(super) fn answer(talk: &mut Talk<'_, '_>) -> Result<Vec<String>, Failure> {
    talk.lines(|line| {
        let code = line.as_bytes().iter().take_while(|byte| byte.is_ascii_digit()).count();
        code == 3 && line.as_bytes().get(3) != Some(&b'-')
    })
}

/// The last line of an answer.
pub(super) fn last(lines: &[String]) -> &str {
    lines.last().map_or("", String::as_str)
}
