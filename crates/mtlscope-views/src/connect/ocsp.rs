//! The OCSP response that a server stapled: what its authority says of its certificate. In the words of
//! `openssl s_client -status`, and shorter: the signature's bytes are left out, and nobody has checked it.

use std::io::{self, Write};

use mtlscope_diagnose::connection::{Connection, StepKind};
use mtlscope_dissect::side::Side;
use mtlscope_dissect::tls::extension::{ExtensionBody, StatusRequest};
use mtlscope_dissect::tls::handshake::{Body, CertificateStatus};
use mtlscope_dissect::tls::registry::{CertificateStatusType, ExtensionType};
use mtlscope_dissect::x509::OcspResponse;
use mtlscope_dissect::x509::ocsp::{BasicOcspResponse, CertStatus, Responder};

use crate::trace::openssl_names;

/// The responses that the server stapled to its certificates, DER, its own certificate's first.
pub fn stapled(connection: &Connection) -> Vec<&[u8]> {
    let messages = connection.steps.iter().filter(|step| step.side == Side::Server);
    let bodies = messages.filter_map(|step| match &step.kind {
        StepKind::Message(message) => Some(&message.body),
        _ => None,
    });
    bodies.flat_map(responses_in).collect()
}

fn responses_in(body: &Body) -> Vec<&[u8]> {
    let of = |status: &'_ CertificateStatus| {
        status.status_type == CertificateStatusType::OCSP
            || status.status_type == CertificateStatusType::OCSP_MULTI
    };
    match body {
        Body::CertificateStatus(status) if of(status) => {
            status.responses.iter().map(|response| &response[..]).collect()
        }
        body => body
            .certificate()
            .map_or(&[][..], |certificate| &certificate.entries)
            .iter()
            .filter_map(|entry| match entry.extensions.body(ExtensionType::STATUS_REQUEST) {
                Some(ExtensionBody::StatusRequest(StatusRequest::Status(status))) if of(status) => {
                    Some(status.responses.iter().map(|response| &response[..]))
                }
                _ => None,
            })
            .flatten()
            .collect(),
    }
}

/// Writes each response; that there is none, where there is none.
pub fn write(responses: &[&[u8]], out: &mut dyn Write) -> io::Result<()> {
    let responses: Vec<&&[u8]> = responses.iter().filter(|response| !response.is_empty()).collect();
    if responses.is_empty() {
        return writeln!(out, "OCSP response: no response sent");
    }
    for response in responses {
        writeln!(out, "OCSP response:\n======================================")?;
        match OcspResponse::from_der(response) {
            Ok(response) => write_one(&response, out)?,
            Err(_) => writeln!(out, "{} bytes that are no OCSP response", response.len())?,
        }
        writeln!(out, "======================================")?;
    }
    Ok(())
}

fn write_one(response: &OcspResponse, out: &mut dyn Write) -> io::Result<()> {
    let status = response.status;
    writeln!(out, "OCSP Response Data:\n    OCSP Response Status: {status} ({:#x})", status.0)?;
    let Some(basic) = &response.basic else { return Ok(()) };
    writeln!(out, "    Response Type: Basic OCSP Response")?;
    writeln!(out, "    Responder Id: {}", responder(basic))?;
    writeln!(out, "    Produced At: {}", openssl_names::time(basic.produced_at))?;
    writeln!(out, "    Responses:")?;
    for (place, single) in basic.responses.iter().enumerate() {
        if place > 0 {
            writeln!(out)?;
        }
        writeln!(out, "    Certificate ID:")?;
        writeln!(out, "      Serial Number: {}", single.serial.to_string().to_uppercase())?;
        match single.status {
            CertStatus::Good => writeln!(out, "    Cert Status: good")?,
            CertStatus::Unknown => writeln!(out, "    Cert Status: unknown")?,
            CertStatus::Revoked { at, reason } => {
                writeln!(out, "    Cert Status: revoked")?;
                writeln!(out, "    Revocation Time: {}", openssl_names::time(at))?;
                if let Some(reason) = reason {
                    writeln!(
                        out,
                        "    Revocation Reason: {} ({reason:#x})",
                        CertStatus::reason_name(reason)
                    )?;
                }
            }
        }
        writeln!(out, "    This Update: {}", openssl_names::time(single.this_update))?;
        if let Some(next_update) = single.next_update {
            writeln!(out, "    Next Update: {}", openssl_names::time(next_update))?;
        }
    }
    let algorithm = &basic.signature_algorithm;
    match algorithm.name() {
        Some(name) => writeln!(out, "    Signature Algorithm: {name} (not checked)"),
        None => writeln!(out, "    Signature Algorithm: {algorithm} (not checked)"),
    }
}

fn responder(basic: &BasicOcspResponse) -> String {
    match &basic.responder {
        Responder::Name(name) => openssl_names::oneline(name),
        Responder::KeyHash(hash) => hash.iter().map(|byte| format!("{byte:02X}")).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RESPONSE: &[u8] = include_bytes!("../../../mtlscope-dissect/src/x509/test_data/ocsp_response.der");

    #[test]
    fn says_of_each_certificate_what_its_authority_says() {
        let mut out = Vec::new();
        write(&[RESPONSE, b"no response"], &mut out).unwrap();
        insta::assert_snapshot!(String::from_utf8(out).unwrap());
    }

    #[test]
    fn says_that_there_is_none() {
        let mut out = Vec::new();
        write(&[b""], &mut out).unwrap();
        assert_eq!(out, b"OCSP response: no response sent\n");
    }

    #[test]
    fn finds_a_staple_beside_a_certificate_and_in_a_message_of_its_own() {
        let status =
            CertificateStatus { status_type: CertificateStatusType::OCSP, responses: vec![RESPONSE.into()] };
        assert_eq!(responses_in(&Body::CertificateStatus(status)), [RESPONSE]);
        assert!(responses_in(&Body::ServerHelloDone).is_empty());
    }
}
