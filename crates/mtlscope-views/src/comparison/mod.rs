//! Two connections side by side: where they part first, both ladders, what differs, the likely reason.

pub mod json;

use std::io::{self, Write};

use mtlscope_diagnose::comparison::{Comparison, Difference, Row, Rung, Shown, Weight};
use mtlscope_diagnose::connection::Connection;
use mtlscope_dissect::side::Side;

use crate::terminal::{Ink, Line, Settings, head, paragraph};

/// Where a connection was found, and which it is.
#[derive(Clone, Copy, Debug)]
pub struct Named<'a> {
    /// The connection.
    pub connection: &'a Connection,
    /// As it was typed: a file, `file#3`, a URL.
    pub name: &'a str,
}

/// Writes the whole comparison.
pub fn write(
    good: Named<'_>,
    bad: Named<'_>,
    comparison: &Comparison,
    settings: &Settings,
    out: &mut dyn Write,
) -> io::Result<()> {
    ends(good, bad, settings, out)?;
    out.write_all(b"\n")?;
    first(comparison, settings, out)?;
    out.write_all(b"\n")?;
    ladders(comparison, settings, out)?;
    out.write_all(b"\n")?;
    differences(&comparison.differences, settings, out)?;
    paragraph(0, (Ink::Strong, "Likely reason: "), Ink::Plain, &comparison.reason, settings, out)
}

/// Writes what differs in one message of each: two ClientHellos, two CertificateRequests.
pub fn write_message(
    message: &str,
    one: Named<'_>,
    other: Named<'_>,
    all: &[Difference],
    settings: &Settings,
    out: &mut dyn Write,
) -> io::Result<()> {
    ends(one, other, settings, out)?;
    out.write_all(b"\n")?;
    match all {
        [] => {
            let mut line = Line::new();
            line.add(Ink::Good, format!("The two {message} messages say the same."));
            line.write(settings, out)
        }
        all => differences(all, settings, out),
    }
}

fn ends(good: Named<'_>, bad: Named<'_>, settings: &Settings, out: &mut dyn Write) -> io::Result<()> {
    for (lead, ink, named) in [("good", Ink::Good, good), ("bad ", Ink::Bad, bad)] {
        let connection = named.connection;
        let arrow = if settings.ascii { "->" } else { "→" };
        let mut line = Line::new();
        line.add(ink, lead)
            .add(Ink::Strong, format!("  #{}", connection.id.0))
            .add(Ink::Plain, format!("  {} {arrow} {}", connection.client, connection.server))
            .add(Ink::Faint, format!("  ({})", named.name));
        line.write(settings, out)?;
    }
    Ok(())
}

/// Where they part, before all else.
fn first(comparison: &Comparison, settings: &Settings, out: &mut dyn Write) -> io::Result<()> {
    let mut line = Line::new();
    let Some(row) = comparison.parts_at.and_then(|place| comparison.rows.get(place)) else {
        line.add(Ink::Good, "No message parts the two in anything that decides a handshake.");
        return line.write(settings, out);
    };
    line.add(Ink::Strong, "They part first at: ");
    match (&row.good, &row.bad) {
        (Some(good), Some(bad)) => {
            line.add(ink_of(bad.side), format!("{} of the {}", bad.name, bad.side));
            line.add(
                Ink::Faint,
                match (good.frame, bad.frame) {
                    (Some(good), Some(bad)) => format!("  (frame {good} | {bad})"),
                    _ => String::new(),
                },
            );
        }
        (Some(only), None) => {
            line.add(ink_of(only.side), format!("{} of the {}", only.name, only.side));
            line.add(Ink::Plain, ", only in the good one");
        }
        (None, Some(only)) => {
            line.add(ink_of(only.side), format!("{} of the {}", only.name, only.side));
            line.add(Ink::Plain, ", only in the bad one");
        }
        (None, None) => {}
    }
    line.write(settings, out)
}

