//! `alerts`: those that can be read, and those that are known to be alerts and stay sealed.

use mtlscope_diagnose::connection::{Step, StepKind};
use mtlscope_dissect::event::Protection;
use mtlscope_dissect::evidence::FrameNumber;
use mtlscope_dissect::side::Side;
use mtlscope_dissect::tls::registry::ContentType;
use serde::{Serialize, Serializer};

use super::scalar::{Shown, file_of};

pub(super) struct Alerts<'a>(pub(super) &'a [Step], pub(super) u16);

impl Serialize for Alerts<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().filter_map(|step| Alert::of(step, self.1)))
    }
}

#[derive(Serialize)]
struct Alert<'a> {
    frame: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<u16>,
    from: From,
    level: Option<Shown<&'a mtlscope_dissect::tls::registry::AlertLevel>>,
    number: Option<u8>,
    name: Option<Shown<&'a mtlscope_dissect::tls::registry::AlertDescription>>,
    encrypted: bool,
    #[serde(skip_serializing_if = "is_false")]
    attested: bool,
}

impl<'a> Alert<'a> {
    fn of(step: &'a Step, base: u16) -> Option<Self> {
        let file = file_of(step.frame, base);
        let frame = step.frame.map(FrameNumber::get);
        let from = From::of(step.side);
        match &step.kind {
            StepKind::Alert(alert, _, protection) => Some(Self {
                frame,
                file,
                from,
                level: Some(Shown(&alert.level)),
                number: Some(alert.description.0),
                name: Some(Shown(&alert.description)),
                encrypted: *protection != Protection::Plain,
                attested: *protection == Protection::Attested,
            }),
            StepKind::Sealed(record) if record.content_type == ContentType::ALERT => {
                let (level, number, name) = (None, None, None);
                Some(Self { frame, file, from, level, number, name, encrypted: true, attested: false })
            }
            _ => None,
        }
    }
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde hands it so")]
fn is_false(value: &bool) -> bool {
    !value
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum From {
    Client,
    Server,
}

impl From {
    fn of(side: Side) -> Self {
        match side {
            Side::Client => Self::Client,
            Side::Server => Self::Server,
        }
    }
}
