//! XMPP, of clients and between servers: a stream, its features, starttls (RFC 6120 section 5).

use super::talk::{Failure, Talk};

const NAMESPACE: &str = "urn:ietf:params:xml:ns:xmpp-tls";

/// `namespace`: `jabber:client` or `jabber:server`.
pub(super) fn speak(talk: &mut Talk<'_, '_>, namespace: &str, host: &str) -> Result<(), Failure> {
    let host = escaped(host);
    say(
        talk,
        &format!(
            "<stream:stream xmlns:stream='http://etherx.jabber.org/streams' xmlns='{namespace}' to='{host}' version='1.0'>"
        ),
    )?;
    let features =
        talk.text_until(&["</stream:features>", "</features>", "<stream:features/>", "</stream:stream>"])?;
    if !features.contains("features") {
        return Err(Failure::other(&features));
    }
    if !features.contains(NAMESPACE) {
        return Err(Failure::not_offered("starttls"));
    }
    say(talk, &format!("<starttls xmlns='{NAMESPACE}'/>"))?;
    let answer = talk.text_until(&[">"])?;
    if !answer.trim_start().starts_with("<proceed") {
        return Err(Failure::refused(answer.trim()));
    }
    if !answer.trim_end().ends_with("/>") {
        talk.text_until(&["</proceed>"])?;
    }
    Ok(())
}

/// Elements have no line ends.
fn say(talk: &mut Talk<'_, '_>, element: &str) -> Result<(), Failure> {
    talk.send(element.as_bytes(), element)
}

fn escaped(text: &str) -> String {
    text.chars().filter(|letter| !matches!(letter, '<' | '>' | '&' | '\'' | '"')).collect()
}
