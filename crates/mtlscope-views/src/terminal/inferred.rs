//! What the sizes of encrypted records tell of the client's certificate: the arithmetic, where asked.

use std::io::{self, Write};

use mtlscope_diagnose::connection::Connection;

use super::{Ink, Settings, paragraph};
use crate::wording::{self, inferred};

/// Writes the lengths, the sums and what follows from them (`--how`).
pub(super) fn write_how(connection: &Connection, settings: &Settings, out: &mut dyn Write) -> io::Result<()> {
    for handshake in &connection.handshakes {
        let Some(inference) = handshake.inferred.as_deref() else { continue };
        let kind = wording::handshake_kind(handshake.kind);
        let mut lead = format!("{:<20}", "How (from sizes)");
        if connection.handshakes.len() > 1 {
            paragraph(2, (Ink::Faint, &lead), Ink::Faint, kind, settings, out)?;
            lead = " ".repeat(lead.len());
        }
        for line in inference.lines() {
            paragraph(2, (Ink::Faint, &lead), Ink::Plain, &format!("{line}."), settings, out)?;
            lead = " ".repeat(lead.len());
        }
        // What conclusions rest on, each by the rule in its line, is never more.
        if !inference.lines().is_empty() {
            let text = "Confidence: likely. Only keys make it certain.";
            paragraph(2, (Ink::Faint, &lead), Ink::Faint, text, settings, out)?;
        }
        for (what, why) in inferred::unclear(inference) {
            let text = format!("{what} cannot be told: {why}.");
            paragraph(2, (Ink::Faint, &lead), Ink::Doubtful, &text, settings, out)?;
            lead = " ".repeat(lead.len());
        }
        if let Some(ticket) = &inference.ticket {
            paragraph(2, (Ink::Faint, &lead), Ink::Plain, &inferred::said_of(ticket), settings, out)?;
        }
    }
    Ok(())
}
