//! The ladder as a drawing: two lifelines, and an arrow for everything that was said.

use maud::{Markup, html};
use mtlscope_diagnose::connection::Connection;
use mtlscope_dissect::side::Side;

use super::measure::{lines, width};
use super::rows::{Row, StepRow};
use super::{Spacing, XML, lock};
use crate::html::Settings;
use crate::html::fragment::{VALUE, cut};
use crate::wording::{connection as words, grouped};

/// Pixels, before the drawing is scaled to its place.
const WIDTH: i32 = 880;
const SERVER: i32 = 852;
/// What fits on a sheet (A4, or Letter) beside its title, margins left out.
const SHEET: i32 = 1080;
const TOP: i32 = 64;
const NAME_SIZE: f32 = 14.0;
const DETAIL_SIZE: f32 = 12.5;
const DETAIL_LINE: i32 = 17;
/// The most room that time gets in a drawing to scale.
const ROOM_FOR_TIME: f64 = 1_200.0;

/// A ladder, laid out.
pub(super) struct Drawing<'a> {
    connection: &'a Connection,
    settings: &'a Settings,
    placed: Vec<Placed<'a>>,
    client: i32,
    height: i32,
}

/// A row at its place.
struct Placed<'a> {
    row: &'a Row,
    /// Its upper edge.
    top: i32,
    height: i32,
    details: Vec<String>,
    readings: Vec<String>,
}

impl<'a> Drawing<'a> {
    pub(super) fn new(connection: &'a Connection, rows: &'a [Row], settings: &'a Settings) -> Self {
        let frames = if connection.first_frame.is_some() { 62 } else { 0 };
        let times = if connection.printed.is_none() { 82 } else { 0 };
        let client = 28 + frames + times;
        let scale = Scale::of(connection, rows, settings);
        let room = (SERVER - client - 36) as f32;
        let mut top = TOP;
        let mut placed = Vec::with_capacity(rows.len());
        let mut before = None;
        for row in rows {
            let (mut details, mut readings) = (Vec::new(), Vec::new());
            let height = match row {
                Row::Before(step) | Row::Step(step) => {
                    if let Some(before) = before.replace(step.time) {
                        top += scale.between(step.time - before);
                    }
                    if !step.detail.is_empty() {
                        details = lines(&step.detail, room, DETAIL_SIZE, 2);
                    }
                    if step.attested {
                        details.push("says a comment in the capture, which is taken on trust".to_owned());
                    }
                    for reading in step.reading.iter().take(3) {
                        readings.extend(lines(reading, room - 18.0, DETAIL_SIZE, 2));
                    }
                    let below = DETAIL_LINE * (details.len() + readings.len()) as i32;
                    (if step.sealed.is_empty() { 40 } else { 50 }) + below
                }
                Row::Heading { .. } => 36,
                Row::File(_) | Row::End(_) => 28,
            };
            placed.push(Placed { row, top, height, details, readings });
            top += height;
        }
        Self { connection, settings, placed, client, height: top + 24 }
    }

    /// Whether it is taller than a sheet of paper that it fills in width.
    pub(super) fn is_long(&self) -> bool {
        self.height > SHEET
    }

    /// The element, for a page.
    pub(super) fn markup(&self) -> Markup {
        html! {
            svg.drawing viewBox={ "0 0 " (WIDTH) " " (self.height) } role="group" aria-label=(self.title()) {
                (self.content())
            }
        }
    }

    /// The element with all that a file needs. `style`: the stylesheet.
    pub(super) fn file(&self, style: &str) -> Markup {
        const MARGIN: i32 = 14;
        let (wide, high) = (WIDTH + 2 * MARGIN, self.height + 2 * MARGIN);
        html! {
            (XML)
            svg.drawing.file xmlns="http://www.w3.org/2000/svg" role="img" aria-label=(self.title())
                viewBox={ (-MARGIN) " " (-MARGIN) " " (wide) " " (high) } width=(wide) height=(high) {
                style { (style) }
                rect.ground x=(-MARGIN) y=(-MARGIN) width=(wide) height=(high) {}
                (self.content())
            }
        }
    }

    fn title(&self) -> String {
        format!("Ladder of connection {}: client on the left, server on the right", self.connection.id.0)
    }

    fn content(&self) -> Markup {
        html! {
            (self.bands())
            g role="list" {
                @for placed in &self.placed {
                    @match placed.row {
                        Row::Before(step) | Row::Step(step) => (self.step(placed, step)),
                        Row::Heading { text, .. } => (self.heading(placed, text)),
                        Row::File(text) | Row::End(text) => (self.note(placed, text)),
                    }
                }
            }
            (self.lifelines())
        }
    }

