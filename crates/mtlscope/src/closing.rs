//! The closing words of a run: how many connections there were and how they came out, and what to try where there were
//! none.

use mtlscope_views::Counted;
use mtlscope_views::wording::{count, grouped};

use crate::passed_over::PassedOver;
use crate::showing::Tally;

/// The closing words, one or two sentences on one line. Empty where no input could be opened. `passed_over`: what a
/// filter kept from being shown.
pub(crate) fn words(tally: &Tally, passed_over: Option<&PassedOver>) -> String {
    let passed_over = passed_over.filter(|passed_over| passed_over.connections > 0);
    match (tally.inputs, tally.connections, passed_over) {
        (0, ..) => String::new(),
        (_, 0, Some(passed_over)) => nothing_meant(tally, passed_over),
        (_, 0, None) => nothing_found(tally),
        (_, _, None) => format!("{}.{}", outcomes(tally), keys(tally)),
        (_, _, Some(PassedOver { connections, .. })) => {
            let does = if *connections == 1 { "more does" } else { "more do" };
            format!(
                "{}.{} {} {does} not match the filter.",
                outcomes(tally),
                keys(tally),
                grouped(*connections)
            )
        }
    }
}

/// What a live capture took, and what it lost: `1,234 packets captured on eth0, none lost`.
pub(crate) fn captured(tally: &Tally, counted: &[Counted]) -> String {
    let lost: Vec<String> = counted
        .iter()
        .filter(|one| one.dropped > 0)
        .map(|one| format!("{} lost on {}", grouped(one.dropped), one.interface))
        .collect();
    let lost = if lost.is_empty() { "none lost".to_owned() } else { lost.join(", ") };
    format!("{} captured, {lost}", packets(tally.frames))
}

/// The same while it goes on, on one line: `1,234 packets, 0 lost, 5 connections, 1 failed`.
pub(crate) fn so_far(tally: &Tally, taken: u64, lost: u64) -> String {
    let connections = match tally.connections {
        1 => "1 connection".to_owned(),
        many => format!("{} connections", grouped(many)),
    };
    format!("{}, {} lost, {connections}, {} failed", packets(taken), grouped(lost), grouped(tally.failed))
}

/// `None of the 5 connections matches the filter. In 3 of them something that it asks for cannot be seen: ...`.
fn nothing_meant(tally: &Tally, passed_over: &PassedOver) -> String {
    let words = match passed_over.connections {
        1 => "The only connection does not match the filter.".to_owned(),
        all => format!("None of the {} connections matches the filter.", grouped(all)),
    };
    let reasons = passed_over.reasons();
    let seen = Tally { connections: passed_over.connections, opened: passed_over.opened, ..*tally };
    let keys = if reasons.is_empty() { String::new() } else { keys(&seen) };
    format!("{words}{reasons}{keys}")
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

fn packets(number: u64) -> String {
    count(usize::try_from(number).unwrap_or(usize::MAX), "packet", "packets")
}

fn nothing_found(tally: &Tally) -> String {
    let packets = match tally.frames {
        0 => return "No TLS found: the capture holds no packets. Was the right interface captured (tcpdump -i any), \
            and did the filter let TCP through?"
            .to_owned(),
        number => packets(number),
    };
    format!(
        "No TLS found in {packets}. Was the handshake captured from its first packet on? TLS is looked for on every TCP \
         port, in tunnels and behind STARTTLS, but not yet in DTLS or QUIC."
    )
}

#[cfg(test)]
mod tests {
    use mtlscope_diagnose::sealed::Key;

    use super::*;
    use crate::passed_over::Hidden;

    #[test]
    fn counts_only_what_there_was() {
        let tally =
            Tally { inputs: 1, frames: 40, connections: 3, accepted: 2, refused: 1, ..Tally::default() };
        assert_eq!(words(&tally, None), "3 connections: 2 accepted, 1 refused.");
        assert_eq!(
            words(&Tally { stopped: true, ..tally }, None),
            "3 connections: 2 accepted, 1 refused, then stopped as asked."
        );
    }

    #[test]
    fn says_what_the_keys_did() {
        let tally = Tally { inputs: 1, connections: 2, accepted: 2, keys_given: true, ..Tally::default() };
        for (opened, said) in
            [(0, "The keys opened none"), (1, "The keys opened 1 of 2."), (2, "opened all of them.")]
        {
            let words = words(&Tally { opened, ..tally }, None);
            assert!(words.contains(said), "{words}");
        }
    }

    #[test]
    fn says_how_much_was_read_where_nothing_was_found() {
        let tally = Tally { inputs: 1, frames: 1200, ..Tally::default() };
        assert!(words(&tally, None).starts_with("No TLS found in 1,200 packets."), "{}", words(&tally, None));
        assert!(words(&Tally { frames: 0, ..tally }, None).contains("no packets"));
        assert_eq!(words(&Tally::default(), None), "");
    }

    #[test]
    fn says_what_a_filter_kept_away_and_what_it_could_not_see() {
        let tally = Tally { inputs: 1, connections: 1, accepted: 1, ..Tally::default() };
        let mut some = PassedOver::default();
        some.count(Some(Hidden::Sealed(Key::KeyLog)), false);
        assert_eq!(words(&tally, Some(&some)), "1 connection: 1 accepted. 1 more does not match the filter.");
        some.count(None, false);
        assert_eq!(words(&tally, Some(&some)), "1 connection: 1 accepted. 2 more do not match the filter.");
        let nothing = Tally { inputs: 1, ..Tally::default() };
        let said = "None of the 2 connections matches the filter. In 1 of them something that it asks for cannot be seen: it \
                    is encrypted (a key log of either end opens it: --keylog).";
        assert_eq!(words(&nothing, Some(&some)), said);
        let with_keys = Tally { keys_given: true, ..nothing };
        let other_keys = " The keys opened none: they are of other connections, or of another run.";
        assert_eq!(words(&with_keys, Some(&some)), format!("{said}{other_keys}"));
        assert!(words(&nothing, Some(&PassedOver::default())).starts_with("No TLS found"));
    }
}
