//! `outcome`: accepted or refused, by whom, how, on which layer.

use mtlscope_diagnose::connection::{self, Layer, Means, Party, Verdict};
use mtlscope_dissect::evidence::FrameNumber;
use mtlscope_dissect::side::Side;
use serde::Serialize;

use super::scalar::file_of;

#[derive(Serialize)]
pub(super) struct Outcome {
    result: OutcomeResult,
    by: Option<By>,
    how: Option<OutcomeHow>,
    layer: Option<OutcomeLayer>,
    frame: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<u16>,
    inferred: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum OutcomeResult {
    Accepted,
    Refused,
    Incomplete,
    Unknown,
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum By {
    Client,
    Server,
    Network,
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum OutcomeHow {
    Alert,
    Fin,
    Rst,
    Http,
    Timeout,
    Log,
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum OutcomeLayer {
    Tcp,
    Tls,
    Http,
}

impl Outcome {
    pub(super) fn of(outcome: &connection::Outcome, base: u16) -> Self {
        Self {
            result: match outcome.verdict {
                Verdict::Accepted => OutcomeResult::Accepted,
                Verdict::Refused => OutcomeResult::Refused,
                Verdict::Incomplete => OutcomeResult::Incomplete,
                Verdict::Unknown => OutcomeResult::Unknown,
            },
            by: outcome.by.map(|by| match by {
                Party::Side(Side::Client) => By::Client,
                Party::Side(Side::Server) => By::Server,
                Party::Network => By::Network,
            }),
            how: outcome.means.map(|means| match means {
                Means::Alert => OutcomeHow::Alert,
                Means::Fin => OutcomeHow::Fin,
                Means::Reset => OutcomeHow::Rst,
                Means::Http => OutcomeHow::Http,
                Means::Timeout => OutcomeHow::Timeout,
                Means::Log => OutcomeHow::Log,
            }),
            layer: outcome.layer.map(|layer| match layer {
                Layer::Tcp => OutcomeLayer::Tcp,
                Layer::Tls => OutcomeLayer::Tls,
                Layer::Http => OutcomeLayer::Http,
            }),
            frame: outcome.frame.map(FrameNumber::get),
            file: file_of(outcome.frame, base),
            inferred: outcome.inferred,
        }
    }
}
