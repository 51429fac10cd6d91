//! Would this certificate do? For each one that was given: yes or no, and why not.

use std::io::{self, Write};

use mtlscope_diagnose::candidate::{Authority, Fit, Judgement, Weight};

use super::Candidate;
use crate::terminal::{Ink, Line, Settings, paragraph};

/// Writes the judgement on each certificate.
pub fn write(candidates: &[Candidate<'_>], settings: &Settings, out: &mut dyn Write) -> io::Result<()> {
    for candidate in candidates {
        let Some(leaf) = candidate.chain.first() else { continue };
        let judgement = candidate.judgement;
        let (ink, word) = match judgement.fit() {
            Fit::Matches => (Ink::Good, "would match"),
            Fit::Doubtful => (Ink::Doubtful, "may not do"),
            Fit::DoesNotMatch => (Ink::Bad, "would not match"),
        };
        let mut line = Line::new();
        line.add(Ink::Strong, candidate.source).add(Ink::Plain, ": ").add(ink, word).add(
            Ink::Faint,
            format!(" ({}, issued by {})", shown(&leaf.subject.to_string()), shown(&leaf.issuer.to_string())),
        );
        line.write(settings, out)?;
        let grounds = grounds(judgement);
        if !grounds.is_empty() {
            paragraph(4, (Ink::Faint, ""), Ink::Plain, &grounds, settings, out)?;
        }
        for objection in &judgement.objections {
            let (ink, lead) = match objection.weight() {
                Weight::Refusal => (Ink::Bad, "No     "),
                Weight::Doubt => (Ink::Doubtful, "Doubt  "),
            };
            let text = format!("The certificate {objection}.");
            paragraph(4, (ink, lead), Ink::Plain, &text, settings, out)?;
            paragraph(4, (Ink::Faint, "Fix    "), Ink::Plain, &objection.fix(), settings, out)?;
            if let Some(rule) = objection.rule() {
                let more = format!("mtlscope explain {}", rule.id);
                paragraph(4, (Ink::Faint, "More   "), Ink::Faint, &more, settings, out)?;
            }
        }
    }
    Ok(())
}

/// What it was held against.
fn grounds(judgement: &Judgement) -> String {
    let authority = match &judgement.authority {
        Authority::NotAsked => {
            return "The server did not ask for one; here counts only what any server wants.".to_owned();
        }
        Authority::AnyWillDo => "The server names no authorities, so any will do".to_owned(),
        Authority::Named(name) => format!("It comes from {name}, which the server names"),
        Authority::NotNamed => String::new(),
    };
    match (judgement.scheme, &authority[..]) {
        (Some(scheme), "") => format!("Its key can sign with {scheme}."),
        (Some(scheme), _) => format!("{authority}; its key can sign with {scheme}."),
        (None, "") => String::new(),
        (None, _) => format!("{authority}."),
    }
}

fn shown(name: &str) -> &str {
    if name.is_empty() { "(no name)" } else { name }
}

#[cfg(test)]
mod tests {
    use mtlscope_diagnose::candidate::{Demand, judge};
    use mtlscope_diagnose::pki::SignatureMemo;

    use super::*;
    use crate::told::{certificate, tell};

    #[test]
    fn says_of_each_whether_it_would_match_and_why_not() {
        let connection = tell(
            "
            C> ClientHello
            S> ServerHello(1.3), EncryptedExtensions, CertificateRequest(@root), Certificate(server)
            ",
        );
        let demand = Demand::of(&connection);
        let mut out = Vec::new();
        for name in ["good", "expired", "intleaf", "wrongca", "weak"] {
            let chain = [certificate(name)];
            let judgement = judge(&chain, &demand, &mut SignatureMemo::default()).unwrap();
            let source = format!("{name}.pem");
            let candidate = Candidate { source: &source, chain: &chain, judgement: &judgement };
            write(&[candidate], &Settings::default(), &mut out).unwrap();
        }
        insta::assert_snapshot!(String::from_utf8(out).unwrap());
    }
}
