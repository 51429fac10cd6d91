//! A page of its own: one file, nothing loaded from anywhere, nothing run.

use maud::{DOCTYPE, PreEscaped, html};

use super::fragment::{VALUE, cut};
use super::{Fragment, STYLE};

/// A whole page around what is shown. A browser is told to load and run nothing, whatever may be in it.
pub fn page(title: &str, body: &Fragment) -> String {
    // The title comes from outside as well, so it is made safe like any fragment.
    let title = Fragment::of(html! { title { (cut(title, VALUE)) } });
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy"
                    content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="referrer" content="no-referrer";
                (title)
                style { (PreEscaped(STYLE)) }
            }
            body { (body) }
        }
    }
    .into_string()
}
