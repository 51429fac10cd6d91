//! Our own fields: what is known of a whole connection, which no single packet says and Wireshark has no words for. The
//! words are those of the JSON (`docs/json.md`).

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use mtlscope_diagnose::connection::{
    Connection, Handshake, HandshakeKind, Layer, Means, Party, StepKind, Verdict,
};
use mtlscope_diagnose::finding::Finding;
use mtlscope_diagnose::observed::Observed;
use mtlscope_diagnose::pki::SignatureCheck;
use mtlscope_diagnose::sealed::Contents;
use mtlscope_dissect::evidence::FrameNumber;
use mtlscope_dissect::input::SecretOrigin;
use mtlscope_dissect::side::Side;
use mtlscope_dissect::tls::alert::Alert;
use mtlscope_dissect::x509::Certificate;

use super::{Base, Field, Kind, Occurrence, Value};
use crate::wording;

/// Every field of a connection.
pub fn fields() -> impl Iterator<Item = &'static Field> {
    OWN.iter().map(|own| &own.field)
}

/// Whether a field is one of a connection.
pub fn is_own(field: &Field) -> bool {
    OWN.iter().any(|own| std::ptr::eq(&raw const own.field, field))
}

/// In which contents of a connection stands what a field tells of it. None where it is no field of ours.
pub fn told_by(field: &Field) -> Option<Contents> {
    OWN.iter().find(|own| std::ptr::eq(&raw const own.field, field)).map(|own| own.told_by)
}

/// Adds the values that a connection and what the rules say of it have for one field; none where it is no field of ours.
pub fn tell(
    field: &'static Field,
    connection: &Connection,
    findings: &[Finding],
    told: &mut Vec<Occurrence>,
) {
    let Some(own) = OWN.iter().find(|own| std::ptr::eq(&raw const own.field, field)) else { return };
    let subject = Subject { connection, findings };
    (own.tell)(&subject, &mut |value| told.push(Occurrence { field, value, layer: 1 }));
}

struct Subject<'a> {
    connection: &'a Connection,
    findings: &'a [Finding],
}

