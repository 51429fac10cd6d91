//! `outcome`: accepted or refused, by whom, how, on which layer.

use mtlscope_diagnose::connection::{Layer, Means, Outcome, Party, Verdict};
use mtlscope_dissect::evidence::FrameNumber;
use mtlscope_dissect::side::Side;

use super::scalar::append_number;

pub(super) fn append_outcome(line: &mut Vec<u8>, outcome: &Outcome) {
    line.extend_from_slice(match outcome.verdict {
        Verdict::Accepted => br#"{"result":"accepted","by":"#,
        Verdict::Refused => br#"{"result":"refused","by":"#,
        Verdict::Incomplete => br#"{"result":"incomplete","by":"#,
        Verdict::Unknown => br#"{"result":"unknown","by":"#,
    });
    line.extend_from_slice(match outcome.by {
        Some(Party::Side(Side::Client)) => br#""client""#,
        Some(Party::Side(Side::Server)) => br#""server""#,
        Some(Party::Network) => br#""network""#,
        None => b"null",
    });
    line.extend_from_slice(br#","how":"#);
    line.extend_from_slice(match outcome.means {
        Some(Means::Alert) => br#""alert""#,
        Some(Means::Fin) => br#""fin""#,
        Some(Means::Reset) => br#""rst""#,
        Some(Means::Http) => br#""http""#,
        Some(Means::Timeout) => br#""timeout""#,
        None => b"null",
    });
    line.extend_from_slice(br#","layer":"#);
    line.extend_from_slice(match outcome.layer {
        Some(Layer::Tcp) => br#""tcp""#,
        Some(Layer::Tls) => br#""tls""#,
        Some(Layer::Http) => br#""http""#,
        None => b"null",
    });
    line.extend_from_slice(br#","frame":"#);
    append_number(line, outcome.frame.map(FrameNumber::get));
    line.push(b'}');
}
