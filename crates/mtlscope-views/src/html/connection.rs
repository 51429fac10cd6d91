//! The head of a connection: which ends, which name, version and suite, and what the keys opened.

use maud::html;
use mtlscope_diagnose::connection::Connection;
use mtlscope_diagnose::observed::Observed;
use mtlscope_dissect::evidence::FrameNumber;
use mtlscope_dissect::time::Timestamp;
use mtlscope_dissect::x509::Time;

use super::fragment::{VALUE, cut};
use super::{Fragment, Settings};
use crate::wording::{self, connection as words};

/// The head: a heading with both ends, and the facts below it.
pub fn head(connection: &Connection, settings: &Settings) -> Fragment {
    let name = match &connection.initial().server_name {
        Observed::Seen(name) => Some(name),
        _ => None,
    };
    let file = connection.first_frame.map_or(0, FrameNumber::file);
    Fragment::of(html! {
        header.connection-head id=(settings.id(connection, "head")) data-connection=(connection.id.0) {
            h2 {
                span.number { "#" (connection.id.0) }
                " "
                span.client { (words::end(connection.client, "client")) }
                " "
                span.arrow aria-label="to" role="img" { "→" }
                " "
                span.server { (words::end(connection.server, "server")) }
                @if let Some(name) = name { " " span.name { (cut(name, VALUE)) } }
            }
            ul.facts {
                @for fact in words::facts(connection) { li { (cut(&fact, VALUE)) } }
                @for layer in &connection.tunnel { li { "in " (cut(layer, VALUE)) } }
                @for preamble in &connection.preambles { li { (cut(&wording::preamble(preamble), VALUE)) } }
                @if let Some(file) = settings.files.get(usize::from(file)) { li.file { (cut(file, VALUE)) } }
                @if connection.printed.is_none() {
                    li { time datetime=(moment(connection.start)) { (moment(connection.start)) } }
                    li { "lasted " (wording::duration(connection.end - connection.start)) }
                }
            }
        }
    })
}

/// A moment as people and programs read it: `2026-01-31T12:00:00Z`.
pub(super) fn moment(time: Timestamp) -> String {
    Time::from_seconds(time.seconds()).to_string()
}