type Tell = fn(&Subject<'_>, &mut dyn FnMut(Value));

struct Own {
    field: Field,
    /// What TLS may seal of what it tells.
    told_by: Contents,
    tell: Tell,
}

/// A field that anybody who sees the packets can tell.
const fn own(name: &'static str, kind: Kind, about: &'static str, tell: Tell) -> Own {
    Own { field: Field { name, kind, about }, told_by: Contents::NONE, tell }
}

/// A field of what the handshake tells and TLS may encrypt.
const fn sealable(name: &'static str, kind: Kind, about: &'static str, tell: Tell) -> Own {
    let identities = Contents { identities: true, ..Contents::NONE };
    own(name, kind, about, tell).told_by(identities)
}

impl Own {
    const fn told_by(mut self, told_by: Contents) -> Self {
        self.told_by = told_by;
        self
    }
}

const ALERTS: Contents = Contents { alerts: true, ..Contents::NONE };
const DATA: Contents = Contents { data: true, ..Contents::NONE };
/// A refusal may be an alert, or an answer of HTTP.
const REFUSALS: Contents = Contents { alerts: true, data: true, ..Contents::NONE };

const NUMBER: Kind = Kind::Unsigned(Base::Decimal);

static OWN: &[Own] = &[
    own("connection.id", NUMBER, "The number of the connection in its capture, from 1.", |of, put| {
        put(Value::Unsigned(of.connection.id.0));
    }),
    own("connection.first_frame", Kind::FrameNumber, "The first frame of the TCP connection.", |of, put| {
        frame(of.connection.first_frame, put);
    }),
    own("connection.last_frame", Kind::FrameNumber, "The last frame of the TCP connection.", |of, put| {
        frame(of.connection.last_frame, put);
    }),
    own("connection.start", Kind::AbsoluteTime, "When its first frame was captured.", |of, put| {
        put(Value::AbsoluteTime(of.connection.start));
    }),
    own(
        "connection.duration",
        Kind::RelativeTime,
        "The time from its first frame to its last.",
        |of, put| {
            put(Value::RelativeTime(of.connection.end - of.connection.start));
        },
    ),
    own("connection.start_seen", Kind::Boolean, "Whether the capture holds its beginning.", |of, put| {
        put(Value::Boolean(of.connection.start_seen));
    }),
    own(
        "connection.tunnel",
        Kind::Text,
        "What its packets travelled in, outermost first: `VLAN 7`.",
        |of, put| {
            of.connection.tunnel.iter().for_each(|layer| put(text(layer)));
        },
    ),
    own("connection.decrypted_with", Kind::Text, "Whose secrets opened it: `key_log`, `dsb`.", |of, put| {
        if let Some(origin) = of.connection.decrypted_with {
            put(text(match origin {
                SecretOrigin::KeyLog | SecretOrigin::OwnEnd => "key_log",
                SecretOrigin::DecryptionSecretsBlock => "dsb",
                SecretOrigin::RsaKey => "rsa_key",
            }));
        }
    }),
    own("connection.notice", Kind::Text, "What was odd or missing, in a sentence.", |of, put| {
        of.connection.notices.iter().for_each(|notice| put(text(&wording::notice(notice))));
    }),
    own("client.ip", Kind::Ipv4, "The client's IPv4 address.", |of, put| ipv4(of.connection.client, put)),
    own("client.ipv6", Kind::Ipv6, "The client's IPv6 address.", |of, put| ipv6(of.connection.client, put)),
    own("client.port", NUMBER, "The client's TCP port.", |of, put| port(of.connection.client, put)),
    own("server.ip", Kind::Ipv4, "The server's IPv4 address.", |of, put| ipv4(of.connection.server, put)),
    own("server.ipv6", Kind::Ipv6, "The server's IPv6 address.", |of, put| ipv6(of.connection.server, put)),
    own("server.port", NUMBER, "The server's TCP port.", |of, put| port(of.connection.server, put)),
    own("server_name", Kind::Text, "The name the client asked for (SNI).", |of, put| {
        seen(of, |handshake| &handshake.server_name, put);
    }),
    sealable("alpn", Kind::Text, "The protocol negotiated by ALPN.", |of, put| {
        seen(of, |handshake| &handshake.alpn, put);
    }),
    own("version", Kind::Text, "The version negotiated: `TLS 1.3`.", |of, put| {
        seen(of, |handshake| &handshake.version, put);
    }),
    own("cipher_suite", Kind::Text, "The cipher suite negotiated: `TLS_AES_128_GCM_SHA256`.", |of, put| {
        seen(of, |handshake| &handshake.cipher_suite, put);
    }),
    own("group", Kind::Text, "The key exchange group negotiated: `x25519`.", |of, put| {
        seen(of, |handshake| &handshake.group, put);
    }),
    own("resumed", Kind::Boolean, "Whether a session was resumed.", |of, put| {
        match of.connection.initial().resumption {
            Observed::Seen(_) => put(Value::Boolean(true)),
            Observed::NotSent => put(Value::Boolean(false)),
            Observed::Hidden(_) => {}
        }
    }),
    sealable(
        "handshake.kind",
        Kind::Text,
        "Each handshake of it: `initial`, `renegotiation`, `post_handshake`.",
        |of, put| {
            for handshake in &of.connection.handshakes {
                put(text(match handshake.kind {
                    HandshakeKind::Initial => "initial",
                    HandshakeKind::Renegotiation => "renegotiation",
                    HandshakeKind::PostHandshake => "post_handshake",
                }));
            }
        },
    ),
    sealable(
        "client_auth.requested",
        Kind::Text,
        "Whether the server asked for the client's certificate: `yes`, `no`, `unknown`.",
        |of, put| {
            put(text(match of.asking().request {
                Observed::Seen(_) => "yes",
                Observed::NotSent => "no",
                Observed::Hidden(_) => "unknown",
            }));
        },
    ),
    sealable(
        "client_auth.when",
        Kind::Text,
        "When it asked: `handshake`, `renegotiation`, `post_handshake`.",
        |of, put| {
            let asking = of.asking();
            if asking.request.is_seen() {
                put(text(match asking.kind {
                    HandshakeKind::Initial => "handshake",
                    HandshakeKind::Renegotiation => "renegotiation",
                    HandshakeKind::PostHandshake => "post_handshake",
                }));
            }
        },
    ),
    sealable(
        "client_auth.answer",
        Kind::Text,
        "What the client answered: `certificate`, `empty`, `none`, `unknown`.",
        |of, put| {
            put(text(match &of.asking().answer {
                Observed::Seen(answer) if answer.certificates.is_empty() && answer.unreadable == 0 => "empty",
                Observed::Seen(_) => "certificate",
                Observed::NotSent => "none",
                Observed::Hidden(_) => "unknown",
            }));
        },
    ),
    sealable(
        "client_auth.proof",
        Kind::Text,
        "Whether the client proved that it holds the key: `verified`, `bad`, `present` (not checked), `absent`, `unknown`.",
        |of, put| {
            put(text(match &of.asking().proof {
                Observed::Seen(proof) => match proof.checked {
                    Some(SignatureCheck::Good) => "verified",
                    Some(SignatureCheck::Bad) => "bad",
                    _ => "present",
                },
                Observed::NotSent => "absent",
                Observed::Hidden(_) => "unknown",
            }));
        },
    ),
    sealable(
        "client_auth.certificate_type",
        Kind::Text,
        "Each certificate type that the request takes: `rsa_sign`.",
        |of, put| {
            if let Some(request) = of.asking().request.seen() {
                request.certificate_types.iter().for_each(|kind| put(text(&kind.to_string())));
            }
        },
    ),
    sealable(
        "client_auth.signature_algorithm",
        Kind::Text,
        "Each signature algorithm that the request takes: `rsa_pss_rsae_sha256`.",
        |of, put| {
            if let Some(request) = of.asking().request.seen() {
                request.signature_algorithms.iter().for_each(|scheme| put(text(&scheme.to_string())));
            }
        },
    ),
    sealable(
        "authority",
        Kind::Text,
        "Each authority that the request names: `CN=Lab Root CA`.",
        |of, put| {
            if let Some(request) = of.asking().request.seen() {
                request.authorities.iter().for_each(|name| put(text(&name.to_string())));
            }
        },
    ),
    sealable("chain.depth", NUMBER, "How many certificates the client sent.", |of, put| {
        if let Some(chain) = of.client_chain() {
            put(Value::Unsigned(chain.len() as u64));
        }
    }),
    sealable(
        "leaf.subject",
        Kind::Text,
        "The subject of the client's certificate: `CN=alice`.",
        |of, put| {
            of.client_leaf(|leaf| put(text(&leaf.subject.to_string())));
        },
    ),
    sealable("leaf.issuer", Kind::Text, "The issuer of the client's certificate.", |of, put| {
        of.client_leaf(|leaf| put(text(&leaf.issuer.to_string())));
    }),
    sealable(
        "leaf.serial",
        Kind::Text,
        "The serial number of the client's certificate, in hex.",
        |of, put| {
            of.client_leaf(|leaf| put(text(&leaf.serial.to_string())));
        },
    ),
    sealable(
        "leaf.sha256",
        Kind::Bytes,
        "The SHA-256 fingerprint of the client's certificate.",
        |of, put| {
            of.client_leaf(|leaf| put(Value::Bytes(leaf.sha256.into())));
        },
    ),
    sealable(
        "leaf.not_before",
        Kind::AbsoluteTime,
        "From when the client's certificate is valid.",
        |of, put| {
            of.client_leaf(|leaf| put(Value::AbsoluteTime(leaf.not_before.timestamp())));
        },
    ),
    sealable(
        "leaf.not_after",
        Kind::AbsoluteTime,
        "Until when the client's certificate is valid.",
        |of, put| {
            of.client_leaf(|leaf| put(Value::AbsoluteTime(leaf.not_after.timestamp())));
        },
    ),
    sealable("server_chain.depth", NUMBER, "How many certificates the server sent.", |of, put| {
        if let Some(chain) = of.server_chain() {
            put(Value::Unsigned(chain.len() as u64));
        }
    }),
    sealable("server_leaf.subject", Kind::Text, "The subject of the server's certificate.", |of, put| {
        of.server_leaf(|leaf| put(text(&leaf.subject.to_string())));
    }),
    sealable("server_leaf.issuer", Kind::Text, "The issuer of the server's certificate.", |of, put| {
        of.server_leaf(|leaf| put(text(&leaf.issuer.to_string())));
    }),
    sealable(
        "server_leaf.serial",
        Kind::Text,
        "The serial number of the server's certificate, in hex.",
        |of, put| {
            of.server_leaf(|leaf| put(text(&leaf.serial.to_string())));
        },
    ),
    sealable(
        "server_leaf.sha256",
        Kind::Bytes,
        "The SHA-256 fingerprint of the server's certificate.",
        |of, put| {
            of.server_leaf(|leaf| put(Value::Bytes(leaf.sha256.into())));
        },
    ),
    sealable(
        "server_leaf.not_before",
        Kind::AbsoluteTime,
        "From when the server's certificate is valid.",
        |of, put| of.server_leaf(|leaf| put(Value::AbsoluteTime(leaf.not_before.timestamp()))),
    ),
    sealable(
        "server_leaf.not_after",
        Kind::AbsoluteTime,
        "Until when the server's certificate is valid.",
        |of, put| of.server_leaf(|leaf| put(Value::AbsoluteTime(leaf.not_after.timestamp()))),
    ),
    own(
        "outcome.result",
        Kind::Text,
        "How it came out: `accepted`, `refused`, `incomplete`, `unknown`.",
        |of, put| {
            put(text(match of.connection.outcome.verdict {
                Verdict::Accepted => "accepted",
                Verdict::Refused => "refused",
                Verdict::Incomplete => "incomplete",
                Verdict::Unknown => "unknown",
            }));
        },
    )
    .told_by(REFUSALS),
    own("outcome.by", Kind::Text, "Who brought that about: `client`, `server`, `network`.", |of, put| {
        by(of, put)
    })
    .told_by(REFUSALS),
    own(
        "outcome.refused_by",
        Kind::Text,
        "Who refused, where somebody did: `client`, `server`.",
        |of, put| {
            if of.connection.outcome.verdict == Verdict::Refused {
                by(of, put);
            }
        },
    )
    .told_by(REFUSALS),
    own("outcome.how", Kind::Text, "By which means: `alert`, `fin`, `rst`, `http`, `timeout`.", |of, put| {
        if let Some(means) = of.connection.outcome.means {
            put(text(match means {
                Means::Alert => "alert",
                Means::Fin => "fin",
                Means::Reset => "rst",
                Means::Http => "http",
                Means::Timeout => "timeout",
                Means::Log => "log",
            }));
        }
    })
    .told_by(REFUSALS),
    own("outcome.layer", Kind::Text, "On which layer: `tcp`, `tls`, `http`.", |of, put| {
        if let Some(layer) = of.connection.outcome.layer {
            put(text(match layer {
                Layer::Tcp => "tcp",
                Layer::Tls => "tls",
                Layer::Http => "http",
            }));
        }
    })
    .told_by(REFUSALS),
    own("outcome.frame", Kind::FrameNumber, "The frame that shows it.", |of, put| {
        frame(of.connection.outcome.frame, put);
    })
    .told_by(REFUSALS),
    own("outcome.alert", Kind::Text, "The alert by which it was refused: `unknown_ca`.", |of, put| {
        if of.connection.outcome.means == Some(Means::Alert) {
            let deciding = of.alerts().find(|(frame, _)| *frame == of.connection.outcome.frame);
            deciding.into_iter().for_each(|(_, alert)| put(text(&alert.description.to_string())));
        }
    })
    .told_by(ALERTS),
    own("alert", Kind::Text, "Each alert that can be read: `close_notify`.", |of, put| {
        of.alerts().for_each(|(_, alert)| put(text(&alert.description.to_string())));
    })
    .told_by(ALERTS),
    own("http_request", Kind::Text, "The first HTTP request line: `GET / HTTP/1.1`.", |of, put| {
        of.connection.http_request.iter().for_each(|request| put(text(&request.line)));
    })
    .told_by(DATA),
    own("http_status", NUMBER, "The first HTTP status: 403.", |of, put| {
        of.connection.http_status.iter().for_each(|status| put(Value::Unsigned(status.code.into())));
    })
    .told_by(DATA),
    own("said", Kind::Text, "What the ends say of it themselves.", |of, put| {
        of.connection.said.iter().for_each(|said| put(text(&said.text)));
    }),
    own("finding.id", Kind::Text, "The cause that each finding names: `unknown-ca`.", |of, put| {
        of.findings.iter().for_each(|finding| put(text(finding.rule.id)));
    })
    .told_by(Contents::ALL),
    own("finding.severity", Kind::Text, "How bad each finding is: `error`, `warning`, `note`.", |of, put| {
        of.findings.iter().for_each(|finding| put(text(&finding.severity.to_string())));
    })
    .told_by(Contents::ALL),
    own(
        "finding.confidence",
        Kind::Text,
        "How sure each finding is: `certain`, `likely`, `possible`.",
        |of, put| of.findings.iter().for_each(|finding| put(text(&finding.confidence.to_string()))),
    )
    .told_by(Contents::ALL),
    own("finding.message", Kind::Text, "What each finding says.", |of, put| {
        of.findings.iter().for_each(|finding| put(text(&finding.message)));
    })
    .told_by(Contents::ALL),
    own("finding.frame", Kind::FrameNumber, "Each frame that proves a finding.", |of, put| {
        of.findings.iter().flat_map(Finding::frames).for_each(|number| frame(Some(number), put));
    })
    .told_by(Contents::ALL),
];

impl<'a> Subject<'a> {
    /// The handshake that tells of client authentication.
    fn asking(&self) -> &'a Handshake {
        self.connection.asking()
    }

    /// What the client sent, unless it is hidden or nothing was sent.
    fn client_chain(&self) -> Option<&'a [Arc<Certificate>]> {
        self.asking().answer.seen().map(|answer| answer.certificates.as_slice())
    }

    fn client_leaf(&self, tell: impl FnOnce(&Certificate)) {
        if let Some(leaf) = self.client_chain().and_then(<[_]>::first) {
            tell(leaf);
        }
    }

    fn server_chain(&self) -> Option<&'a [Arc<Certificate>]> {
        let mut handshakes = self.connection.handshakes.iter();
        let identity = handshakes.find_map(|handshake| handshake.server_identity.seen());
        identity.map(|identity| identity.certificates.as_slice())
    }

    fn server_leaf(&self, tell: impl FnOnce(&Certificate)) {
        if let Some(leaf) = self.server_chain().and_then(<[_]>::first) {
            tell(leaf);
        }
    }

    /// The alerts that can be read, with their frames.
    fn alerts(&self) -> impl Iterator<Item = (Option<FrameNumber>, &'a Alert)> {
        self.connection.steps.iter().filter_map(|step| match &step.kind {
            StepKind::Alert(alert, _, _) => Some((step.frame, alert)),
            _ => None,
        })
    }
}

