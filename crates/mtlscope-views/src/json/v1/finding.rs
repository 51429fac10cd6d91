//! `findings`: what the rules say, and the frames that prove it.

use mtlscope_diagnose::finding::{Confidence, Finding, Severity};
use mtlscope_dissect::evidence::FrameNumber;
use serde::{Serialize, Serializer};

use super::scalar::file_of;

pub(super) struct Findings<'a>(pub(super) &'a [Finding], pub(super) u16);

impl Serialize for Findings<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(|finding| FindingLine {
            id: finding.rule.id,
            severity: match finding.severity {
                Severity::Error => SeverityWord::Error,
                Severity::Warning => SeverityWord::Warning,
                Severity::Note => SeverityWord::Note,
            },
            confidence: match finding.confidence {
                Confidence::Certain => ConfidenceWord::Certain,
                Confidence::Likely => ConfidenceWord::Likely,
                Confidence::Possible => ConfidenceWord::Possible,
            },
            message: &finding.message,
            evidence: Frames(finding, self.1),
            fix: &finding.fix,
        }))
    }
}

struct Frames<'a>(&'a Finding, u16);

/// Each frame once; where there are no frames, one `null` for the evidence there is.
impl Serialize for Frames<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let evidence = self.0.evidence.as_slice();
        let frames = evidence.iter().enumerate().filter_map(|(place, one)| {
            let earlier = evidence.get(..place)?;
            let is_new = earlier.iter().all(|other| other.frame != one.frame);
            is_new
                .then_some(Place { frame: one.frame.map(FrameNumber::get), file: file_of(one.frame, self.1) })
        });
        serializer.collect_seq(frames)
    }
}

#[derive(Serialize)]
struct FindingLine<'a> {
    id: &'static str,
    severity: SeverityWord,
    confidence: ConfidenceWord,
    message: &'a str,
    evidence: Frames<'a>,
    fix: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum SeverityWord {
    Error,
    Warning,
    Note,
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum ConfidenceWord {
    Certain,
    Likely,
    Possible,
}

#[derive(Serialize)]
struct Place {
    frame: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<u16>,
}
