//! What waits for late keys: sealed records, and whatever else happens in their connection behind them.

use std::collections::VecDeque;

use super::{Opening, Surroundings, TlsDissector};
use crate::event::{EventKind, Protection};
use crate::notice::NoticeKind;
use crate::reassembly::At;
use crate::side::Side;
use crate::tls::protection::Protected;
use crate::tls::record::RecordHead;

/// What waits for late keys.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    pub(super) queue: VecDeque<Deferred>,
    pub(super) bytes: usize,
}

/// One thing that waits.
#[derive(Debug)]
pub(super) enum Deferred {
    Record(Side, RecordHead, Box<[u8]>, At),
    Event(EventKind),
}

impl TlsDissector {
    /// Secrets for this connection came: what waited is looked at again.
    pub(crate) fn wake(&mut self, s: &mut Surroundings<'_>) {
        let Some(waiting) = self.waiting.take() else { return };
        *s.waiting_bytes -= waiting.bytes;
        if let Some(Deferred::Record(_, _, _, at)) = waiting.queue.front() {
            // Whoever was sealed for want of a key had sent nothing sealed before the first record that waited.
            let at = *at;
            for side in [Side::Client, Side::Server] {
                if let (Protected::Sealed, Some(version)) =
                    (&self.sides[side.index()].protected, self.negotiated.version)
                    && let Some(keys) = self.tls12_keys(side, version, at, s)
                {
                    self.sides[side.index()].protected = Protected::Tls12(Box::new(keys));
                }
            }
        }
        for deferred in waiting.queue {
            match deferred {
                Deferred::Record(side, head, fragment, at) => self.record(side, &head, &fragment, at, s),
                Deferred::Event(kind) => self.tell(kind, s),
            }
        }
    }

    pub(super) fn may_wait(&self, s: &Surroundings<'_>) -> bool {
        s.secrets_may_come && !self.waited_too_long
    }

    pub(super) fn defer(
        &mut self,
        side: Side,
        head: &RecordHead,
        fragment: &[u8],
        at: At,
        s: &mut Surroundings<'_>,
    ) {
        let Some(waiting) = &mut self.waiting else { return };
        let bytes = fragment.len() + size_of::<Deferred>();
        if waiting.bytes + bytes > s.limits.waiting_per_flow
            || *s.waiting_bytes + bytes > s.limits.waiting_total
        {
            // Told as sealed, all of it, and this record with it; keys that come now come too late.
            let what = "sealed records no longer wait for late keys";
            waiting.queue.push_back(Deferred::Record(side, *head, fragment.into(), at));
            waiting.bytes += bytes;
            *s.waiting_bytes += bytes;
            self.waited_too_long = true;
            self.finish_waiting(s);
            self.notice(NoticeKind::LimitReached { what }, at, s);
            return;
        }
        waiting.bytes += bytes;
        *s.waiting_bytes += bytes;
        waiting.queue.push_back(Deferred::Record(side, *head, fragment.into(), at));
    }

    pub(super) fn finish_waiting(&mut self, s: &mut Surroundings<'_>) {
        let Some(waiting) = self.waiting.take() else { return };
        *s.waiting_bytes -= waiting.bytes;
        for deferred in waiting.queue {
            match deferred {
                Deferred::Record(side, head, fragment, at) if self.is_in_clear(side, &head, &fragment) => {
                    let evidence = head.evidence(side, at);
                    self.tell_record(&evidence, &head, &fragment, Opening::InClear, s);
                    self.content(
                        side,
                        &head,
                        head.content_type,
                        &fragment,
                        &evidence,
                        Protection::Plain,
                        at,
                        s,
                    );
                }
                Deferred::Record(side, head, fragment, at) => {
                    self.tell_record(&head.evidence(side, at), &head, &fragment, Opening::Sealed, s);
                    self.sealed(side, &head, at, s);
                }
                Deferred::Event(kind) => self.tell(kind, s),
            }
        }
    }
}