fn text(text: &str) -> Value {
    Value::Text(text.into())
}

fn frame(frame: Option<FrameNumber>, put: &mut dyn FnMut(Value)) {
    frame.into_iter().for_each(|frame| put(Value::Unsigned(frame.get())));
}

fn ipv4(end: SocketAddr, put: &mut dyn FnMut(Value)) {
    if let IpAddr::V4(address) = end.ip() {
        put(Value::Ipv4(address));
    }
}

fn ipv6(end: SocketAddr, put: &mut dyn FnMut(Value)) {
    if let IpAddr::V6(address) = end.ip() {
        put(Value::Ipv6(address));
    }
}

fn port(end: SocketAddr, put: &mut dyn FnMut(Value)) {
    put(Value::Unsigned(end.port().into()));
}

/// A fact of the initial handshake, where it was seen.
fn seen<'a, T: ToString + 'a>(
    of: &Subject<'a>,
    fact: fn(&'a Handshake) -> &'a Observed<T>,
    put: &mut dyn FnMut(Value),
) {
    fact(of.connection.initial()).seen().into_iter().for_each(|fact| put(text(&fact.to_string())));
}

fn by(of: &Subject<'_>, put: &mut dyn FnMut(Value)) {
    if let Some(party) = of.connection.outcome.by {
        put(text(match party {
            Party::Side(Side::Client) => "client",
            Party::Side(Side::Server) => "server",
            Party::Network => "network",
        }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fields::registry;
    use crate::told;

    /// What a connection has for a field, shortly.
    fn values(connection: &Connection, name: &str) -> Vec<String> {
        let mut told = Vec::new();
        tell(registry::find(name).unwrap(), connection, &told::findings(connection), &mut told);
        told.into_iter()
            .map(|occurrence| match occurrence.value {
                Value::Text(text) => text.into_string(),
                other => format!("{other:?}"),
            })
            .collect()
    }

    #[test]
    fn a_refusal_is_told_with_its_party_and_its_alert() {
        let connection = told::unknown_ca();
        assert_eq!(values(&connection, "outcome.result"), ["refused"]);
        assert_eq!(values(&connection, "outcome.refused_by"), ["server"]);
        assert_eq!(values(&connection, "outcome.alert"), ["unknown_ca"]);
        assert_eq!(values(&connection, "client_auth.requested"), ["yes"]);
        assert_eq!(values(&connection, "authority"), ["CN=Lab Root CA", "CN=b,O=Lab,C=IT"]);
        assert_eq!(values(&connection, "finding.id"), ["unknown-ca"]);
        assert_eq!(values(&connection, "server_name"), ["a.test"]);
        assert_eq!(values(&connection, "chain.depth"), ["Unsigned(1)"]);
    }

    #[test]
    fn what_is_hidden_has_no_value_or_says_unknown() {
        let connection = told::hidden();
        assert_eq!(values(&connection, "client_auth.requested"), ["unknown"]);
        assert_eq!(values(&connection, "leaf.subject"), [""; 0]);
        assert_eq!(values(&connection, "chain.depth"), [""; 0]);
        assert_eq!(values(&connection, "outcome.refused_by"), [""; 0]);
    }

    #[test]
    fn every_field_of_a_connection_has_a_value_of_its_kind_in_some_connection() {
        // What the ends say comes only from live ends, tunnels only from packets; IPv6 and keys from captures.
        let elsewhere =
            ["said", "connection.tunnel", "client.ipv6", "server.ipv6", "connection.decrypted_with", "group"];
        for own in OWN {
            let mut told = Vec::new();
            for (_, connection) in told::all() {
                tell(&own.field, &connection, &told::findings(&connection), &mut told);
            }
            let name = own.field.name;
            assert!(!told.is_empty() || elsewhere.contains(&name), "{name} never has a value");
            for occurrence in told {
                let fits = matches!(
                    (own.field.kind, &occurrence.value),
                    (Kind::Text, Value::Text(_))
                        | (Kind::Unsigned(_) | Kind::FrameNumber, Value::Unsigned(_))
                        | (Kind::Boolean, Value::Boolean(_))
                        | (Kind::Bytes, Value::Bytes(_))
                        | (Kind::Ipv4, Value::Ipv4(_))
                        | (Kind::Ipv6, Value::Ipv6(_))
                        | (Kind::AbsoluteTime, Value::AbsoluteTime(_))
                        | (Kind::RelativeTime, Value::RelativeTime(_))
                );
                assert!(fits, "{name} has {:?}", occurrence.value);
            }
        }
    }
}
