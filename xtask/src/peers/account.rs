//! What each peer says of a connection in its own words, and what follows from both accounts together.

use std::fmt;

use anyhow::{Result, bail};

/// What the client did when it was asked for a certificate. Written as in the JSON of `mtlscope read`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// It was not asked.
    None,
    /// It sent an empty list.
    Empty,
    Certificate,
}

/// What a server says it did with the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// By an alert.
    RefusedTls,
    /// By a response.
    RefusedHttp,
    /// By closing the connection, without a word.
    Closed,
}

/// What the log of a server says of one connection.
#[derive(Clone, Debug, Default)]
pub(crate) struct ServerAccount {
    /// Whether it asked for a certificate; none where the log does not say.
    pub(crate) requested: Option<bool>,
    pub(crate) answer: Option<Answer>,
    /// None: it has no complaint.
    pub(crate) verdict: Option<Verdict>,
    /// Its complaint, word for word.
    pub(crate) complaint: Option<String>,
}

/// What a client wrote about one connection.
#[derive(Clone, Debug, Default)]
pub(crate) struct ClientAccount {
    /// Whether it was asked for a certificate; none where it does not say.
    pub(crate) requested: Option<bool>,
    pub(crate) answer: Option<Answer>,
    /// The status of the response it got; none if none came.
    pub(crate) status: Option<u16>,
    /// Its complaint, word for word.
    pub(crate) complaint: Option<String>,
    /// Why it did not even connect: it could not use what it was given.
    pub(crate) not_tried: Option<String>,
    /// Everything it wrote, for a reader.
    pub(crate) text: String,
}

/// What happened, as far as both peers together say it. The words are those of the JSON of `mtlscope read`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Happened {
    /// `yes`, `no`.
    pub(crate) requested: String,
    /// `certificate`, `empty`, `none`.
    pub(crate) answer: String,
    /// `accepted`, `refused`, or `not-tried`.
    pub(crate) outcome: String,
    /// `tls`, `http`; `tcp`: closed without a word.
    pub(crate) layer: String,
}

impl Happened {
    /// Puts two accounts together. An error if they contradict each other, or leave something open.
    pub(crate) fn from_both(client: &ClientAccount, server: &ServerAccount) -> Result<Self> {
        if client.not_tried.is_some() {
            let nothing = || "-".to_owned();
            return Ok(Self {
                requested: nothing(),
                answer: nothing(),
                outcome: "not-tried".to_owned(),
                layer: nothing(),
            });
        }
        let requested = match (client.requested, server.requested) {
            (Some(a), Some(b)) if a != b => {
                bail!("asked for a certificate: the client says {a}, the server {b}")
            }
            (None, None) => bail!("neither says whether a certificate was asked for"),
            (a, b) => a.or(b) == Some(true),
        };
        let answer = match (client.answer, server.answer) {
            (Some(a), Some(b)) if a != b => bail!("the answer: the client says {a}, the server {b}"),
            (None, None) if !requested => Answer::None,
            (None, None) => bail!("neither says what the client answered"),
            (a, b) => a.or(b).unwrap_or(Answer::None),
        };
        let (outcome, layer) = match (client.status, server.verdict) {
            (Some(status), None) if status < 400 => ("accepted", "http"),
            (Some(status), None | Some(Verdict::RefusedHttp)) if status >= 400 => ("refused", "http"),
            (None, Some(Verdict::RefusedTls)) => ("refused", "tls"),
            (None, Some(Verdict::Closed)) => ("refused", "tcp"),
            (status, verdict) => {
                bail!("the outcome: the client has status {status:?}, the server says {verdict:?}")
            }
        };
        Ok(Self {
            requested: if requested { "yes" } else { "no" }.to_owned(),
            answer: answer.to_string(),
            outcome: outcome.to_owned(),
            layer: layer.to_owned(),
        })
    }
}

