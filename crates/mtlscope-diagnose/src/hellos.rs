//! The two hellos of a connection, for rules that look at what was offered.

use mtlscope_dissect::evidence::Evidence;
use mtlscope_dissect::notice::NoticeKind;
use mtlscope_dissect::side::Side;
use mtlscope_dissect::tls::registry::{ExtensionType, ProtocolVersion};

use crate::connection::{Choice, Connection, Offer, StepKind};
use crate::observed::Why;

impl Connection {
    /// What the first ClientHello offers, and where it was, where it was seen.
    pub(crate) fn client_hello(&self) -> Option<(&Offer, Evidence)> {
        let mut handshakes = self.handshakes.iter();
        handshakes.find_map(|handshake| Some((handshake.offer.as_deref()?, *handshake.client_hello.seen()?)))
    }

    /// What the first ServerHello chooses, and where it was, where it was seen.
    pub(crate) fn server_hello(&self) -> Option<(&Choice, Evidence)> {
        let mut handshakes = self.handshakes.iter();
        handshakes.find_map(|handshake| Some((handshake.choice.as_deref()?, *handshake.server_hello.seen()?)))
    }

    /// Whether nobody answered the ClientHello by a ServerHello.
    pub(crate) fn is_before_server_hello(&self) -> bool {
        let has_spoken = self.steps.iter().any(|step| {
            step.side == Side::Server
                && (step.kind.message().is_some()
                    || matches!(step.kind, StepKind::ChangeCipherSpec(..) | StepKind::Sealed(_)))
        });
        let may_be_lost = matches!(
            self.initial().server_hello.hidden(),
            Some(Why::Gap | Why::SnapLength | Why::CaptureStartsLate | Why::OneDirection)
        );
        self.start_seen && self.client_hello().is_some() && !has_spoken && !may_be_lost
    }

    /// Whether packets of it are missing from the capture, or cut.
    pub(crate) fn has_holes(&self) -> bool {
        self.notices
            .iter()
            .any(|notice| matches!(notice.kind, NoticeKind::Gap { .. } | NoticeKind::Snapped { .. }))
    }

    /// Whether TLS 1.3 was agreed on.
    pub(crate) fn is_tls13(&self) -> bool {
        self.initial().version.seen().is_some_and(|version| version.is_tls13())
    }

    /// Whether a full handshake came to its end and the server asked for no certificate in it.
    pub(crate) fn was_not_asked(&self) -> bool {
        let initial = self.initial();
        initial.request.is_not_sent() && initial.resumption.is_not_sent() && initial.server_identity.is_seen()
    }

    /// Whether the client said that it may be asked after the handshake. RFC 8446 section 4.2.6.
    pub(crate) fn may_be_asked_late(&self) -> bool {
        self.client_hello().is_some_and(|(hello, _)| hello.offers(ExtensionType::POST_HANDSHAKE_AUTH))
    }
}

/// The versions a ClientHello offers, in words, GREASE left out (RFC 8701).
pub(crate) fn versions(hello: &Offer) -> String {
    let known = |version: &&ProtocolVersion| version.0 & 0x0f0f != 0x0a0a;
    let names: Vec<String> = hello.supported_versions.iter().filter(known).map(ToString::to_string).collect();
    names.join(", ")
}