/// Both ladders in two columns; a mark stands where they differ.
fn ladders(comparison: &Comparison, settings: &Settings, out: &mut dyn Write) -> io::Result<()> {
    const WIDEST: usize = 38;
    const NARROWEST: usize = 16;
    let width =
        settings.width.map_or(WIDEST, |width| (width.saturating_sub(20) / 2).clamp(NARROWEST, WIDEST));
    let mut line = Line::new();
    line.add(Ink::Faint, format!("    {:>7}  {:<width$}  {:>7}  ", "frame", "good", "frame"))
        .add(Ink::Faint, "bad");
    line.write(settings, out)?;
    for (place, row) in comparison.rows.iter().enumerate() {
        let is_first = comparison.parts_at == Some(place);
        let mark = match mark(row) {
            None => "  ",
            Some(Weight::Decisive) if is_first => ">>",
            Some(Weight::Decisive) => " !",
            Some(Weight::Notable) => " ~",
        };
        let ink = if is_first { Ink::Bad } else { Ink::Doubtful };
        let mut line = Line::new();
        line.add(ink, format!("{mark}  "));
        match &row.bad {
            Some(bad) => {
                cell(&mut line, row.good.as_ref(), width, settings);
                line.add(Ink::Plain, "  ");
                cell(&mut line, Some(bad), 0, settings);
            }
            None => cell(&mut line, row.good.as_ref(), 0, settings),
        }
        line.write(settings, out)?;
    }
    let mut line = Line::new();
    line.add(Ink::Faint, "    >> they part here   ! differs in what decides   ~ differs");
    line.write(settings, out)
}

/// How much a row differs.
pub(crate) fn mark(row: &Row) -> Option<Weight> {
    match (&row.good, &row.bad) {
        (Some(_), Some(_)) => row.differences.iter().map(|one| one.weight).max(),
        (Some(only), None) | (None, Some(only)) => {
            Some(if only.matters { Weight::Decisive } else { Weight::Notable })
        }
        (None, None) => None,
    }
}

/// One rung, filled up to `width` columns; 0 for the last column of the line.
fn cell(line: &mut Line, rung: Option<&Rung>, width: usize, settings: &Settings) {
    let Some(rung) = rung else {
        if width > 0 {
            line.add(Ink::Plain, " ".repeat(9 + width));
        }
        return;
    };
    let arrow = match (rung.side, settings.ascii) {
        (Side::Client, true) => "-->",
        (Side::Client, false) => "──▶",
        (Side::Server, true) => "<--",
        (Side::Server, false) => "◀──",
    };
    let frame = rung.frame.map(|frame| frame.to_string()).unwrap_or_default();
    // The last column is cut to the terminal by the line itself.
    let name = match width {
        0 => rung.name.as_str(),
        _ => head(&rung.name, width.saturating_sub(4)),
    };
    line.add(Ink::Faint, format!("{frame:>7}  "))
        .add(ink_of(rung.side), arrow)
        .add(Ink::Plain, format!(" {name:<pad$}", pad = width.saturating_sub(4)));
}

fn ink_of(side: Side) -> Ink {
    match side {
        Side::Client => Ink::Client,
        Side::Server => Ink::Server,
    }
}

fn differences(all: &[Difference], settings: &Settings, out: &mut dyn Write) -> io::Result<()> {
    let mut heading: Option<(Weight, &str, Option<Side>)> = None;
    for difference in all {
        let this = (difference.weight, difference.message.as_str(), difference.side);
        if heading != Some(this) {
            heading = Some(this);
            let mut line = Line::new();
            let who = difference.side.map(|side| format!(" of the {side}")).unwrap_or_default();
            line.add(Ink::Strong, format!("{}{who}", difference.message));
            line.add(
                Ink::Faint,
                match difference.weight {
                    Weight::Decisive => "",
                    Weight::Notable => "  (need not matter)",
                },
            );
            line.write(settings, out)?;
        }
        one(difference, settings, out)?;
    }
    if !all.is_empty() {
        out.write_all(b"\n")?;
    }
    Ok(())
}

