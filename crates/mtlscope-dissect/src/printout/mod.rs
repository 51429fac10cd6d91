//! What programs print of their own handshakes, read line by line: `curl -v`, `openssl s_client`, JSSE's
//! `javax.net.debug`, and the error logs of servers.
//!
//! A printout is less than a capture: many a program names a message and says nothing of what is in it
//! ([`Body::Named`]). What it does say comes as the same events as from a capture.

mod account;
mod alert_words;
mod curl;
mod jsse;
mod openssl;
mod server_log;
mod trace;
#[cfg(test)]
mod tests;

use std::net::SocketAddr;

use crate::event::Event;
use crate::http2::Ending;
use crate::printout::account::Account;
use crate::reassembly::At;
use crate::tls::alert::Alert;
use crate::tls::registry::{CipherSuite, HandshakeType, ProtocolVersion};

/// A line longer than this is read to here.
const LINE: usize = 64 * 1024;

/// Whether text reads like a printout of a handshake: one of its lines tells something of TLS.
pub fn is_printout(text: &str) -> bool {
    text.lines().any(|line| {
        let line = plain(line);
        matches!(
            heard(&line),
            Some(
                Heard::Message { .. }
                    | Heard::Dump { .. }
                    | Heard::Alert { .. }
                    | Heard::Record(_)
                    | Heard::Logged(_)
            )
        )
    })
}

/// All that is printed, connection by connection.
#[derive(Debug, Default)]
pub(crate) struct Printouts {
    account: Option<Account>,
    dump: Option<Dump>,
    /// Which way the record went that is being traced.
    traced: Option<Direction>,
    last_line: String,
}

/// Bytes that are being printed in hex.
#[derive(Debug)]
struct Dump {
    direction: Direction,
    what: Dumped,
    version: Option<ProtocolVersion>,
    length: usize,
    name: Option<HandshakeType>,
    bytes: Vec<u8>,
}

/// What is printed in hex.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Dumped {
    Handshake,
    Alert,
}

/// Which way something went, as the program that prints sees it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Direction {
    Sent,
    Received,
}

/// What a trace tells of a record.
#[derive(Clone, Copy, Debug)]
enum Traced {
    /// A message, and the length of its body.
    Message(HandshakeType, u32),
    ChangeCipherSpec,
    Alert(Alert),
}

/// How exact the program is that prints: what a better one said is not said again by a lesser.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Precision {
    /// States of the machine (`-state`).
    States,
    /// Each message by its name.
    Names,
    /// Each message in hex.
    Bytes,
}

