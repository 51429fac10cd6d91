//! Two connections side by side: the likely reason, both ladders with the first divergence marked, and what differs.

use maud::{Markup, html};
use mtlscope_diagnose::comparison::{Comparison, Difference, Row, Rung, Shown, Weight};
use mtlscope_dissect::side::Side;

use super::fragment::{SENTENCE, VALUE, cut};
use super::{Fragment, Settings};
use crate::comparison::{Named, mark};
use crate::wording::connection as words;

/// The whole comparison. `id`: that of its element.
pub fn comparison(
    good: Named<'_>,
    bad: Named<'_>,
    comparison: &Comparison,
    id: &str,
    settings: &Settings,
) -> Fragment {
    Fragment::of(html! {
        section.comparison id=(id) aria-label="Comparison" {
            p.reason { strong { "Likely reason: " } (cut(&comparison.reason, SENTENCE)) }
            p.parting { (parting(comparison)) }
            table {
                caption { "Both ladders, row by row" }
                thead { tr {
                    th scope="col" { span.unseen { "Difference" } }
                    th.good scope="col" { "The good one: " (end(good)) }
                    th.bad scope="col" { "The bad one: " (end(bad)) }
                } }
                tbody {
                    @for (place, row) in comparison.rows.iter().enumerate() {
                        (rungs(place, row, comparison.parts_at == Some(place), id, settings))
                    }
                }
            }
            (differences(&comparison.differences))
        }
    })
}

/// What differs in one message of each. `message`: its name.
pub fn compared_messages(message: &str, all: &[Difference], id: &str) -> Fragment {
    Fragment::of(html! {
        section.comparison id=(id) aria-label="Comparison" {
            @if all.is_empty() { p { "The two " (message) " messages say the same." } }
            (differences(all))
        }
    })
}

fn end(named: Named<'_>) -> Markup {
    let connection = named.connection;
    html! {
        "#" (connection.id.0) " " span.address { (words::end(connection.client, "client")) " → " (words::end(connection.server, "server")) }
        " " span.file { (cut(named.name, VALUE)) }
    }
}

fn parting(comparison: &Comparison) -> Markup {
    let Some(row) = comparison.parts_at.and_then(|place| comparison.rows.get(place)) else {
        return html! { "No message parts the two in anything that decides a handshake." };
    };
    let who = |rung: &Rung| html! { strong { (rung.name) } " of the " (rung.side) };
    html! {
        "They part first at: "
        @match (&row.good, &row.bad) {
            (Some(_), Some(bad)) => (who(bad)),
            (Some(only), None) => { (who(only)) ", only in the good one" },
            (None, Some(only)) => { (who(only)) ", only in the bad one" },
            (None, None) => {},
        }
        "."
    }
}

fn rungs(place: usize, row: &Row, is_first: bool, id: &str, settings: &Settings) -> Markup {
    let weight = mark(row);
    let class = match (weight, is_first) {
        (_, true) => "parts",
        (Some(Weight::Decisive), _) => "decisive",
        (Some(Weight::Notable), _) => "notable",
        (None, _) => "same",
    };
    let names: Vec<&str> = row.differences.iter().map(|one| one.name).collect();
    html! {
        tr.(class) id={ (id) "-row-" (place) } tabindex=[settings.interactive.then_some("0")] {
            th scope="row" {
                @match (weight, is_first) {
                    (_, true) => "they part here",
                    (Some(Weight::Decisive), _) => "differs",
                    (Some(Weight::Notable), _) => span.quiet { "differs a little" },
                    (None, _) => span.unseen { "the same" },
                }
                @if !names.is_empty() { " " small { (names.join(", ")) } }
            }
            (rung(row.good.as_ref()))
            (rung(row.bad.as_ref()))
        }
    }
}

fn rung(rung: Option<&Rung>) -> Markup {
    html! {
        @match rung {
            None => td.absent { "–" },
            Some(rung) => td.(rung.side) data-frame=[rung.frame.map(|frame| frame.get())] {
                span.way aria-label=(rung.side) role="img" { @if rung.side == Side::Client { "→" } @else { "←" } }
                " " (cut(&rung.name, VALUE))
                @if let Some(frame) = rung.frame { " " small.frame { "frame " (frame) } }
            },
        }
    }
}

fn differences(all: &[Difference]) -> Markup {
    let groups: Vec<&[Difference]> = all
        .chunk_by(|one, other| {
            (one.weight, &one.message, one.side) == (other.weight, &other.message, other.side)
        })
        .collect();
    html! {
        @for group in groups {
            @if let Some(first) = group.first() {
                div.differences {
                    h2 {
                        (first.message)
                        @if let Some(side) = first.side { " of the " span.(side) { (side) } }
                        @if first.weight == Weight::Notable { " " small { "need not matter" } }
                    }
                    dl { @for one in group { (difference(one)) } }
                }
            }
        }
    }
}

fn difference(one: &Difference) -> Markup {
    let only_good = one.good.without(&one.bad);
    let only_bad = one.bad.without(&one.good);
    let lists = matches!((&one.good, &one.bad), (Shown::Several(_), Shown::Several(_)));
    html! {
        dt { (one.name) }
        @if lists && (only_good.is_empty() && only_bad.is_empty()) {
            dd { "the same, in another order: " (cut(&one.good.to_string(), SENTENCE)) }
            dd { "and " (cut(&one.bad.to_string(), SENTENCE)) }
        } @else if lists {
            @if !only_good.is_empty() { dd.good { "only in the good one: " (cut(&only_good.join(", "), SENTENCE)) } }
            @if !only_bad.is_empty() { dd.bad { "only in the bad one: " (cut(&only_bad.join(", "), SENTENCE)) } }
        } @else {
            dd.good { "good: " (cut(&one.good.to_string(), SENTENCE)) }
            dd.bad { "bad: " (cut(&one.bad.to_string(), SENTENCE)) }
        }
    }
}
