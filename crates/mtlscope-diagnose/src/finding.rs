//! What a rule says: one sentence, how bad, how sure, on what evidence, and the change that fixes it.

use std::fmt;

use mtlscope_dissect::evidence::{Evidence, FrameNumber};

use crate::rule::Rule;

/// One finding about one connection.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The rule that speaks.
    pub rule: &'static Rule,
    /// Whether it breaks the handshake.
    pub severity: Severity,
    /// How sure it is.
    pub confidence: Confidence,
    /// Who refused whom, where and why: one or two sentences with the numbers and names of this connection.
    pub message: String,
    /// The frames that prove it, the primary one first.
    pub evidence: Vec<Evidence>,
    /// The one change that fixes it.
    pub fix: String,
}

impl Finding {
    /// The frames of the evidence, each once, the primary one first.
    pub fn frames(&self) -> Vec<FrameNumber> {
        let mut frames = Vec::new();
        for frame in self.evidence.iter().filter_map(|evidence| evidence.frame) {
            if !frames.contains(&frame) {
                frames.push(frame);
            }
        }
        frames
    }
}

/// Whether the trouble breaks the handshake.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Severity {
    /// Worth knowing.
    Note,
    /// Will break, or breaks some clients.
    Warning,
    /// It broke.
    Error,
}

/// How sure a finding is. What is inferred through encryption is at most likely.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Confidence {
    /// One of several causes.
    Possible,
    /// The best reading of what is not fully seen.
    Likely,
    /// Seen.
    Certain,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        })
    }
}

impl fmt::Display for Confidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Possible => "possible",
            Self::Likely => "likely",
            Self::Certain => "certain",
        })
    }
}
