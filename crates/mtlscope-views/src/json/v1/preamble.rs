//! `preambles`: what both sides said in clear before TLS, one object a protocol.

use mtlscope_dissect::evidence::FrameNumber;
use mtlscope_dissect::preamble::{Preamble, PreambleStep};
use mtlscope_dissect::side::Side;
use serde::{Serialize, Serializer};

use super::scalar::{Moment, Shown, file_of};

/// All of a connection.
pub(super) struct Preambles<'a>(pub(super) &'a [Preamble], pub(super) u16);

impl Serialize for Preambles<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(|preamble| One {
            protocol: preamble.protocol.word(),
            source: preamble.source.as_deref(),
            destination: preamble.destination.as_deref(),
            steps: Steps(&preamble.steps, self.1),
        }))
    }
}

#[derive(Serialize)]
struct One<'a> {
    protocol: &'static str,
    source: Option<&'a str>,
    destination: Option<&'a str>,
    steps: Steps<'a>,
}

struct Steps<'a>(&'a [PreambleStep], u16);

impl Serialize for Steps<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Step<'a> {
            frame: Option<u64>,
            #[serde(skip_serializing_if = "Option::is_none")]
            file: Option<u16>,
            time: Moment,
            from: Shown<Side>,
            text: &'a str,
        }
        serializer.collect_seq(self.0.iter().map(|step| Step {
            frame: step.evidence.frame.map(FrameNumber::get),
            file: file_of(step.evidence.frame, self.1),
            time: Moment(step.evidence.time),
            from: Shown(step.evidence.side),
            text: &step.text,
        }))
    }
}