fn one(difference: &Difference, settings: &Settings, out: &mut dyn Write) -> io::Result<()> {
    const COLUMN: usize = 40;
    let lead = |label: &str| format!("{label:<6}");
    let mut name = Line::new();
    name.add(Ink::Identity, format!("  {}", difference.name));
    let lists = [&difference.good, &difference.bad].map(|shown| matches!(shown, Shown::Several(_)));
    if lists == [true, true] {
        name.write(settings, out)?;
        let only_good = difference.good.without(&difference.bad);
        let only_bad = difference.bad.without(&difference.good);
        if only_good.is_empty() && only_bad.is_empty() {
            let (was, is) = (difference.good.to_string(), difference.bad.to_string());
            paragraph(4, (Ink::Good, &lead("good")), Ink::Plain, &was, settings, out)?;
            paragraph(4, (Ink::Bad, &lead("bad")), Ink::Plain, &is, settings, out)?;
            return paragraph(4, (Ink::Faint, ""), Ink::Faint, "the same, in another order", settings, out);
        }
        if !only_good.is_empty() {
            paragraph(4, (Ink::Good, "only good "), Ink::Plain, &only_good.join(", "), settings, out)?;
        }
        if !only_bad.is_empty() {
            paragraph(4, (Ink::Bad, "only bad  "), Ink::Plain, &only_bad.join(", "), settings, out)?;
        }
        return Ok(());
    }
    let (good, bad) = (difference.good.to_string(), difference.bad.to_string());
    if good.len() + bad.len() + difference.name.len() <= COLUMN * 2 {
        name.add(Ink::Plain, ": ").add(Ink::Good, good).add(Ink::Plain, " | ").add(Ink::Bad, bad);
        return name.write(settings, out);
    }
    name.write(settings, out)?;
    paragraph(4, (Ink::Good, &lead("good")), Ink::Plain, &good, settings, out)?;
    paragraph(4, (Ink::Bad, &lead("bad")), Ink::Plain, &bad, settings, out)
}

#[cfg(test)]
mod tests {
    use mtlscope_diagnose::comparison::{Compared, compare, compare_servers};

    use super::*;
    use crate::told;

    fn shown(settings: &Settings) -> String {
        let (good, bad) = (told::accepted(), told::unknown_ca());
        let [of_good, of_bad] = [&good, &bad].map(told::findings);
        let comparison = compare(
            Compared { connection: &good, findings: &of_good[..0] },
            Compared { connection: &bad, findings: &of_bad },
        );
        let mut out = Vec::new();
        let [good, bad] =
            [(&good, "good.pcap"), (&bad, "bad.pcap")].map(|(connection, name)| Named { connection, name });
        write(good, bad, &comparison, settings, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn two_connections_side_by_side() {
        insta::assert_snapshot!(shown(&Settings::default()));
    }

    #[test]
    fn a_narrow_ascii_terminal_is_enough() {
        let text = shown(&Settings { width: Some(60), ascii: true, ..Settings::default() });
        assert!(text.is_ascii());
        // Paragraphs are wrapped at their spaces, and a subject may have none.
        let (ladders, _) = text.split_once("\n\nconnection\n").unwrap();
        assert!(ladders.lines().all(|line| line.len() <= 60), "{text}");
    }

    #[test]
    fn two_requests_that_say_the_same_are_said_to() {
        let connection = told::accepted();
        let named = Named { connection: &connection, name: "a.pcap" };
        let mut out = Vec::new();
        let all = compare_servers(&connection, &connection);
        write_message("CertificateRequest", named, named, &all, &Settings::default(), &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert!(text.ends_with("The two CertificateRequest messages say the same.\n"), "{text}");
    }
}