    /// Who stands at which line, and the lines.
    fn lifelines(&self) -> Markup {
        let name = |address| cut(&words::end(address, ""), 48).into_owned();
        let bottom = self.height - 16;
        html! {
            g.lifelines aria-hidden="true" {
                @for (x, class) in [(self.client, "client"), (SERVER, "server")] {
                    line.lifeline.(class) x1=(x) y1="52" x2=(x) y2=(bottom) {}
                    circle.(class) cx=(x) cy="48" r="4.5" {}
                }
                text.end-name.client x=(self.client - 5) y="18" { "Client" }
                text.address x=(self.client - 5) y="35" { (name(self.connection.client)) }
                text.end-name.server.to-the-end x=(SERVER + 5) y="18" { "Server" }
                text.address.to-the-end x=(SERVER + 5) y="35" { (name(self.connection.server)) }
                @if self.connection.first_frame.is_some() {
                    text.column.to-the-end x="52" y="35" { "frame" }
                }
                @if self.connection.printed.is_none() {
                    text.column.to-the-end x=(self.client - 18) y="35" { "ms" }
                }
            }
        }
    }

    /// What is behind the rows of a later handshake: a band, so that it is seen to stand inside the first.
    fn bands(&self) -> Markup {
        let mut bands: Vec<(usize, i32, i32)> = Vec::new();
        for placed in &self.placed {
            let handshake = match placed.row {
                Row::Step(step) => step.handshake,
                Row::Heading { handshake, .. } => *handshake,
                _ => continue,
            };
            match bands.last_mut() {
                Some((last, _, bottom)) if *last == handshake => *bottom = placed.top + placed.height,
                _ => bands.push((handshake, placed.top, placed.top + placed.height)),
            }
        }
        html! {
            @for (handshake, top, bottom) in bands.into_iter().filter(|(handshake, ..)| *handshake > 0) {
                rect.band x=(self.client - 12) y=(top + 2) width=(SERVER - self.client + 24) height=(bottom - top - 4)
                    rx="8" data-handshake=(handshake) {}
            }
        }
    }

    fn heading(&self, placed: &Placed<'_>, text: &str) -> Markup {
        let shown = lines(text, (SERVER - self.client - 24) as f32, 13.0, 1);
        html! {
            g.heading role="listitem" {
                @for line in shown { text x=(self.client + 14) y=(placed.top + 24) { (line) } }
            }
        }
    }

    fn note(&self, placed: &Placed<'_>, text: &str) -> Markup {
        let shown = lines(text, (SERVER - self.client - 24) as f32, DETAIL_SIZE, 1);
        html! {
            g.note role="listitem" {
                @for line in shown {
                    text.in-the-middle x=((self.client + SERVER) / 2) y=(placed.top + 18) { (line) }
                }
            }
        }
    }

    fn step(&self, placed: &Placed<'_>, step: &StepRow) -> Markup {
        let id = step.steps.map(|(place, _)| self.settings.id(self.connection, &format!("step-{place}")));
        let clickable = self.settings.interactive && step.steps.is_some();
        let label = cut(&step.label(), VALUE * 2).into_owned();
        let (top, baseline) = (placed.top, placed.top + 20);
        let arrow = placed.top + if step.sealed.is_empty() { 29 } else { 35 };
        let (x, anchor) = match step.side {
            Side::Client => (self.client + 16, ""),
            Side::Server => (SERVER - 16, "to-the-end"),
        };
        let room = (SERVER - self.client - 32) as f32 - if step.refuses { 90.0 } else { 0.0 };
        let name = lines(&step.name, room, NAME_SIZE * 1.06, 1);
        html! {
            g role="listitem" {
                g.(step.class()) id=[id] role=[clickable.then_some("button")] tabindex=[clickable.then_some("0")]
                    aria-label=(label)
                    data-step=[step.steps.map(|(place, _)| place)] data-steps=[step.steps.map(|(_, count)| count)]
                    data-frame=[step.frame.map(|frame| frame.get())] data-handshake=(step.handshake)
                    data-content=[step.has_content.then_some("")] {
                    title { (label) }
                    rect.row x="0" y=(top) width=(WIDTH) height=(placed.height) rx="6" {}
                    @if let Some(frame) = step.frame {
                        text.frame.to-the-end x="52" y=(baseline) { (frame) }
                    }
                    @if let Some(at) = &step.at {
                        text.at.to-the-end x=(self.client - 18) y=(baseline) { (at) }
                    }
                    @for line in &name { text.name.(anchor) x=(x) y=(baseline) { (line) } }
                    @if step.refuses { (self.tag(step, baseline)) }
                    (self.arrow(step, arrow))
                    (self.records(step, arrow))
                    @for (place, line) in placed.details.iter().enumerate() {
                        text.detail.(anchor) x=(x) y=(below(arrow, place, step)) { (line) }
                    }
                    @for (place, line) in placed.readings.iter().enumerate() {
                        text.reading.(anchor) x=(x) y=(below(arrow, placed.details.len() + place, step)) { (line) }
                    }
                }
            }
        }
    }

