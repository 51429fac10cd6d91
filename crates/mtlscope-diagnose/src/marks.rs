//! What a connection shows at a glance. It is looked at once; a rule that needs what is not there is passed over.
//!
//! Of ninety rules a connection concerns a few. Each says what it cannot do without (`needs` in `rule!`), and never anything
//! that only makes it less likely: passing it over must change nothing that is found.

use mtlscope_dissect::event::Protection;
use mtlscope_dissect::tls::registry::{AlertDescription, HandshakeType};

use crate::connection::{ClientChain, Connection, Reception, StepKind};

/// A set of marks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Marks(u16);

impl Marks {
    /// None at all.
    pub const NONE: Self = Self(0);
    /// One side refused the other: [`Connection::refusal`].
    pub const REFUSED: Self = Self(1);
    /// A handshake, the first, did not come to its end as far as both Finished messages were seen.
    pub const UNFINISHED: Self = Self(1 << 1);
    /// An HTTP status was read.
    pub const STATUS: Self = Self(1 << 2);
    /// The client's answer was seen, in the handshake that tells of it.
    pub const ANSWERED: Self = Self(1 << 3);
    /// How the server took that answer can be asked: [`Connection::reception`].
    pub const RECEIVED: Self = Self(1 << 4);
    /// There it showed a certificate that can be read.
    pub const SHOWN: Self = Self(1 << 5);
    /// There it answered with none.
    pub const WITHHELD: Self = Self(1 << 6);
    /// The server refused, and can have meant that answer.
    pub const TURNED_DOWN: Self = Self(1 << 7);
    /// The server is not seen to have taken that answer.
    pub const NOT_TAKEN: Self = Self(1 << 8);
    /// An alert was read.
    pub const ALERTED: Self = Self(1 << 9);
    /// The server asked for a new handshake, or the client said that it will have none.
    pub const ASKED_ANEW: Self = Self(1 << 10);

    /// Something of it is told by the comment of a packet: [`Connection::rests_on_comments`].
    pub const ATTESTED: Self = Self(1 << 11);

    /// All that a connection shows.
    pub fn of(connection: &Connection) -> Self {
        let initial = connection.initial();
        let asking = connection.asking();
        let finished = initial.client_finished.is_seen() && initial.server_finished.is_seen();
        let mut marks = Self::NONE
            .and_if(!finished, Self::UNFINISHED)
            .and_if(connection.refusal().is_some(), Self::REFUSED)
            .and_if(connection.http_status.is_some(), Self::STATUS)
            .and_if(asking.answer.is_seen(), Self::ANSWERED);
        if let Some(reception) = connection.reception(asking) {
            let is_empty = asking.answer.seen().is_some_and(|answer| answer.is_empty());
            marks = marks
                .and(Self::RECEIVED)
                .and_if(ClientChain::of(asking).is_some(), Self::SHOWN)
                .and_if(is_empty, Self::WITHHELD)
                .and_if(matches!(reception, Reception::Refused(_)), Self::TURNED_DOWN)
                .and_if(!matches!(reception, Reception::Accepted(_)), Self::NOT_TAKEN);
        }
        connection.steps.iter().fold(marks, |marks, step| marks.and(Self::of_step(&step.kind)))
    }

    fn of_step(kind: &StepKind) -> Self {
        // Most steps are of this kind.
        if let StepKind::Sealed(_) = kind {
            return Self::NONE;
        }
        let attested = Self::NONE.and_if(kind.protection() == Some(Protection::Attested), Self::ATTESTED);
        let asks_anew = |asked: HandshakeType| asked == HandshakeType::HELLO_REQUEST;
        match kind {
            StepKind::Alert(alert, ..) => attested
                .and(Self::ALERTED)
                .and_if(alert.description == AlertDescription::NO_RENEGOTIATION, Self::ASKED_ANEW),
            StepKind::Message(message) => {
                attested.and_if(asks_anew(message.handshake_type), Self::ASKED_ANEW)
            }
            StepKind::MessageHead(head) => attested.and_if(asks_anew(head.handshake_type), Self::ASKED_ANEW),
            _ => attested,
        }
    }

    /// How many there are.
    pub(crate) const COUNT: usize = 12;

    /// The mark with this number.
    pub(crate) const fn numbered(number: usize) -> Self {
        Self(1 << number)
    }

    /// Whether all of `needed` are here.
    pub const fn has(self, needed: Self) -> bool {
        self.0 & needed.0 == needed.0
    }

    /// These and those.
    pub(crate) const fn and(self, more: Self) -> Self {
        Self(self.0 | more.0)
    }

    const fn and_if(self, is_so: bool, more: Self) -> Self {
        if is_so { self.and(more) } else { self }
    }
}
