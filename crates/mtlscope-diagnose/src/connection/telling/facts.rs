//! From what was heard of a handshake to what can honestly be said of it.
//!
//! A fact that was not seen is `NotSent` in three cases only: the place where it belongs lies between two things that
//! were seen, with nothing missing or sealed between them; the side that would have sent it ended with nothing of it
//! missing or sealed; or the protocol rules it out (a resumed session shows no certificates). Everything else is
//! `Hidden`, with the reason.

use mtlscope_dissect::event::{Closed, ClosedWhy, TransportEnd};
use mtlscope_dissect::side::Side;
use mtlscope_dissect::tls::registry::{ContentType, ExtensionType, HandshakeType as Type, ProtocolVersion};

use super::draft::{Draft, Turn};
use super::heard::Heard;
use crate::connection::{Handshake, HandshakeKind, Resumption, Step};
use crate::observed::{Observed, Why};

/// What the whole connection says of what could be seen.
#[derive(Clone, Copy, Debug)]
pub(super) struct Circumstances {
    pub(super) start_seen: bool,
    /// Whether only what a program printed is known.
    pub(super) is_printed: bool,
    pub(super) closed: Closed,
    pub(super) ends: [Option<TransportEnd>; 2],
    /// Whether anything of a side was captured.
    pub(super) visible: [bool; 2],
}

impl Draft {
    /// Settles every fact.
    pub(super) fn settle(self, index: usize, circumstances: &Circumstances, steps: &[Step]) -> Handshake {
        let facts = Facts { draft: &self, circumstances };
        let after_handshake = self.kind == HandshakeKind::PostHandshake;
        let beside = |observed: Observed<()>| if after_handshake { Observed::NotSent } else { observed };
        let server_hello = beside(facts.server_hello());
        let client_hello = beside(facts.client_hello());
        let resumption = if after_handshake { Observed::NotSent } else { facts.resumption() };
        let server_certificate = beside(facts.server_certificate());
        let request = facts.request();
        let answer = facts.answer(&request);
        let proof = facts.proof(&answer);
        let client_finished = facts.finished(Side::Client);
        let server_finished = beside(facts.finished(Side::Server));
        let group = beside(facts.group(&server_hello));
        let alpn = beside(facts.alpn(&server_hello));
        let version = facts.version();
        let (no_version, no_suite) = (facts.unsaid(server_hello), facts.unsaid(server_hello));
        let (no_group, no_alpn, no_name) =
            (facts.unsaid(group), facts.unsaid(alpn), facts.unsaid(client_hello));
        let choice = self.choice.as_deref();
        let announced = self.announced().map(|(_, cipher_suite)| cipher_suite);
        let cipher_suite = choice.map(|choice| choice.cipher_suite).or(announced);
        let offer = self.offer.as_deref();
        let alpn_protocol = choice
            .and_then(|choice| choice.alpn_protocol.as_deref())
            .or(self.encrypted_alpn().flatten())
            .map(str::to_owned);
        let place = |heard: Option<Heard>| heard.and_then(|heard| heard.evidence(steps));
        let [finished_by_client, finished_by_server] = self.finished;
        let owned = |text: &str| Observed::Seen(text.to_owned());
        Handshake {
            index,
            kind: self.kind,
            version: version.map_or(no_version, Observed::Seen),
            cipher_suite: cipher_suite.map_or(no_suite, Observed::Seen),
            group: choice
                .and_then(|choice| choice.group)
                .or(self.curve.flatten())
                .map_or(no_group, Observed::Seen),
            server_name: match offer {
                Some(offer) => offer.server_name.as_deref().map_or(Observed::NotSent, owned),
                None => no_name,
            },
            alpn: if after_handshake {
                Observed::NotSent
            } else {
                alpn_protocol.map_or(no_alpn, Observed::Seen)
            },
            resumption,
            client_hello: or_absent(place(self.client_hello), client_hello),
            server_hello: or_absent(place(self.server_hello), server_hello),
            server_identity: or_absent(
                self.server_identity.map(|server_identity| *server_identity),
                server_certificate,
            ),
            request: or_absent(self.request.map(|request| *request), request),
            answer: or_absent(self.answer.map(|answer| *answer), answer),
            proof: or_absent(self.proof.map(|proof| *proof), proof),
            client_finished: or_absent(place(finished_by_client), client_finished),
            server_finished: or_absent(place(finished_by_server), server_finished),
            inferred: None,
            offer: self.offer,
            choice: self.choice,
        }
    }
}

