//! What waits for late keys: sealed records, and whatever else happens in their connection behind them.

use std::collections::VecDeque;

use super::{Opening, Surroundings, TlsDissector};
use crate::decrypt::SuiteParameters;
use crate::event::{EventKind, Protection};
use crate::notice::NoticeKind;
use crate::reassembly::At;
use crate::side::Side;
use crate::tls::protection::{Protected, Tls13Secrets};
use crate::tls::record::RecordHead;
use crate::tls::registry::ContentType;

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

/// What the client sent behind its hello and the ServerHello has to explain: packets that stand in the file in another
/// order than they were sent.
#[derive(Debug, Default)]
pub(super) struct Held {
    queue: Vec<(RecordHead, Box<[u8]>, At)>,
    bytes: usize,
}

impl TlsDissector {
    /// Whether a record of the client waits for the server's first flight: TLS 1.3's is encrypted with what the ServerHello
    /// says.
    pub(super) fn precedes_server_hello(&self, side: Side, head: &RecordHead, s: &Surroundings<'_>) -> bool {
        side == Side::Client
            && self.negotiated.version.is_none()
            && !self.negotiated.offers_early_data
            && head.content_type == ContentType::APPLICATION_DATA
            && self.secrets(s).is_some()
    }

    /// Keeps a record of the client until the server's first flight is there.
    pub(super) fn hold(&mut self, head: &RecordHead, fragment: &[u8], at: At, s: &mut Surroundings<'_>) {
        let held = self.held.get_or_insert_default();
        let bytes = fragment.len() + size_of::<Deferred>();
        held.queue.push((*head, fragment.into(), at));
        held.bytes += bytes;
        *s.waiting_bytes += bytes;
        if held.bytes > s.limits.waiting_per_flow || *s.waiting_bytes > s.limits.waiting_total {
            let what = "sealed records no longer wait for the ServerHello";
            self.notice(NoticeKind::LimitReached { what }, at, s);
            self.release(s);
        }
    }

    /// Looks at what was held.
    pub(super) fn release(&mut self, s: &mut Surroundings<'_>) {
        let Some(held) = self.held.take() else { return };
        *s.waiting_bytes -= held.bytes;
        self.released = true;
        for (head, fragment, at) in held.queue {
            self.record(Side::Client, &head, &fragment, at, s);
        }
    }

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

    /// Whether no key is there yet for what a side sends now. Programs log the secrets of a connection one by one, as they come
    /// to need them: those that are there may be half of them.
    pub(super) fn lacks_key(&self, side: Side, s: &Surroundings<'_>) -> bool {
        let Some(secrets) = self.secrets(s) else { return true };
        let Protected::Tls13(keys) = &self.sides[side.index()].protected else { return false };
        let (Some(version), Some(cipher_suite)) = (self.negotiated.version, self.negotiated.cipher_suite)
        else {
            return false;
        };
        SuiteParameters::of(cipher_suite.0, version)
            .is_some_and(|suite| keys.awaits_key(Tls13Secrets { secrets, suite, side }))
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