/// What one line tells.
#[derive(Debug)]
enum Heard<'a> {
    /// A connection begins.
    Begins {
        server: Option<SocketAddr>,
    },
    /// A message, by its name; the length of its body where that is told.
    Message {
        direction: Direction,
        handshake_type: HandshakeType,
        version: Option<ProtocolVersion>,
        length: Option<u32>,
        precision: Precision,
    },
    /// Bytes in hex follow.
    Dump {
        direction: Direction,
        what: Dumped,
        version: Option<ProtocolVersion>,
        length: usize,
        name: Option<HandshakeType>,
    },
    ChangeCipherSpec {
        direction: Direction,
        precision: Precision,
    },
    Alert {
        direction: Direction,
        alert: Alert,
        precision: Precision,
    },
    /// An error text that names the alert it comes from, perhaps once more.
    AlertInError {
        alert: Alert,
        text: &'a str,
    },
    /// The list of the client's certificates that was begun is empty.
    EmptyList,
    /// A record begins that is traced line by line.
    Record(Direction),
    /// Something in the record that is being traced.
    Traced(Traced),
    /// The version that the ServerHello names; in TLS 1.3 another is agreed on.
    Chosen(ProtocolVersion),
    /// What was agreed on.
    Agreed {
        version: Option<ProtocolVersion>,
        cipher_suite: Option<CipherSuite>,
    },
    /// The server asked; a summary says so.
    Asked,
    HttpRequest(&'a str),
    HttpStatus(&'a str),
    /// The peer ended a stream of HTTP/2.
    Http2Ending(Ending),
    /// The peer reset the connection, or closed it without a word.
    PeerReset,
    PeerClosed,
    /// The program ends the connection.
    Ends,
    /// The words of the program itself.
    Says(&'a str),
    /// A line of a server's error log.
    Logged(server_log::Logged<'a>),
}

impl Printouts {
    /// Takes a line, without its end. `connections` counts those begun in the whole input.
    pub(crate) fn line(&mut self, text: &str, at: At, connections: &mut u64, events: &mut Vec<Event>) {
        let mut end = text.len().min(LINE);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        let line = plain(text.get(..end).unwrap_or_default());
        if self.dump.is_some() {
            if let Some(bytes) = hex_of(&line) {
                return self.dumped(&bytes, at, connections, events);
            }
            self.end_dump(at, connections, events);
        }
        let Some(heard) = heard(&line) else { return };
        // OpenSSL prints a state again each time it waits in it.
        let is_state = matches!(heard, Heard::Message { precision: Precision::States, .. });
        if is_state && self.last_line == line {
            return;
        }
        self.hear(heard, at, connections, events);
        if is_state {
            self.last_line = line;
        }
    }

    /// Nothing more is printed.
    pub(crate) fn finish(&mut self, at: At, connections: &mut u64, events: &mut Vec<Event>) {
        self.end_dump(at, connections, events);
        if let Some(account) = self.account.take() {
            account.close(events);
        }
    }

    fn hear(&mut self, heard: Heard<'_>, at: At, connections: &mut u64, events: &mut Vec<Event>) {
        match heard {
            Heard::Dump { direction, what, version, length, name } => {
                self.dump = Some(Dump { direction, what, version, length, name, bytes: Vec::new() });
            }
            Heard::Record(direction) => self.traced = Some(direction),
            Heard::Traced(traced) => {
                let Some(direction) = self.traced else { return };
                let precision = Precision::Names;
                let heard = match traced {
                    Traced::Message(handshake_type, length) => {
                        let (version, length) = (None, Some(length));
                        Heard::Message { direction, handshake_type, version, length, precision }
                    }
                    Traced::ChangeCipherSpec => Heard::ChangeCipherSpec { direction, precision },
                    Traced::Alert(alert) => Heard::Alert { direction, alert, precision },
                };
                self.hear(heard, at, connections, events);
            }
            Heard::Logged(logged) => {
                if !self.account.as_ref().is_some_and(|account| account.is_of(logged.client)) {
                    self.finish(at, connections, events);
                }
                self.account(at, connections).logged(&logged);
            }
            heard => {
                let begins_anew = match (&heard, &self.account) {
                    (_, None) => false,
                    (Heard::Begins { .. }, Some(account)) => account.has_messages(),
                    (Heard::Message { handshake_type, precision, .. }, Some(account)) => {
                        *handshake_type == HandshakeType::CLIENT_HELLO
                            && account.ends_before_hello(*precision)
                    }
                    _ => false,
                };
                if begins_anew {
                    self.finish(at, connections, events);
                }
                let ends = matches!(heard, Heard::Ends);
                if self.account.is_none() && matches!(heard, Heard::Ends | Heard::Says(_)) {
                    return;
                }
                self.account(at, connections).hear(heard);
                if ends && let Some(account) = &mut self.account {
                    account.has_ended = true;
                }
            }
        }
    }

    fn account(&mut self, at: At, connections: &mut u64) -> &mut Account {
        self.account.get_or_insert_with(|| {
            *connections += 1;
            Account::begin(*connections, at)
        })
    }

    fn dumped(&mut self, bytes: &[u8], at: At, connections: &mut u64, events: &mut Vec<Event>) {
        let Some(dump) = &mut self.dump else { return };
        let missing = dump.length.saturating_sub(dump.bytes.len());
        dump.bytes.extend(bytes.iter().take(missing));
        if dump.bytes.len() >= dump.length {
            self.end_dump(at, connections, events);
        }
    }

    /// What was printed in hex is complete, or was cut where somebody copied it.
    fn end_dump(&mut self, at: At, connections: &mut u64, events: &mut Vec<Event>) {
        let Some(dump) = self.dump.take() else { return };
        let begins = dump.name == Some(HandshakeType::CLIENT_HELLO);
        if begins && self.account.as_ref().is_some_and(|account| account.ends_before_hello(Precision::Bytes))
        {
            self.finish(at, connections, events);
        }
        let account = self.account(at, connections);
        let precision = Precision::Bytes;
        match (dump.what, dump.bytes.len() == dump.length) {
            (Dumped::Handshake, true) => account.message_bytes(dump.direction, &dump.bytes, dump.version),
            (Dumped::Handshake, false) => {
                if let Some(handshake_type) = dump.name {
                    let length = u32::try_from(dump.length.saturating_sub(4)).ok();
                    let (direction, version) = (dump.direction, dump.version);
                    account.hear(Heard::Message { direction, handshake_type, version, length, precision });
                }
            }
            (Dumped::Alert, _) => {
                if let Some(alert) = Alert::parse(&dump.bytes) {
                    account.hear(Heard::Alert { direction: dump.direction, alert, precision });
                }
            }
        }
    }
}

/// What a line tells, in whichever dialect it is.
fn heard(line: &str) -> Option<Heard<'_>> {
    openssl::hear(line)
        .or_else(|| trace::hear(line))
        .or_else(|| curl::hear(line))
        .or_else(|| jsse::hear(line))
        .or_else(|| server_log::hear(line))
        .or_else(|| alert_words::in_error(line).map(|alert| Heard::AlertInError { alert, text: line.trim() }))
}

/// A line as the program wrote it: web pages and word processors put typographic signs in the place of plain ones.
fn plain(line: &str) -> String {
    let line = line.trim_end_matches(['\r', '\n']);
    if line.is_ascii() {
        return line.to_owned();
    }
    line.chars()
        .filter_map(|c| match c {
            '\u{2010}'..='\u{2015}' | '\u{2212}' => Some('-'),
            '\u{2018}' | '\u{2019}' => Some('\''),
            '\u{201c}' | '\u{201d}' => Some('"'),
            '\u{a0}' | '\u{2007}' | '\u{202f}' => Some(' '),
            '\u{2022}' | '\u{2217}' | '\u{00b7}' => Some('*'),
            '\u{203a}' => Some('>'),
            '\u{2039}' => Some('<'),
            '\u{feff}' | '\u{200b}' => None,
            c => Some(c),
        })
        .collect()
}

/// The bytes of a line of hex: pairs of digits and spaces, nothing else.
fn hex_of(line: &str) -> Option<Vec<u8>> {
    let words: Vec<&str> = line.split_whitespace().collect();
    if words.is_empty() || words.iter().any(|word| word.len() != 2) {
        return None;
    }
    words.iter().map(|word| u8::from_str_radix(word, 16).ok()).collect()
}

/// `TLSv1.2`, `TLS 1.2`, `SSLv3`.
fn version_named(name: &str) -> Option<ProtocolVersion> {
    let number = name.trim().trim_start_matches("TLS").trim_start_matches("SSL");
    Some(match number.trim().trim_start_matches('v') {
        "1.3" => ProtocolVersion::TLS13,
        "1.2" => ProtocolVersion::TLS12,
        "1.1" => ProtocolVersion::TLS11,
        "1.0" | "1" => ProtocolVersion::TLS10,
        "3" | "3.0" => ProtocolVersion::SSL3,
        _ => return None,
    })
}
