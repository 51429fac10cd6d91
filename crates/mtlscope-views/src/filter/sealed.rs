//! What a filter asks for of what TLS may encrypt, so that whoever finds nothing can be told whether it may be there all the same.

use mtlscope_diagnose::sealed::Contents;

use super::program::{Datum, Leaf, Operand, Test};
use super::syntax::Comparison;
use crate::fields::{Field, connection};

const IDENTITIES: Contents = Contents { identities: true, ..Contents::NONE };
const HANDSHAKE: Contents = Contents { handshake: true, ..Contents::NONE };
const ALERTS: Contents = Contents { alerts: true, ..Contents::NONE };
const DATA: Contents = Contents { data: true, ..Contents::NONE };

/// All that a test asks for.
pub(super) fn asked_for(test: &Test) -> Contents {
    match test {
        Test::Or(tests) | Test::Xor(tests) | Test::And(tests) => {
            tests.iter().map(asked_for).fold(Contents::NONE, Contents::or)
        }
        Test::Not(test) => asked_for(test),
        Test::Leaf(leaf) => of_leaf(leaf),
    }
}

fn of_leaf(leaf: &Leaf) -> Contents {
    if let Some((field, values)) = numbers(leaf) {
        let of_value = match field.name {
            "tls.handshake.type" => Some(message as fn(i128) -> Contents),
            "tls.record.content_type" => Some(record as fn(i128) -> Contents),
            _ => None,
        };
        if let Some(of_value) = of_value {
            return values.into_iter().map(of_value).fold(Contents::NONE, Contents::or);
        }
    }
    let mut asked = Contents::NONE;
    leaf.each_field(&mut |field| asked = asked.or(of_field(field)));
    asked
}

/// The field and the numbers of a question whether it has one of them.
fn numbers(leaf: &Leaf) -> Option<(&'static Field, Vec<i128>)> {
    let number = |operand: &Operand| match operand {
        Operand::Constant(Datum::Integer(number)) => Some(*number),
        _ => None,
    };
    match leaf {
        Leaf::Compare { comparison: Comparison::Equal, left: Operand::Field(field), right, .. } => {
            Some((field.field, vec![number(right)?]))
        }
        Leaf::Member { left: Operand::Field(field), elements, .. } => {
            let one = |(first, last): &(Operand, Option<Operand>)| match last {
                None => number(first),
                Some(_) => None,
            };
            Some((field.field, elements.iter().map(one).collect::<Option<_>>()?))
        }
        _ => None,
    }
}

/// Where a handshake message may be sealed.
fn message(number: i128) -> Contents {
    match number {
        // HelloRequest comes in clear or opens a renegotiation; the hellos and the key exchanges are in clear, or in one.
        0..=2 | 12 | 14 | 16 => Contents::NONE,
        8 | 11 | 13 | 15 | 22 | 25 => IDENTITIES,
        _ => HANDSHAKE,
    }
}

/// Where records of a type may be sealed so that they do not show it.
fn record(number: i128) -> Contents {
    match number {
        21 => ALERTS,
        22 => IDENTITIES,
        24 => DATA,
        _ => Contents::NONE,
    }
}

fn of_field(field: &Field) -> Contents {
    if let Some(told_by) = connection::told_by(field) {
        return told_by;
    }
    let begins = |names: &[&str]| names.iter().any(|name| field.name.starts_with(name));
    if begins(&IN_CLEAR) {
        Contents::NONE
    } else if begins(&OF_ANY_MESSAGE) {
        HANDSHAKE
    } else if begins(&["tls.alert_message"]) {
        ALERTS
    } else if begins(&["tls.heartbeat_message"]) {
        DATA
    } else if field.name == "tls.handshake" || begins(&OF_IDENTITIES) {
        IDENTITIES
    } else {
        Contents::NONE
    }
}

