//! FTP: greeting, AUTH TLS (RFC 4217 section 4).

use super::smtp::{answer, last};
use super::talk::{Failure, Talk};

pub(super) fn speak(talk: &mut Talk<'_, '_>) -> Result<(), Failure> {
    let greeting = answer(talk)?;
    if !last(&greeting).starts_with("220") {
        return Err(Failure::other(last(&greeting)));
    }
    talk.say("AUTH TLS")?;
    let consent = answer(talk)?;
    if last(&consent).starts_with("234") { Ok(()) } else { Err(Failure::refused(last(&consent))) }
}
