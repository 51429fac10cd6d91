//! `-T fields`: a line a frame, with the values of the fields that were asked for, as tshark writes them.

use std::io::{self, Write};

use super::packet_list::Row;
use super::{Frame, label, print};
use crate::fields::{Field, Kind, Occurrence, registry};

/// How the table is written: tshark's `-E`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Format {
    bom: bool,
    header: bool,
    separator: char,
    occurrence: Which,
    aggregator: char,
    quote: Option<char>,
}

/// Which values of a field that has several in a frame.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Which {
    First,
    Last,
    All,
}

impl Default for Format {
    fn default() -> Self {
        Self {
            bom: false,
            header: false,
            separator: '\t',
            occurrence: Which::All,
            aggregator: ',',
            quote: None,
        }
    }
}

impl Format {
    /// Takes one of tshark's settings, `separator=,`. Fails with a line that says what can be set.
    pub fn set(&mut self, setting: &str) -> Result<(), String> {
        let (name, value) = setting.split_once('=').unwrap_or((setting, ""));
        let yes_or_no = |value: &str| match value {
            "y" | "Y" => Some(true),
            "n" | "N" => Some(false),
            _ => None,
        };
        let taken = match name {
            "bom" => yes_or_no(value).map(|yes| self.bom = yes),
            "header" => yes_or_no(value).map(|yes| self.header = yes),
            "separator" => character(value).map(|character| self.separator = character),
            "aggregator" => character(value).map(|character| self.aggregator = character),
            "occurrence" => match value {
                "f" => Some(Which::First),
                "l" => Some(Which::Last),
                "a" => Some(Which::All),
                _ => None,
            }
            .map(|which| self.occurrence = which),
            "quote" => match value {
                "d" => Some(Some('"')),
                "s" => Some(Some('\'')),
                "n" => Some(None),
                _ => None,
            }
            .map(|quote| self.quote = quote),
            _ => None,
        };
        taken.ok_or_else(|| {
            format!(
                "-E {setting} makes no sense: use header=y|n, separator=/t|/s|CHARACTER, occurrence=f|l|a, \
                 aggregator=,|/s|CHARACTER, quote=d|s|n or bom=y|n"
            )
        })
    }
}

/// A character, or tshark's names of two that are hard to type.
fn character(value: &str) -> Option<char> {
    let mut characters = value.chars();
    match (value, characters.next(), characters.next()) {
        ("/t", ..) => Some('\t'),
        ("/s", ..) => Some(' '),
        (_, Some(character), None) => Some(character),
        _ => None,
    }
}

/// What stands in a column of the table.
#[derive(Clone, Copy, Debug)]
enum Column {
    /// The values of a field.
    Field(&'static Field),
    /// A column of the packet list: `_ws.col.Info`.
    Listed(Listed),
}

/// The columns of the packet list.
#[derive(Clone, Copy, Debug)]
enum Listed {
    Number,
    Time,
    Source,
    Destination,
    Protocol,
    Length,
    Info,
}

/// The table.
#[derive(Debug)]
pub struct FieldsTable {
    columns: Vec<(String, Column)>,
    format: Format,
}

impl FieldsTable {
    /// A table of these fields. Fails with a line that names those that are not known, and the nearest that are.
    pub fn new(names: &[String], format: Format) -> Result<Self, String> {
        let mut columns = Vec::new();
        let mut unknown = Vec::new();
        for name in names {
            let listed = listed(name).map(Column::Listed);
            match listed.or_else(|| registry::find(name).map(Column::Field)) {
                Some(column) => columns.push((name.clone(), column)),
                None => unknown.push(match registry::nearest(name) {
                    Some(nearest) => format!("{name} (did you mean {nearest}?)"),
                    None => name.clone(),
                }),
            }
        }
        match unknown.is_empty() {
            true => Ok(Self { columns, format }),
            false => Err(format!("no such field: {}; --fields lists all", unknown.join(", "))),
        }
    }

    /// The fields it needs the values of.
    pub fn fields(&self) -> impl Iterator<Item = &'static Field> {
        self.columns.iter().filter_map(|(_, column)| match column {
            Column::Field(field) => Some(*field),
            Column::Listed(_) => None,
        })
    }

