//! The ladder as a list, for narrow screens, screen readers and whoever copies text.

use maud::{Markup, html};
use mtlscope_diagnose::connection::Connection;
use mtlscope_dissect::side::Side;

use super::rows::{Row, StepRow};
use crate::html::Settings;
use crate::html::fragment::{SENTENCE, cut};

pub(super) fn markup(connection: &Connection, rows: &[Row], settings: &Settings) -> Markup {
    html! {
        ol.steps id=(settings.id(connection, "steps")) {
            @for row in rows {
                @match row {
                    Row::Before(step) | Row::Step(step) => (item(connection, step, settings)),
                    Row::Heading { text, .. } => li.heading { (cut(text, SENTENCE)) },
                    Row::File(text) | Row::End(text) => li.note { (cut(text, SENTENCE)) },
                }
            }
        }
    }
}

fn item(connection: &Connection, step: &StepRow, settings: &Settings) -> Markup {
    let frame = step.frame.map(|frame| frame.get());
    let id = step.steps.map(|(place, _)| settings.id(connection, &format!("item-{place}")));
    let clickable = settings.interactive && step.steps.is_some();
    html! {
        li.(step.class()).(nested(step)) id=[id] data-step=[step.steps.map(|(place, _)| place)]
            data-steps=[step.steps.map(|(_, count)| count)] data-frame=[frame] data-handshake=(step.handshake)
            data-content=[step.has_content.then_some("")] {
            span.place {
                @if let Some(frame) = frame { span.frame { "frame " (frame) } " " }
                @if let Some(at) = &step.at { span.at { (at) " ms" } }
            }
            span.speech role=[clickable.then_some("button")] tabindex=[clickable.then_some("0")] {
                span.way aria-hidden="true" { @if step.side == Side::Client { "→" } @else { "←" } }
                span.who { (step.side) ": " }
                span.what { (cut(&step.name, SENTENCE)) }
                @if step.refuses { " " span.tag { "the refusal" } }
                @if step.attested { " " span.tag.quiet { "says a comment" } }
                @if step.encrypted && step.sealed.is_empty() && !step.attested { " " span.tag.quiet { "opened" } }
                @if !step.sealed.is_empty() { " " span.tag.quiet { "sealed" } }
                @if !step.detail.is_empty() { " " span.detail { (cut(&step.detail, SENTENCE)) } }
                @for reading in &step.reading { " " span.reading { (reading) } }
            }
        }
    }
}

fn nested(step: &StepRow) -> &'static str {
    if step.handshake > 0 { "nested" } else { "first" }
}
