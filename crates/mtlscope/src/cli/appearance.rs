//! How text looks: options that several subcommands share.

use clap::ValueEnum;
use mtlscope_views::terminal::Settings;

use crate::console::Console;

/// How text looks.
#[derive(clap::Args, Clone, Copy, PartialEq, Eq, Debug, Default)]
#[command(next_help_heading = "Appearance")]
pub(crate) struct Appearance {
    /// Whether to use colours; `auto`: on a terminal, unless NO_COLOR is set
    #[arg(long, value_name = "WHEN", value_enum, default_value_t, hide_possible_values = true)]
    pub(crate) color: Color,

    /// Write nothing but ASCII
    #[arg(long)]
    pub(crate) ascii: bool,

    /// Columns to use, instead of the terminal's
    #[arg(long, value_name = "N")]
    pub(crate) width: Option<usize>,
}

/// When to use colours.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) enum Color {
    /// On a terminal, unless NO_COLOR is set
    #[default]
    Auto,
    /// Also in a pipe or file
    Always,
    /// Not even on a terminal
    Never,
}

impl Appearance {
    /// The view's settings: what was typed, then what the terminal is.
    pub(crate) fn settings(&self, console: &Console<'_>) -> Settings {
        let colour = match self.color {
            Color::Auto => console.out_terminal.is_some() && !console.no_color,
            Color::Always => true,
            Color::Never => false,
        };
        let columns = console.out_terminal.and_then(|terminal| terminal.columns);
        Settings { width: self.width.or(columns), colour, ascii: self.ascii, ..Settings::default() }
    }
}
