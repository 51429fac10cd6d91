//! The verdict: who refused whom, at which message and by which means; and what became of the client's certificate.

use std::io::{self, Write};

use mtlscope_diagnose::connection::{Connection, Verdict};

use super::{Ink, Settings, paragraph};
use crate::printable::printable;
use crate::wording::verdict;

/// Writes the verdict, and a sentence on the client's certificate.
pub(super) fn write(connection: &Connection, settings: &Settings, out: &mut dyn Write) -> io::Result<()> {
    let ink = match connection.outcome.verdict {
        Verdict::Accepted => Ink::Good,
        Verdict::Refused => Ink::Bad,
        Verdict::Incomplete | Verdict::Unknown => Ink::Doubtful,
    };
    let word = verdict::word(connection.outcome.verdict);
    let sentence = verdict::sentence(connection);
    paragraph(2, (ink, &format!("{word:<20}")), Ink::Strong, &sentence, settings, out)?;
    let certificate = verdict::client_certificate(connection.asking());
    paragraph(2, (Ink::Faint, "Client certificate  "), Ink::Plain, &certificate, settings, out)?;
    if connection.rests_on_comments() {
        let trust = verdict::TESTIMONY;
        paragraph(2, (Ink::Faint, "Testimony           "), Ink::Plain, trust, settings, out)?;
    }
    for said in &connection.said {
        let who = format!("{:<20}", format!("The {} says", said.side));
        paragraph(2, (Ink::Faint, &who), Ink::Plain, &printable(&said.text), settings, out)?;
    }
    Ok(())
}