/// Fields of the hellos alone, and of the key exchange before TLS 1.3: by how they begin.
const IN_CLEAR: [&str; 38] = [
    "tls.handshake.version",
    "tls.handshake.random",
    "tls.handshake.session_id",
    "tls.handshake.cipher",
    "tls.handshake.challenge",
    "tls.handshake.comp_method",
    "tls.handshake.ja3",
    "tls.handshake.server_curve_type",
    "tls.handshake.server_named_curve",
    "tls.handshake.server_point",
    "tls.handshake.p",
    "tls.handshake.g",
    "tls.handshake.ys",
    "tls.handshake.yc",
    "tls.handshake.modulus",
    "tls.handshake.exponent",
    "tls.handshake.hint",
    "tls.handshake.epms",
    "tls.handshake.client_point",
    "tls.handshake.identity",
    "tls.handshake.extensions_server_name",
    "tls.handshake.extensions_status_request",
    "tls.handshake.extensions_ec_point_format",
    "tls.handshake.extensions_supported_group",
    "tls.handshake.extensions_key_share",
    "tls.handshake.extensions.supported_version",
    "tls.handshake.extensions.psk",
    "tls.handshake.extensions.cookie",
    "tls.handshake.extensions_reneg_info",
    "tls.handshake.extensions_padding",
    "tls.handshake.extension.heartbeat",
    "tls.handshake.extensions_npn",
    "tls.extension.psk",
    "tls.esni.suite",
    "tls.esni.record",
    "tls.esni.encrypted",
    "tls.handshake.cert_url",
    "tls.compress_certificate.algorithms_length",
];

/// Fields that messages of the handshake have which are sealed even where the certificates are not.
const OF_ANY_MESSAGE: [&str; 7] = [
    "tls.handshake.type",
    "tls.handshake.length",
    "tls.handshake.fragment",
    "tls.handshake.key_update",
    "tls.handshake.verify_data",
    "tls.handshake.session_ticket",
    "tls.early_data",
];

/// Fields of what certificates, the request for them and EncryptedExtensions say.
const OF_IDENTITIES: [&str; 11] = [
    "tls.handshake.",
    "tls.extension.",
    "tls.esni.",
    "tls.sct.",
    "tls.compress_certificate.",
    "tls.record_size_limit",
    "x509",
    "pkix1",
    "pkcs1",
    "ocsp",
    "logotypecertextn",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fields::registry;
    use crate::filter::Filter;

    fn asked(filter: &str) -> Contents {
        Filter::compile(filter).unwrap().asks_for()
    }

    #[test]
    fn what_the_hellos_say_is_never_sealed() {
        for filter in [
            "tls.handshake.type == 1",
            "tls.handshake.type in {1, 2}",
            "tls.handshake.extensions_server_name == \"a\"",
            "tls.handshake.ciphersuite == 0x1301",
            "tcp.port == 443 and tls",
            "server_name == \"a\"",
            "tls.record.length > 5 and not ip",
        ] {
            assert_eq!(asked(filter), Contents::NONE, "{filter}");
        }
    }

    #[test]
    fn what_may_be_sealed_is_told_apart_by_what_it_stands_in() {
        for (filter, contents) in [
            ("tls.handshake.type == 13", IDENTITIES),
            ("ssl.handshake.type == \"Certificate\"", IDENTITIES),
            ("tls.handshake.type == 20", HANDSHAKE),
            ("tls.handshake.type > 3", HANDSHAKE),
            ("x509sat.uTF8String == \"a\"", IDENTITIES),
            ("x509ce.dNSName", IDENTITIES),
            ("tls.handshake.extensions_alpn_str == \"h2\"", IDENTITIES),
            ("leaf.subject", IDENTITIES),
            ("tls.alert_message.desc == 48", ALERTS),
            ("tls.record.content_type == 21", ALERTS),
            ("alert == \"unknown_ca\"", ALERTS),
            ("http_status == 403", DATA),
            ("outcome.how == \"http\"", Contents { alerts: true, data: true, ..Contents::NONE }),
            ("finding.id == \"unknown-ca\"", Contents::ALL),
            ("not leaf.subject or http_status", Contents { identities: true, data: true, ..Contents::NONE }),
        ] {
            assert_eq!(asked(filter), contents, "{filter}");
        }
    }

    #[test]
    fn every_beginning_of_a_name_is_that_of_a_field() {
        for begin in IN_CLEAR.iter().chain(&OF_ANY_MESSAGE).chain(&OF_IDENTITIES) {
            assert!(registry::all().any(|field| field.name.starts_with(begin)), "{begin}");
        }
    }
}
