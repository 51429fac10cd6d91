//! What is no TLS where TLS was to be: skipped, and said. A port that speaks HTTP in clear, and a client that does.

use super::{Surroundings, TlsDissector};
use crate::event::{EventKind, Protection};
use crate::evidence::Evidence;
use crate::notice::NoticeKind;
use crate::reassembly::At;
use crate::side::Side;
use crate::tls::registry::ContentType;

impl TlsDissector {
    /// There will be no TLS: tells what the server answers to a client that spoke so many bytes in clear.
    pub(crate) fn tell_answer_in_clear(
        &mut self,
        spoken: u64,
        answer: &[u8],
        offset: u64,
        at: At,
        s: &mut Surroundings<'_>,
    ) {
        self.notice(NoticeKind::ClearTextInsteadOfTls { length: spoken }, at, s);
        self.await_records(Side::Client);
        if answer.first() == Some(&ContentType::ALERT.0) {
            return self.bytes(Side::Server, answer, offset, at, s);
        }
        self.await_records(Side::Server);
        let length = answer.len() as u32;
        let (first_frame, frame, time, side) = (at.frame, at.frame, at.time, Side::Server);
        let evidence = Evidence { first_frame, frame, time, side, offset, length };
        if let Some(data) = self.sides[side.index()].head.take(answer, &evidence, Protection::Plain) {
            self.tell(EventKind::ApplicationData(Box::new(data)), s);
        }
    }

    /// So many bytes are no record.
    #[cold]
    pub(super) fn foreign(
        &mut self,
        side: Side,
        skipped: u64,
        front: &[u8],
        at: At,
        s: &mut Surroundings<'_>,
    ) {
        let direction = &mut self.sides[side.index()];
        if !direction.begun {
            let is_first = direction.clear_bytes == 0;
            direction.clear_bytes += skipped;
            if is_first
                && side == Side::Server
                && let Some(status) = refusing_status(front)
            {
                self.notice(NoticeKind::HttpInsteadOfTls { status }, at, s);
            }
            return;
        }
        if !direction.uncertain {
            direction.uncertain = true;
            direction.fragments.clear();
            self.transcript.give_up();
            self.notice(NoticeKind::NotARecord { side, skipped }, at, s);
        }
    }
}

/// The status of a web server that answers a ClientHello in clear. `2xx` is none: so a proxy lets through what was sent to
/// it ahead of time.
fn refusing_status(answer: &[u8]) -> Option<u16> {
    let status = answer.strip_prefix(b"HTTP/1.")?.get(2..5)?;
    std::str::from_utf8(status).ok()?.parse().ok().filter(|status| (300..600).contains(status))
}
