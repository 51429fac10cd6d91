//! The closing words of a run: how many connections there were and how they came out, and what to try where there were
//! none.

use mtlscope_views::wording::{count, grouped};

use crate::showing::Tally;

/// The closing words, one or two sentences on one line. Empty where no input could be opened.
pub(crate) fn words(tally: &Tally) -> String {
    match (tally.inputs, tally.connections) {
        (0, _) => String::new(),
        (_, 0) => nothing_found(tally),
        _ => format!("{}.{}", outcomes(tally), keys(tally)),
    }
}

/// `3 connections: 2 accepted, 1 refused`.
fn outcomes(tally: &Tally) -> String {
    let verdicts = [
        (tally.accepted, "accepted"),
        (tally.refused, "refused"),
        (tally.incomplete, "incomplete"),
        (tally.unknown, "cannot be told"),
    ];
    let verdicts: Vec<String> = verdicts
        .into_iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, verdict)| format!("{} {verdict}", grouped(number)))
        .collect();
    let connections = match tally.connections {
        1 => "1 connection".to_owned(),
        many => format!("{} connections", grouped(many)),
    };
    let stopped = if tally.stopped { ", then stopped as asked" } else { "" };
    format!("{connections}: {}{stopped}", verdicts.join(", "))
}

fn keys(tally: &Tally) -> String {
    match (tally.keys_given, tally.opened, tally.connections) {
        (false, _, _) => String::new(),
        (true, 0, _) => " The keys opened none: they are of other connections, or of another run.".to_owned(),
        (true, 1, 1) => " The keys opened it.".to_owned(),
        (true, opened, all) if opened == all => " The keys opened all of them.".to_owned(),
        (true, opened, all) => format!(" The keys opened {} of {}.", grouped(opened), grouped(all)),
    }
}

fn nothing_found(tally: &Tally) -> String {
    let packets = match tally.frames {
        0 => return "No TLS found: the capture holds no packets. Was the right interface captured (tcpdump -i any), \
            and did the filter let TCP through?"
            .to_owned(),
        number => count(usize::try_from(number).unwrap_or(usize::MAX), "packet", "packets"),
    };
    format!(
        "No TLS found in {packets}. Was the handshake captured from its first packet on? TLS is looked for on every TCP \
         port, but not yet in DTLS, QUIC, tunnels or behind STARTTLS."
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_only_what_there_was() {
        let tally =
            Tally { inputs: 1, frames: 40, connections: 3, accepted: 2, refused: 1, ..Tally::default() };
        assert_eq!(words(&tally), "3 connections: 2 accepted, 1 refused.");
        assert_eq!(
            words(&Tally { stopped: true, ..tally }),
            "3 connections: 2 accepted, 1 refused, then stopped as asked."
        );
    }

    #[test]
    fn says_what_the_keys_did() {
        let tally = Tally { inputs: 1, connections: 2, accepted: 2, keys_given: true, ..Tally::default() };
        for (opened, said) in
            [(0, "The keys opened none"), (1, "The keys opened 1 of 2."), (2, "opened all of them.")]
        {
            let words = words(&Tally { opened, ..tally });
            assert!(words.contains(said), "{words}");
        }
    }

    #[test]
    fn says_how_much_was_read_where_nothing_was_found() {
        let tally = Tally { inputs: 1, frames: 1200, ..Tally::default() };
        assert!(words(&tally).starts_with("No TLS found in 1,200 packets."), "{}", words(&tally));
        assert!(words(&Tally { frames: 0, ..tally }).contains("no packets"));
        assert_eq!(words(&Tally::default()), "");
    }
}
