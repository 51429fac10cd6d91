//! Which pieces of HTML the page puts together. Views makes each of them; nothing is worded here.

use mtlscope_diagnose::comparison::{Compared, compare};
use mtlscope_diagnose::context::Context;
use mtlscope_diagnose::identities;
use mtlscope_diagnose::rules::rule;
use mtlscope_views::comparison::Named;
use mtlscope_views::html::{self, Settings, Spacing};

use crate::library::Whole;

/// The stylesheet of every piece.
pub(crate) const STYLE: &str = html::STYLE;

/// A connection: its head, the verdict, the ladder, the certificates. `files`: those that are read as one.
pub(crate) fn connection(whole: &Whole, files: Vec<String>, spacing: Spacing, context: &Context) -> String {
    let (connection, settings) = (&whole.connection, Settings { spacing, files, ..settings(whole) });
    let identities = identities::checked(connection, context);
    [
        html::head(connection, &settings),
        html::verdict(connection, &whole.findings, &settings),
        html::ladder(connection, &settings),
        html::certificates(connection, &identities, &settings),
    ]
    .map(html::Fragment::into_string)
    .concat()
}

/// A step of a connection by itself, if it has such a step.
pub(crate) fn step(whole: &Whole, place: usize, count: usize) -> Option<String> {
    html::step(&whole.connection, place, count, &settings(whole)).map(html::Fragment::into_string)
}

/// Two connections side by side, each with its name.
pub(crate) fn comparison(one: (&Whole, &str), other: (&Whole, &str)) -> String {
    let comparison = compare(of(one.0), of(other.0));
    let (good, bad) = (named(one), named(other));
    html::comparison(good, bad, &comparison, "comparison", &settings(one.0)).into_string()
}

/// The page of a rule, if there is such a rule.
pub(crate) fn rule_page(id: &str) -> Option<String> {
    let rule = rule(id)?;
    // The fragment stands below a heading wherever it stands.
    Some(format!("<h2 class=\"unseen\">{}</h2>{}", rule.id, html::rule_page(rule)))
}

fn of(whole: &Whole) -> Compared<'_> {
    Compared { connection: &whole.connection, findings: &whole.findings }
}

fn named<'a>((whole, name): (&'a Whole, &'a str)) -> Named<'a> {
    Named { connection: &whole.connection, name }
}

fn settings(whole: &Whole) -> Settings {
    Settings {
        id_prefix: format!("c{}-", whole.key.capture),
        interactive: true,
        rules_at: "#/rule/".to_owned(),
        ..Settings::default()
    }
}