/// What was seen; where nothing was, why not.
fn or_absent<T>(seen: Option<T>, observed: Observed<()>) -> Observed<T> {
    seen.map_or_else(|| absent(observed), Observed::Seen)
}

fn absent<T>(observed: Observed<()>) -> Observed<T> {
    match observed {
        Observed::Hidden(why) => Observed::Hidden(why),
        Observed::Seen(()) | Observed::NotSent => Observed::NotSent,
    }
}

/// The judgement on one handshake. Each fact is `Seen(())` where it was seen.
struct Facts<'a> {
    draft: &'a Draft,
    circumstances: &'a Circumstances,
}

impl Facts<'_> {
    /// What is inside a message: where the message was seen and it is not there, it was not sent; unless a printout only
    /// names messages.
    fn unsaid<T>(&self, message: Observed<()>) -> Observed<T> {
        match absent(message) {
            Observed::NotSent if self.circumstances.is_printed && !self.draft.is_read => {
                Observed::Hidden(Why::NotPrinted)
            }
            observed => observed,
        }
    }

    fn client_hello(&self) -> Observed<()> {
        self.fact(self.draft.client_hello.is_some(), Side::Client, || false)
    }

    fn server_hello(&self) -> Observed<()> {
        self.fact(self.draft.server_hello.is_some(), Side::Server, || false)
    }

    fn version(&self) -> Option<ProtocolVersion> {
        let chosen = self.draft.choice.as_ref().map(|choice| choice.version);
        let announced = self.draft.announced().map(|(version, _)| version);
        chosen.or(announced).or(self.draft.record_version)
    }

    /// TLS 1.3 names the group in the ServerHello, and before that ServerKeyExchange does.
    fn group(&self, server_hello: &Observed<()>) -> Observed<()> {
        match (self.draft.is_tls13, server_hello) {
            (Some(true), _) => *server_hello,
            (_, Observed::NotSent) => Observed::NotSent,
            _ => self.fact(false, Side::Server, || {
                self.draft.curve.is_some()
                    || self.is_resumed() == Some(true)
                    || self.server_certificates_passed()
            }),
        }
    }

    fn alpn(&self, server_hello: &Observed<()>) -> Observed<()> {
        let not_offered = self.draft.offer.as_ref().is_some_and(|offer| offer.alpn_protocols.is_empty());
        if not_offered || self.draft.encrypted_alpn().is_some() {
            return Observed::NotSent;
        }
        match self.draft.is_tls13 {
            Some(true) => self.fact(false, Side::Server, || false),
            _ => *server_hello,
        }
    }

    /// Whether the session was resumed, where that is certain.
    fn is_resumed(&self) -> Option<bool> {
        let choice = self.draft.choice.as_ref()?;
        if self.draft.is_tls13 == Some(true) {
            return Some(choice.selected_identity.is_some());
        }
        if self.draft.server_identity.is_some() || self.sent(Side::Server, Type::SERVER_HELLO_DONE) {
            return Some(false);
        }
        // Only an abbreviated handshake has the server's ChangeCipherSpec, or its ticket, right behind its hello.
        let mut after_hello =
            self.turns(Side::Server).iter().skip_while(|turn| **turn != Turn::Message(Type::SERVER_HELLO));
        after_hello.next();
        let mut after_hello =
            after_hello.skip_while(|turn| **turn == Turn::Message(Type::NEW_SESSION_TICKET));
        if after_hello.next() == Some(&Turn::ChangeCipherSpec) {
            return Some(true);
        }
        let offer = self.draft.offer.as_ref()?;
        // Servers that resume repeat the session id of the client, if it has one. RFC 5246 section 7.4.1.3, RFC 5077
        // section 3.4.
        match offer.has_session_id {
            true => Some(self.draft.repeats_session_id()),
            false if offer.has_session_ticket => None,
            false => Some(false),
        }
    }

    fn resumption(&self) -> Observed<Resumption> {
        if self.circumstances.is_printed && self.draft.server_identity.is_none() {
            return Observed::Hidden(Why::NotPrinted);
        }
        match (self.is_resumed(), self.draft.is_tls13, self.draft.offer.as_ref()) {
            (Some(false), ..) => Observed::NotSent,
            (Some(true), Some(true), _) => Observed::Seen(Resumption::PreSharedKey),
            (Some(true), _, Some(offer)) if offer.has_session_ticket => Observed::Seen(Resumption::Ticket),
            (Some(true), _, Some(_)) => Observed::Seen(Resumption::SessionId),
            (Some(true), _, None) => Observed::Hidden(self.why(Side::Client)),
            (None, ..) => absent(self.fact(false, Side::Server, || false)),
        }
    }

    /// Whether the protocol leaves no room for certificates of either side.
    fn is_without_certificates(&self) -> bool {
        self.draft.kind != HandshakeKind::PostHandshake
            && self.is_resumed() == Some(true)
            && !self.draft.choice.as_ref().is_some_and(|choice| choice.certificates_with_pre_shared_key)
    }

    fn server_certificate(&self) -> Observed<()> {
        self.fact(self.draft.server_identity.is_some(), Side::Server, || {
            self.is_without_certificates() || self.server_certificates_passed()
        })
    }

    /// The server's messages from its hello to where its first flight ends were all seen.
    fn server_certificates_passed(&self) -> bool {
        match self.draft.is_tls13 {
            Some(true) => self.passed(Side::Server, &[Type::ENCRYPTED_EXTENSIONS], &[Type::FINISHED]),
            _ => self.passed(Side::Server, &[Type::SERVER_HELLO], &[Type::SERVER_HELLO_DONE]),
        }
    }

    fn request(&self) -> Observed<()> {
        self.fact(self.draft.request.is_some(), Side::Server, || {
            self.is_without_certificates()
                || match self.draft.is_tls13 {
                    Some(true) => self.passed(
                        Side::Server,
                        &[Type::ENCRYPTED_EXTENSIONS],
                        &[Type::CERTIFICATE, Type::COMPRESSED_CERTIFICATE, Type::FINISHED],
                    ),
                    _ => self.passed(
                        Side::Server,
                        &[
                            Type::SERVER_HELLO,
                            Type::CERTIFICATE,
                            Type::COMPRESSED_CERTIFICATE,
                            Type::CERTIFICATE_STATUS,
                            Type::SERVER_KEY_EXCHANGE,
                        ],
                        &[Type::SERVER_HELLO_DONE],
                    ),
                }
        })
    }

    fn answer(&self, request: &Observed<()>) -> Observed<()> {
        self.fact(self.draft.answer.is_some(), Side::Client, || {
            request.is_not_sent()
                || match self.draft.is_tls13 {
                    Some(true) => self.passed(Side::Client, &[Type::CLIENT_HELLO], &[Type::FINISHED]),
                    _ => {
                        self.passed(Side::Client, &[Type::CLIENT_HELLO], &[Type::CLIENT_KEY_EXCHANGE])
                            || self.passed_to_change_cipher_spec(&[Type::CLIENT_HELLO])
                    }
                }
        })
    }

    fn proof(&self, answer: &Observed<()>) -> Observed<()> {
        let is_empty = self
            .draft
            .answer
            .as_ref()
            .is_some_and(|answer| answer.certificates.is_empty() && answer.unreadable == 0);
        self.fact(self.draft.proof.is_some(), Side::Client, || {
            is_empty
                || answer.is_not_sent()
                || self.passed(
                    Side::Client,
                    &[Type::CERTIFICATE, Type::COMPRESSED_CERTIFICATE, Type::CLIENT_KEY_EXCHANGE],
                    &[Type::FINISHED],
                )
                || self.passed_to_change_cipher_spec(&[Type::CERTIFICATE, Type::CLIENT_KEY_EXCHANGE])
        })
    }

    fn finished(&self, side: Side) -> Observed<()> {
        self.fact(self.draft.finished[side.index()].is_some(), side, || false)
    }

    /// Something `side` would send: seen; or not sent, where that is ruled out or the side ended without it; or hidden.
    fn fact(&self, seen: bool, side: Side, ruled_out: impl FnOnce() -> bool) -> Observed<()> {
        if seen {
            Observed::Seen(())
        } else if ruled_out() || self.ended_in_sight(side) {
            Observed::NotSent
        } else {
            Observed::Hidden(self.why(side))
        }
    }

    fn turns(&self, side: Side) -> &[Turn] {
        &self.draft.turns[side.index()]
    }

    fn sent(&self, side: Side, handshake_type: Type) -> bool {
        self.turns(side).contains(&Turn::Message(handshake_type))
    }

    /// Whether the stretch between a message of `before` and the first of `after` was seen whole.
    fn passed(&self, side: Side, before: &[Type], after: &[Type]) -> bool {
        self.passed_to(
            side,
            before,
            |turn| matches!(turn, Turn::Message(message) if after.contains(&message)),
        )
    }

    /// Likewise up to the client's ChangeCipherSpec, which only before TLS 1.3 has a place of its own.
    fn passed_to_change_cipher_spec(&self, before: &[Type]) -> bool {
        self.draft.is_tls13 == Some(false)
            && self.passed_to(Side::Client, before, |turn| turn == Turn::ChangeCipherSpec)
    }

    fn passed_to(&self, side: Side, before: &[Type], is_after: impl Fn(Turn) -> bool) -> bool {
        let turns = self.turns(side);
        let Some(after) = turns.iter().position(|turn| is_after(*turn)) else { return false };
        for turn in turns.iter().take(after).rev() {
            if self.hides(*turn) {
                return false;
            }
            if matches!(turn, Turn::Message(message) if before.contains(message)) {
                return true;
            }
        }
        false
    }

    /// Whether handshake messages may be behind this.
    fn hides(&self, turn: Turn) -> bool {
        match turn {
            Turn::Hole(_) => true,
            Turn::Sealed(ContentType::APPLICATION_DATA | ContentType::ALERT) => {
                self.draft.is_tls13 != Some(false)
            }
            Turn::Sealed(_) => true,
            Turn::Message(_) | Turn::ChangeCipherSpec | Turn::LastAlert => false,
        }
    }

    /// Whether the side certainly said nothing but what was seen of it.
    fn ended_in_sight(&self, side: Side) -> bool {
        // A program that prints no more may have seen more.
        if self.circumstances.is_printed {
            return false;
        }
        let turns = self.turns(side);
        let is_over = self.circumstances.closed.why == ClosedWhy::Ended
            || self.circumstances.ends[side.index()].is_some()
            || self.circumstances.ends.contains(&Some(TransportEnd::Reset))
            || turns.last() == Some(&Turn::LastAlert);
        let is_sealed_and_untold = self.draft.is_tls13 != Some(false)
            && self.circumstances.closed.records_untold[side.index()] > 0
            && turns.iter().any(|turn| matches!(turn, Turn::Sealed(_)));
        is_over
            && self.begins_in_sight()
            && self.circumstances.visible[side.index()]
            && !is_sealed_and_untold
            && !turns.iter().any(|turn| self.hides(*turn))
    }

    /// Whether a side of which nothing was captured certainly said something: the other would not have gone on.
    fn must_have_spoken(&self, side: Side) -> bool {
        let needs_no_answer = |turn: &Turn| match turn {
            Turn::Message(message) => *message == Type::CLIENT_HELLO,
            // Early data needs no answer either.
            Turn::ChangeCipherSpec | Turn::Sealed(_) => {
                self.draft.offer.as_ref().is_some_and(|offer| offer.offers(ExtensionType::EARLY_DATA))
            }
            Turn::LastAlert | Turn::Hole(_) => true,
        };
        side == Side::Client
            || self.circumstances.closed.why == ClosedWhy::Ended
            || !self.turns(!side).iter().all(needs_no_answer)
    }

    fn begins_in_sight(&self) -> bool {
        self.circumstances.start_seen
            || self.draft.client_hello.is_some()
            || self.draft.kind != HandshakeKind::Initial
    }

    /// Why something of this side cannot be told.
    fn why(&self, side: Side) -> Why {
        if self.circumstances.is_printed {
            return Why::NotPrinted;
        }
        let turns = self.turns(side);
        let is_sealed = turns.iter().any(|turn| matches!(turn, Turn::Sealed(_)));
        let hole = turns.iter().find_map(|turn| match turn {
            Turn::Hole(why) => Some(*why),
            _ => None,
        });
        if is_sealed && (self.draft.is_tls13 == Some(true) || self.draft.kind == HandshakeKind::Renegotiation)
        {
            Why::Encrypted
        } else if let Some(why) = hole {
            why
        } else if !self.circumstances.visible[side.index()] && self.must_have_spoken(side) {
            Why::OneDirection
        } else if !self.begins_in_sight() {
            Why::CaptureStartsLate
        } else if is_sealed {
            Why::Encrypted
        } else {
            Why::CaptureEnds
        }
    }
}
