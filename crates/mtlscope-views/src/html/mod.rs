//! Connections and findings as HTML: fragments that the report and the web page put together, and the page of the report.
//!
//! Each fragment is a pure function to a [`Fragment`]. None has a `style` or `on..` attribute, so that a strict
//! Content-Security-Policy holds; all share one stylesheet, [`STYLE`]. What can be pointed at carries `data-` attributes
//! and a stable id.
//!
//! ```text
//! Connection ─┬▶ connection: its head          ─┐
//!   Finding   ├▶ verdict: who, why, the fix     │
//!             ├▶ ladder: drawn, and as a list   ├▶ Fragment (text made safe) ─┬▶ page: one self-contained file
//!             ├▶ certificates: both chains      │                            └▶ the web page
//!             ├▶ message: fields and bytes      │
//!             ├▶ step: one rung, by itself      │
//!             ├▶ comparison: two side by side   │
//!             └▶ summary: many in a table      ─┘
//! ```

mod fragment;
mod connection;
mod verdict;
mod ladder;
mod certificates;
mod message;
mod step;
mod comparison;
mod summary;
mod rule_page;
mod page;
mod report;

use mtlscope_diagnose::connection::Connection;

pub use certificates::certificates;
pub use comparison::{compared_messages, comparison};
pub use connection::head;
pub use fragment::Fragment;
pub use ladder::{Spacing, ladder, ladder_drawing, ladder_list, ladder_svg_file};
pub use maud::{self, Markup};
pub use message::message;
pub use page::page;
pub use report::{Report, ReportSettings, has_failed};
pub use rule_page::rule_page;
pub use step::step;
pub use summary::{Brief, OverTime, Summary, VERDICTS, summary};
pub use verdict::{finding, verdict};

/// The stylesheet of every fragment: light and dark, for screens from 400 px on and for paper.
pub const STYLE: &str =
    concat!(include_str!("colours.css"), include_str!("ladder.css"), include_str!("style.css"));

/// How fragments are made.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Settings {
    /// What stands before the connection's number in ids: `c` gives `c3-verdict`. Several inputs on one page need
    /// different ones.
    pub id_prefix: String,
    /// Whether a script makes things clickable: steps can then be reached with the keyboard, and bytes pointed at.
    pub interactive: bool,
    /// How the steps of a drawn ladder are spaced.
    pub spacing: Spacing,
    /// The files that are read as one, where they are to be named.
    pub files: Vec<String>,
    /// What stands before a rule's id in the link to its page.
    pub rules_at: String,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            id_prefix: "c".to_owned(),
            interactive: false,
            spacing: Spacing::default(),
            files: Vec::new(),
            rules_at: "#rule-".to_owned(),
        }
    }
}

impl Settings {
    /// The id of a part of a connection: `c3-verdict`.
    pub fn id(&self, connection: &Connection, part: &str) -> String {
        format!("{}{}-{part}", self.id_prefix, connection.id.0)
    }
}

#[cfg(test)]
mod tests;