    /// Writes what stands before the first line. Fails only where `out` does.
    pub fn begin(&self, out: &mut dyn Write) -> io::Result<()> {
        if self.format.bom {
            write!(out, "\u{feff}")?;
        }
        if !self.format.header {
            return Ok(());
        }
        for (place, (name, _)) in self.columns.iter().enumerate() {
            if place > 0 {
                write!(out, "{}", self.format.separator)?;
            }
            write!(out, "{name}")?;
        }
        writeln!(out)
    }

    /// Writes the line of a frame. `row`: its line in the packet list. Fails only where `out` does.
    pub fn frame(
        &self,
        frame: &Frame,
        occurrences: &[Occurrence],
        row: impl FnOnce() -> Row,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let mut line = String::new();
        let mut unasked = Some(row);
        let mut row = None;
        for (place, (_, column)) in self.columns.iter().enumerate() {
            if place > 0 {
                line.push(self.format.separator);
            }
            let values = match column {
                Column::Field(field) => values(field, frame, occurrences, self.format.occurrence),
                Column::Listed(listed) => {
                    if let Some(ask) = unasked.take() {
                        row = Some(ask());
                    }
                    row.iter().map(|row| listed.of(row)).collect()
                }
            };
            if values.is_empty() {
                continue;
            }
            line.extend(self.format.quote);
            for (place, value) in values.iter().enumerate() {
                if place > 0 {
                    line.push(self.format.aggregator);
                }
                escape(value, &mut line);
            }
            line.extend(self.format.quote);
        }
        line.push('\n');
        out.write_all(line.as_bytes())
    }
}

/// All values of a field in a frame, as they are printed.
pub fn printed(field: &'static Field, frame: &Frame, occurrences: &[Occurrence]) -> Vec<String> {
    values(field, frame, occurrences, Which::All)
}

/// The values of a field in a frame, printed.
fn values(field: &'static Field, frame: &Frame, occurrences: &[Occurrence], which: Which) -> Vec<String> {
    let labels = match field.kind {
        Kind::Protocol => label::labels(field, &frame.packet),
        _ => None,
    };
    if let Some(mut labels) = labels {
        match which {
            Which::First => labels.truncate(1),
            Which::Last => drop(labels.drain(..labels.len().saturating_sub(1))),
            Which::All => {}
        }
        return labels;
    }
    let printed = |occurrence: &Occurrence| {
        let mut text = String::new();
        print::value(field, &occurrence.value, &mut text);
        text
    };
    let mut of_field = occurrences.iter().filter(|occurrence| std::ptr::eq(occurrence.field, field));
    match which {
        Which::All => of_field.map(printed).collect(),
        Which::First => of_field.next().map(printed).into_iter().collect(),
        Which::Last => of_field.next_back().map(printed).into_iter().collect(),
    }
}

/// White space that would break the table is written as in C; so is, other than tshark does it, all else that a terminal
/// would obey.
fn escape(text: &str, line: &mut String) {
    for character in text.chars() {
        match character {
            '\n' => line.push_str("\\n"),
            '\r' => line.push_str("\\r"),
            '\t' => line.push_str("\\t"),
            '\u{7}' => line.push_str("\\a"),
            '\u{8}' => line.push_str("\\b"),
            '\u{b}' => line.push_str("\\v"),
            '\u{c}' => line.push_str("\\f"),
            character if character.is_control() => {
                line.push_str(&format!("\\x{:02x}", u32::from(character)));
            }
            character => line.push(character),
        }
    }
}

fn listed(name: &str) -> Option<Listed> {
    let column = name.strip_prefix("_ws.col.")?;
    Some(match column.to_ascii_lowercase().as_str() {
        "no." | "number" => Listed::Number,
        "time" => Listed::Time,
        "source" | "def_src" => Listed::Source,
        "destination" | "def_dst" => Listed::Destination,
        "protocol" => Listed::Protocol,
        "length" => Listed::Length,
        "info" => Listed::Info,
        _ => return None,
    })
}

impl Listed {
    fn of(self, row: &Row) -> String {
        match self {
            Self::Number => row.number.to_string(),
            Self::Time => row.time.clone(),
            Self::Source => row.source.clone(),
            Self::Destination => row.destination.clone(),
            Self::Protocol => row.protocol.clone(),
            Self::Length => row.length.to_string(),
            Self::Info => row.info.clone(),
        }
    }
}
