//! `mtlscope explain`: a rule's page, the list of them, or the hints at what no capture shows.

use mtlscope_diagnose::hints;
use mtlscope_diagnose::rules::{RULES, rule};
use mtlscope_views::explain;
use mtlscope_views::printable::printable;

use super::written;
use crate::cli;
use crate::console::Console;
use crate::exit::Exit;

/// The page of what no capture shows.
const HINTS_PAGE: &str = "hints";

/// How alike two ids must be to suggest one for the other; 1 is equal.
const ALIKE: f64 = 0.7;

pub(crate) fn run(typed: &cli::Explain, console: &mut Console<'_>) -> Exit {
    let settings = typed.appearance.settings(console);
    let Some(id) = &typed.id else {
        let result = explain::rule_list(RULES, &settings, console.out);
        return written(result, console);
    };
    if id == HINTS_PAGE {
        let result = explain::markdown(&hints::page(), &settings, console.out);
        return written(result, console);
    }
    if let Some(hint) = hints::hint(id) {
        let result = explain::markdown(&format!("# {}\n\n{}\n", hint.id, hint.text), &settings, console.out);
        return written(result, console);
    }
    match rule(id) {
        Some(rule) => {
            let result = explain::rule_page(rule, &settings, console.out);
            written(result, console)
        }
        None => {
            let nearest =
                nearest(id).map(|nearest| format!("did you mean `{nearest}`? ")).unwrap_or_default();
            console.complain(&format_args!(
                "no cause is called {}; {nearest}`mtlscope explain` lists them all",
                printable(id)
            ));
            Exit::CouldNotLook
        }
    }
}

/// The id most like this one, if any is.
fn nearest(id: &str) -> Option<&'static str> {
    let id = id.to_lowercase().replace('_', "-");
    let rules = RULES.iter().map(|rule| rule.id);
    let hints = hints::HINTS.iter().map(|hint| hint.id);
    rules
        .chain(hints)
        .chain([HINTS_PAGE])
        .map(|known| (strsim::jaro_winkler(&id, known), known))
        .filter(|(likeness, _)| *likeness >= ALIKE)
        .max_by(|one, other| one.0.total_cmp(&other.0))
        .map(|(_, nearest)| nearest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suggests_what_was_meant() {
        assert_eq!(nearest("unknwon-ca"), Some("unknown-ca"));
        assert_eq!(nearest("Leaf_Expired"), Some("leaf-expired"));
        assert_eq!(nearest("zzz"), None);
    }
}