    /// From the speaker to the other end.
    fn arrow(&self, step: &StepRow, y: i32) -> Markup {
        let (from, to, back) = match step.side {
            Side::Client => (self.client + 2, SERVER - 2, -1),
            Side::Server => (SERVER - 2, self.client + 2, 1),
        };
        let neck = to + 9 * back;
        let head = format!("M{to} {y}L{} {}V{}Z", to + 11 * back, y - 5, y + 5);
        html! {
            @if step.resets {
                @let cross = to + 8 * back;
                line.shaft x1=(from) y1=(y) x2=(cross) y2=(y) {}
                path.cross d={ "M" (cross - 5) " " (y - 5) "l10 10m0-10l-10 10" } {}
            } @else if step.encrypted {
                line.shaft x1=(from) y1=(y - 2) x2=(neck) y2=(y - 2) {}
                line.shaft x1=(from) y1=(y + 2) x2=(neck) y2=(y + 2) {}
                path.head d=(head) {}
            } @else {
                line.shaft x1=(from) y1=(y) x2=(neck) y2=(y) {}
                path.head d=(head) {}
            }
        }
    }

    /// Sealed records as they lie on the arrow: the longer, the wider.
    fn records(&self, step: &StepRow, y: i32) -> Markup {
        const SHOWN: usize = 8;
        const GAP: i32 = 6;
        let room = SERVER - self.client - 150;
        let mut boxes: Vec<(i32, i32, String)> = Vec::new();
        let mut all = 0;
        for length in step.sealed.iter().take(SHOWN) {
            let text = grouped(u64::from(*length));
            let log = f32::from(*length).max(16.0).log2();
            let wide = (width(&text, 11.5) + 26.0 + (log - 4.0) * 4.0) as i32;
            if all + wide > room {
                break;
            }
            boxes.push((all, wide, text));
            all += wide + GAP;
        }
        let more = step.sealed.len() - boxes.len();
        const MORE: i32 = 56;
        let end = if more > 0 { all + MORE } else { all };
        // They are read from left to right whichever way they went, and lie at the end of who sent them.
        let left = match step.side {
            Side::Client => self.client + 40,
            Side::Server => SERVER - 40 - end,
        };
        html! {
            @for (from, wide, text) in &boxes {
                @let x = left + from;
                g.record {
                    rect x=(x) y=(y - 9) width=(wide) height="18" rx="3" {}
                    (lock(x + 6, y - 6))
                    text.in-the-middle x=(x + (wide + 14) / 2) y=(y + 4) { (text) }
                }
            }
            @if more > 0 {
                g.record {
                    rect x=(left + all) y=(y - 9) width=(MORE) height="18" rx="3" {}
                    text.in-the-middle x=(left + all + MORE / 2) y=(y + 4) { "+ " (grouped(more as u64)) }
                }
            }
        }
    }

    /// A word at the far end of the row.
    fn tag(&self, step: &StepRow, baseline: i32) -> Markup {
        let wide = 82;
        let x = match step.side {
            Side::Client => SERVER - 16 - wide,
            Side::Server => self.client + 16,
        };
        html! {
            g.tag aria-hidden="true" {
                rect x=(x) y=(baseline - 14) width=(wide) height="18" rx="9" {}
                text.in-the-middle x=(x + wide / 2) y=(baseline - 1) { "the refusal" }
            }
        }
    }
}

/// The baseline of a line of text below the arrow.
fn below(arrow: i32, place: usize, step: &StepRow) -> i32 {
    let first = if step.sealed.is_empty() { 17 } else { 24 };
    arrow + first + DETAIL_LINE * place as i32
}

/// How time becomes space.
struct Scale {
    /// Pixels a nanosecond.
    pixels: f64,
}

impl Scale {
    fn of(connection: &Connection, rows: &[Row], settings: &Settings) -> Self {
        let mut times = rows.iter().filter_map(Row::step).map(|step| step.time);
        let pixels = match (settings.spacing, connection.printed, times.next()) {
            (Spacing::ToScale, None, Some(first)) => {
                let all = (times.next_back().unwrap_or(first) - first).max(1);
                let room = ROOM_FOR_TIME.min(40.0 * rows.len() as f64);
                room / all as f64
            }
            _ => 0.0,
        };
        Self { pixels }
    }

    fn between(&self, nanoseconds: i64) -> i32 {
        (nanoseconds.max(0) as f64 * self.pixels).min(ROOM_FOR_TIME) as i32
    }
}
