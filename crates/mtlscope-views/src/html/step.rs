//! One step of the ladder, by itself: where it is, how Wireshark finds it, and, of a message, its fields and bytes.

use maud::html;
use mtlscope_diagnose::connection::{Connection, Step, StepKind};
use mtlscope_dissect::evidence::FrameNumber;

use super::fragment::{SENTENCE, cut};
use super::message::message;
use super::{Fragment, Settings};
use crate::wording::{self, step as words};

/// A step of a connection, by its place among the steps; `None` where there is none. `count`: how many share its row of the
/// ladder, as sealed records do. What copies a display filter carries it in `data-copy`.
pub fn step(connection: &Connection, place: usize, count: usize, settings: &Settings) -> Option<Fragment> {
    let run = connection.steps.get(place..place.checked_add(count.max(1))?)?;
    let step = run.first()?;
    let detail = words::detail(step);
    let filter = display_filter(step);
    let content = match &step.kind {
        StepKind::Message(content) => {
            let handshake = connection.handshakes.get(step.handshake);
            message(content, handshake, &settings.id(connection, &format!("message-{place}")), settings)
        }
        _ => None,
    };
    let title = settings.id(connection, &format!("step-{place}-title"));
    Some(Fragment::of(html! {
        section.step-alone id=(settings.id(connection, &format!("alone-{place}"))) aria-labelledby=(title) {
            h2 id=(title) {
                span.(step.side) { (step.side) }
                " " (cut(&words::name(step, run), SENTENCE))
            }
            ul.facts {
                @if let Some(frame) = step.frame { li { "frame " (frame) } }
                @if connection.printed.is_none() {
                    li { (wording::duration(step.time - connection.start)) " after the beginning" }
                }
                @if !detail.is_empty() { li { (cut(&detail, SENTENCE)) } }
            }
            @if let Some(filter) = filter {
                p.in-wireshark {
                    code { (filter) }
                    " "
                    button type="button" data-copy=(filter) { "Copy as display filter" }
                }
            }
            @match content {
                Some(content) => (content),
                None => p.remark { (without_content(&step.kind)) },
            }
        }
    }))
}

/// Why there are no fields and bytes to show.
fn without_content(kind: &StepKind) -> &'static str {
    match kind {
        StepKind::Message(_) | StepKind::MessageHead(_) => "The bytes of this message were not kept.",
        StepKind::Sealed(_) => {
            "Encrypted: without the keys its size is all that can be seen. Give a key log, and it opens here."
        }
        StepKind::TransportEnd(_) => "The end of what this side sends: no bytes of TLS.",
        _ => "No message of the handshake: the ladder tells all that is in it.",
    }
}

/// What Wireshark finds the step by. A live end has no frames, so nothing finds it.
fn display_filter(step: &Step) -> Option<String> {
    let frame = step.frame.map(FrameNumber::get)?;
    let of_frame = format!("frame.number == {frame}");
    Some(match &step.kind {
        StepKind::Message(content) => {
            format!("{of_frame} && tls.handshake.type == {}", content.handshake_type.0)
        }
        StepKind::Alert(alert, ..) => {
            format!("{of_frame} && tls.alert_message.desc == {}", alert.description.0)
        }
        _ => of_frame,
    })
}