impl ServerAccount {
    /// Reads the log of the servers that we wrote: `accepted peer=NAME end`, `refused WHY end`.
    pub(crate) fn of_a_line(log: &str) -> Option<Self> {
        let line = log.lines().find(|line| line.ends_with(" end"))?;
        let peer = line.split_once("peer=").map(|(_, rest)| rest);
        let complaint =
            line.strip_prefix("refused ").map(|rest| rest.trim_end_matches(" end").trim().to_owned());
        Some(Self {
            requested: None,
            answer: peer.filter(|peer| !peer.starts_with("nobody")).map(|_| Answer::Certificate),
            verdict: complaint.as_deref().map(|why| {
                match why.split(' ').next().unwrap_or_default() {
                    // With a name it had a handshake, and refuses by its answer.
                    name if name.starts_with("peer=") => Verdict::RefusedHttp,
                    // Node hung up, for what it dislikes in a certificate, or for an error left in the library's queue.
                    "ECONNRESET" | "ERR_SSL_EVP_LIB" => Verdict::Closed,
                    _ => Verdict::RefusedTls,
                }
            }),
            complaint,
        })
    }
}

/// The lines of a log that are about one connection of several: the last in which anything was `decided`. A browser
/// connects more than once: to look, again once it knows what to send, and ahead of need. `id` finds what names the
/// connection in a line; lines without it may belong to any.
pub(crate) fn decisive(log: &str, id: impl Fn(&str) -> Option<&str>, decided: &[&str]) -> String {
    let decides = |line: &&str| decided.iter().any(|sign| line.contains(sign));
    let chosen =
        log.lines().filter(decides).filter_map(&id).last().or_else(|| log.lines().filter_map(&id).last());
    let of_it = |line: &&str| id(line).is_none_or(|found| Some(found) == chosen);
    log.lines().filter(of_it).flat_map(|line| [line, "\n"]).collect()
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "none",
            Self::Empty => "empty",
            Self::Certificate => "certificate",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(status: Option<u16>) -> ClientAccount {
        ClientAccount {
            requested: Some(true),
            answer: Some(Answer::Empty),
            status,
            ..ClientAccount::default()
        }
    }

    #[test]
    fn two_accounts_make_one_story() {
        let server = ServerAccount { verdict: Some(Verdict::RefusedHttp), ..ServerAccount::default() };
        let happened = Happened::from_both(&client(Some(400)), &server).unwrap();
        assert_eq!((happened.outcome.as_str(), happened.layer.as_str()), ("refused", "http"));
        assert_eq!((happened.requested.as_str(), happened.answer.as_str()), ("yes", "empty"));
        let accepted = Happened::from_both(&client(Some(200)), &ServerAccount::default()).unwrap();
        assert_eq!(accepted.outcome, "accepted");
    }

    #[test]
    fn a_contradiction_or_a_silence_is_an_error() {
        let refused = ServerAccount { verdict: Some(Verdict::RefusedTls), ..ServerAccount::default() };
        assert!(Happened::from_both(&client(Some(200)), &refused).is_err());
        assert!(Happened::from_both(&client(None), &ServerAccount::default()).is_err());
        let says_no = ServerAccount { requested: Some(false), ..ServerAccount::default() };
        assert!(Happened::from_both(&client(Some(200)), &says_no).is_err());
        assert!(Happened::from_both(&ClientAccount::default(), &ServerAccount::default()).is_err());
    }

    #[test]
    fn the_connection_that_came_to_something_is_found() {
        fn id(line: &str) -> Option<&str> {
            line.split_once('#').map(|(_, rest)| &rest[..1])
        }
        let log = "#1 begin\n#2 begin\n#2 request\nerror\n#2 end\n#3 begin\n#3 end\n";
        assert_eq!(decisive(log, id, &["request"]), "#2 begin\n#2 request\nerror\n#2 end\n");
        assert_eq!(decisive(log, id, &["verdict"]), "error\n#3 begin\n#3 end\n");
    }

    #[test]
    fn reads_the_log_of_our_own_servers() {
        let refused = ServerAccount::of_a_line("refused SSLError bad end\n").unwrap();
        assert_eq!(
            (refused.verdict, refused.complaint.as_deref()),
            (Some(Verdict::RefusedTls), Some("SSLError bad"))
        );
        let status = ServerAccount::of_a_line("refused peer=x CERT_HAS_EXPIRED end\n").unwrap();
        assert_eq!((status.verdict, status.answer), (Some(Verdict::RefusedHttp), Some(Answer::Certificate)));
        let closed = ServerAccount::of_a_line("refused ECONNRESET socket hang up end\n").unwrap();
        assert_eq!(closed.verdict, Some(Verdict::Closed));
        assert!(ServerAccount::of_a_line("accepted peer=").is_none());
    }
}
