//! Three answers, not two: on an encrypted or cut-off wire "we did not see it" is not "it was not sent".

use std::fmt;

/// What a watcher can honestly say about one fact.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Observed<T> {
    /// It was there.
    Seen(T),
    /// The place where it would have been is visible, and it is not there.
    NotSent,
    /// Cannot tell.
    Hidden(Why),
}

/// Why something cannot be told.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[non_exhaustive]
pub enum Why {
    /// It would be inside records that stay sealed.
    Encrypted,
    /// The capture begins after it.
    CaptureStartsLate,
    /// Packets that would have held it are missing.
    Gap,
    /// The capture kept only the heads of packets.
    SnapLength,
    /// The capture ends before it.
    CaptureEnds,
    /// Only one direction was captured.
    OneDirection,
    /// What the program printed does not say.
    NotPrinted,
}

impl<T> Observed<T> {
    /// What was seen, if it was.
    pub fn seen(&self) -> Option<&T> {
        match self {
            Self::Seen(value) => Some(value),
            Self::NotSent | Self::Hidden(_) => None,
        }
    }

    /// Whether it was seen.
    pub fn is_seen(&self) -> bool {
        matches!(self, Self::Seen(_))
    }

    /// Whether it certainly was not sent.
    pub fn is_not_sent(&self) -> bool {
        matches!(self, Self::NotSent)
    }

    /// Why it is hidden, if it is.
    pub fn hidden(&self) -> Option<Why> {
        match self {
            Self::Hidden(why) => Some(*why),
            Self::Seen(_) | Self::NotSent => None,
        }
    }
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Encrypted => "it is encrypted",
            Self::CaptureStartsLate => "the capture starts after it",
            Self::Gap => "packets are missing from the capture",
            Self::SnapLength => "the capture kept only the heads of packets",
            Self::CaptureEnds => "the capture ends before it",
            Self::OneDirection => "only one direction was captured",
            Self::NotPrinted => "the printout does not say",
        })
    }
}
