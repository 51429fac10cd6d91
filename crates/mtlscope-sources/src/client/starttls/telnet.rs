//! Telnet: the option START_TLS.
//! <https://datatracker.ietf.org/doc/html/draft-altman-telnet-starttls-02>

use super::talk::{Failure, Talk};

/// IAC DO START_TLS.
const DO: &[u8] = &[255, 253, 46];
/// IAC WILL START_TLS.
const WILL: &[u8] = &[255, 251, 46];
/// IAC SB START_TLS FOLLOWS IAC SE.
const FOLLOWS: &[u8] = &[255, 250, 46, 1, 255, 240];

pub(super) fn speak(talk: &mut Talk<'_, '_>) -> Result<(), Failure> {
    if talk.bytes(DO.len())? != DO {
        return Err(Failure::not_offered("START_TLS as the first of its options"));
    }
    talk.send(WILL, "IAC WILL START_TLS")?;
    talk.send(FOLLOWS, "IAC SB START_TLS FOLLOWS IAC SE")?;
    if talk.bytes(FOLLOWS.len())? == FOLLOWS {
        Ok(())
    } else {
        Err(Failure::refused("another option than START_TLS FOLLOWS"))
    }
}
