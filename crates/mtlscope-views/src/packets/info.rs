//! What the columns Protocol and Info of the packet list say of TLS: the records of a frame in Wireshark's words.

use mtlscope_dissect::event::{EventKind, Protection, Record};
use mtlscope_dissect::tls::alert::Alert;
use mtlscope_dissect::tls::handshake::Body;
use mtlscope_dissect::tls::message::Message;
use mtlscope_dissect::tls::registry::{ContentType, HandshakeType, ProtocolVersion};

use super::Frame;

/// `TLSv1.2` and `Server Hello, Certificate`; `None` for a frame that completes no record.
/// `known`: the version that the connection came to use, where that is known already.
pub(super) fn tls(frame: &Frame, known: Option<ProtocolVersion>) -> Option<(&'static str, String)> {
    let mut version = None;
    let mut words: Vec<String> = Vec::new();
    for (_, event) in &frame.events {
        match event {
            EventKind::Record(record) => {
                version = Some(known.or(record.negotiated_version).unwrap_or(record.version));
                words.extend(of_record(record).map(str::to_owned));
            }
            EventKind::Message(message) => {
                if message.ssl2_hello().is_some() {
                    version = Some(ProtocolVersion::SSL2);
                }
                words.push(of_message(message));
            }
            EventKind::Alert { alert, .. } => words.push(of_alert(*alert)),
            _ => {}
        }
    }
    Some((protocol(version?), words.join(", ")))
}

/// Wireshark's name of a version.
fn protocol(version: ProtocolVersion) -> &'static str {
    match version.0 {
        0x0002 => "SSLv2",
        0x0300 => "SSLv3",
        0x0301 => "TLSv1",
        0x0302 => "TLSv1.1",
        0x0303 => "TLSv1.2",
        0x0304 => "TLSv1.3",
        0x7f00..=0x7fff => "TLSv1.3",
        _ => "SSL",
    }
}

/// What is said of a record whose content is not told behind it.
fn of_record(record: &Record) -> Option<&'static str> {
    let is_sealed = record.protection.is_none();
    match record.content_type.unwrap_or(record.outer_content_type) {
        ContentType::CHANGE_CIPHER_SPEC => Some("Change Cipher Spec"),
        ContentType::APPLICATION_DATA => Some("Application Data"),
        ContentType::HANDSHAKE if is_sealed => Some("Encrypted Handshake Message"),
        ContentType::ALERT if is_sealed => Some("Encrypted Alert"),
        ContentType::ALERT if record.protection == Some(Protection::Plain) && record.length != 2 => {
            Some("Encrypted Alert")
        }
        ContentType::HEARTBEAT if is_sealed => Some("Encrypted Heartbeat"),
        ContentType::HEARTBEAT => Some("Heartbeat"),
        _ => None,
    }
}

fn of_message(message: &Message) -> String {
    if matches!(message.body, Body::HelloRetryRequest(_)) {
        return "Hello Retry Request".to_owned();
    }
    let name = match message.handshake_type {
        HandshakeType::HELLO_REQUEST => "Hello Request",
        HandshakeType::CLIENT_HELLO => "Client Hello",
        HandshakeType::SERVER_HELLO => "Server Hello",
        HandshakeType::NEW_SESSION_TICKET => "New Session Ticket",
        HandshakeType::END_OF_EARLY_DATA => "End of Early Data",
        HandshakeType::ENCRYPTED_EXTENSIONS => "Encrypted Extensions",
        HandshakeType::CERTIFICATE => "Certificate",
        HandshakeType::SERVER_KEY_EXCHANGE => "Server Key Exchange",
        HandshakeType::CERTIFICATE_REQUEST => "Certificate Request",
        HandshakeType::SERVER_HELLO_DONE => "Server Hello Done",
        HandshakeType::CERTIFICATE_VERIFY => "Certificate Verify",
        HandshakeType::CLIENT_KEY_EXCHANGE => "Client Key Exchange",
        HandshakeType::FINISHED => "Finished",
        HandshakeType::CERTIFICATE_URL => "Certificate URL",
        HandshakeType::CERTIFICATE_STATUS => "Certificate Status",
        HandshakeType::SUPPLEMENTAL_DATA => "Supplemental Data",
        HandshakeType::KEY_UPDATE => "Key Update",
        HandshakeType::COMPRESSED_CERTIFICATE => "Compressed Certificate",
        HandshakeType(67) => "Encrypted Extensions",
        HandshakeType(number) => return format!("Unknown message ({number})"),
    };
    name.to_owned()
}

fn of_alert(alert: Alert) -> String {
    let level = match alert.level.0 {
        1 => "Warning".to_owned(),
        2 => "Fatal".to_owned(),
        number => format!("Unknown ({number})"),
    };
    let description = match alert.description.0 {
        0 => "Close Notify",
        1 => "End of Early Data",
        10 => "Unexpected Message",
        20 => "Bad Record MAC",
        21 => "Decryption Failed",
        22 => "Record Overflow",
        30 => "Decompression Failure",
        40 => "Handshake Failure",
        41 => "No Certificate",
        42 => "Bad Certificate",
        43 => "Unsupported Certificate",
        44 => "Certificate Revoked",
        45 => "Certificate Expired",
        46 => "Certificate Unknown",
        47 => "Illegal Parameter",
        48 => "Unknown CA",
        49 => "Access Denied",
        50 => "Decode Error",
        51 => "Decrypt Error",
        60 => "Export Restriction",
        70 => "Protocol Version",
        71 => "Insufficient Security",
        80 => "Internal Error",
        86 => "Inappropriate Fallback",
        90 => "User Canceled",
        100 => "No Renegotiation",
        109 => "Missing Extension",
        110 => "Unsupported Extension",
        111 => "Certificate Unobtainable",
        112 => "Unrecognized Name",
        113 => "Bad Certificate Status Response",
        114 => "Bad Certificate Hash Value",
        115 => "Unknown PSK Identity",
        116 => "Certificate Required",
        120 => "No application Protocol",
        number => return format!("Alert (Level: {level}, Description: Unknown ({number}))"),
    };
    format!("Alert (Level: {level}, Description: {description})")
}
