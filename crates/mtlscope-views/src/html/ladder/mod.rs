//! The ladder: who said what, when, drawn as a sequence diagram and told as a list, from the same rows.
//!
//! The drawing is for wide screens and paper, the list for narrow ones and wherever nothing is drawn; the stylesheet shows
//! one of them, so a screen reader meets each step once.

mod rows;
mod drawing;
mod list;
mod measure;

use maud::{Markup, PreEscaped, html};
use mtlscope_diagnose::connection::Connection;

use super::{Fragment, Settings};
use drawing::Drawing;
use rows::Row;

/// How the steps of a drawn ladder are spaced.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub enum Spacing {
    /// One below the other.
    #[default]
    Even,
    /// With the time that passed between two as space between them.
    ToScale,
}

/// The ladder of a connection: the drawing, the list, and what the strokes mean.
pub fn ladder(connection: &Connection, settings: &Settings) -> Fragment {
    let rows = rows::of(connection, settings);
    let drawing = Drawing::new(connection, &rows, settings);
    let title = settings.id(connection, "ladder-title");
    Fragment::of(html! {
        figure.ladder.long[drawing.is_long()] id=(settings.id(connection, "ladder")) data-connection=(connection.id.0)
            aria-labelledby=(title) {
            figcaption id=(title) {
                span.caption { "The handshake, step by step" }
                (legend(connection, &rows, settings))
            }
            (drawing.markup())
            (list::markup(connection, &rows, settings))
        }
    })
}

/// The drawing alone, as an element `svg`.
pub fn ladder_drawing(connection: &Connection, settings: &Settings) -> Fragment {
    let rows = rows::of(connection, settings);
    Fragment::of(Drawing::new(connection, &rows, settings).markup())
}

/// The list alone.
pub fn ladder_list(connection: &Connection, settings: &Settings) -> Fragment {
    let rows = rows::of(connection, settings);
    Fragment::of(list::markup(connection, &rows, settings))
}

/// The drawing as a file of its own, with its colours in it.
pub fn ladder_svg_file(connection: &Connection, settings: &Settings) -> String {
    let rows = rows::of(connection, settings);
    let drawing = Drawing::new(connection, &rows, settings);
    // The stylesheet is ours, without `<` and `&`.
    let style = Fragment::of(drawing.file("@style@")).into_string();
    let mut file =
        style.replacen("@style@", concat!(include_str!("../colours.css"), include_str!("../ladder.css")), 1);
    file.push('\n');
    file
}

/// What the strokes mean, as far as they occur.
fn legend(connection: &Connection, rows: &[Row], settings: &Settings) -> Markup {
    let steps = || rows.iter().filter_map(Row::step);
    let scaled = settings.spacing == Spacing::ToScale && connection.printed.is_none();
    html! {
        ul.legend {
            @if steps().any(|step| step.sealed.is_empty() && !step.encrypted && step.is_speech()) {
                li { span.stroke.plain aria-hidden="true" {} "in clear" }
            }
            @if steps().any(|step| step.encrypted && step.sealed.is_empty() && !step.attested) {
                li { span.stroke.opened aria-hidden="true" {} "encrypted, opened with keys" }
            }
            @if steps().any(|step| !step.sealed.is_empty()) {
                li { span.stroke.sealed aria-hidden="true" {} "encrypted, stays sealed" }
            }
            @if steps().any(|step| step.attested) {
                li { span.stroke.attested aria-hidden="true" {} "encrypted; a comment says what it is" }
            }
            @if steps().any(|step| step.ends) {
                li { span.stroke.end aria-hidden="true" {} "end of the TCP connection" }
            }
            @if scaled { li { "space between steps: the time that passed" } }
        }
    }
}

/// A symbol of ours, drawn: a lock.
fn lock(x: i32, y: i32) -> Markup {
    html! {
        g.lock transform={ "translate(" (x) " " (y) ")" } {
            path d="M2 5V3.5a2.5 2.5 0 0 1 5 0V5" {}
            rect x="0.5" y="5" width="8" height="6" rx="1.2" {}
        }
    }
}

/// The file's own declaration.
const XML: PreEscaped<&str> = PreEscaped("<?xml version=\"1.0\" encoding=\"UTF-8\"?>");
