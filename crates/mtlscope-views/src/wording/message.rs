//! One handshake message in one line: its name, and what matters in it.

use mtlscope_dissect::tls::extension::{DelegatedCredential, ExtensionBody, Extensions};
use mtlscope_dissect::tls::handshake::{
    Body, CertificateRequest, ClientHello, ExchangeKeys, ServerHello, ServerParams,
};
use mtlscope_dissect::tls::message::Message;
use mtlscope_dissect::tls::registry::ExtensionType;
use mtlscope_dissect::x509::{Certificate, Time};

use super::{self as wording, count};

/// `CertificateRequest (13)`.
pub(crate) fn name(message: &Message) -> String {
    let number = message.handshake_type.0;
    match &message.body {
        Body::Unknown | Body::Named => match message.handshake_type.name() {
            Some(name) => format!("{name} ({number})"),
            None => format!("Handshake message of unknown type ({number})"),
        },
        body => format!("{} ({number})", body.name()),
    }
}

/// What matters in it: `2 authorities, 16 signature algorithms`. Empty where its name says all.
pub(crate) fn detail(message: &Message) -> String {
    match &message.body {
        Body::ClientHello(hello) => client_hello(hello),
        Body::ServerHello(hello) => server_hello(hello),
        Body::HelloRetryRequest(hello) => {
            hello.selected_group().map(|group| format!("asks for {group}")).unwrap_or_default()
        }
        Body::NewSessionTicket(ticket) => {
            format!(
                "{}, for {}",
                wording::bytes(ticket.ticket.len() as u64),
                wording::seconds(ticket.lifetime.into())
            )
        }
        Body::EncryptedExtensions(message) => {
            encrypted_extensions(&message.extensions, message.alpn_protocol())
        }
        Body::Certificate(certificate) => {
            chain(message, certificate.entries.len().saturating_sub(message.certificates.len()))
        }
        Body::CompressedCertificate(compressed) => {
            let unpacked = wording::bytes(compressed.uncompressed_length.into());
            match &compressed.certificate {
                Ok(certificate) => format!(
                    "{}, {unpacked}, packed with {}",
                    chain(message, certificate.entries.len().saturating_sub(message.certificates.len())),
                    compressed.algorithm
                ),
                Err(_) => format!("packed with {}, {unpacked} unpacked, not readable", compressed.algorithm),
            }
        }
        Body::ServerKeyExchange(exchange) => {
            let keys = match &exchange.params {
                ServerParams::None => "pre-shared key".to_owned(),
                ServerParams::Ecdh { named_curve, .. } => format!("ECDH {named_curve}"),
                ServerParams::Dh { p, .. } => format!("DH {} bits", p.len().saturating_mul(8)),
                ServerParams::Rsa { modulus, .. } => {
                    format!("RSA export {} bits", modulus.len().saturating_mul(8))
                }
                ServerParams::Raw(bytes) => wording::bytes(bytes.len() as u64),
            };
            match exchange.signed_params.as_ref().and_then(|signed| signed.algorithm) {
                Some(algorithm) => format!("{keys}, {algorithm}"),
                None => keys,
            }
        }
        Body::CertificateRequest(request) => certificate_request(request),
        Body::CertificateVerify(verify) => match verify.algorithm {
            Some(algorithm) => algorithm.to_string(),
            None => wording::bytes(verify.signature.len() as u64),
        },
        Body::ClientKeyExchange(exchange) => match &exchange.exchange_keys {
            ExchangeKeys::None => "pre-shared key".to_owned(),
            ExchangeKeys::EncryptedPreMasterSecret(_) => "RSA".to_owned(),
            ExchangeKeys::Dh(value) if value.is_empty() => "DH, fixed in the certificate".to_owned(),
            ExchangeKeys::Dh(_) => "DH".to_owned(),
            ExchangeKeys::Ecdh(value) if value.is_empty() => "ECDH, fixed in the certificate".to_owned(),
            ExchangeKeys::Ecdh(_) => "ECDH".to_owned(),
            ExchangeKeys::Raw(bytes) => wording::bytes(bytes.len() as u64),
        },
        Body::CertificateStatus(status) => {
            let length: usize = status.responses.iter().map(|response| response.len()).sum();
            format!("{}, {}", status.status_type, wording::bytes(length as u64))
        }
        Body::KeyUpdate(update) => update.request_update.to_string(),
        Body::CertificateUrl(urls) => count(urls.url_and_hash_list.len(), "URL", "URLs"),
        Body::Unknown | Body::SupplementalData(_) | Body::MessageHash => {
            wording::bytes(message.length.into())
        }
        Body::HelloRequest
        | Body::EndOfEarlyData
        | Body::ServerHelloDone
        | Body::Finished(_)
        | Body::Named => String::new(),
    }
}

fn client_hello(hello: &ClientHello) -> String {
    let mut parts = vec![wording::versions(&hello.supported_versions())];
    if let Some(name) = hello.server_name() {
        parts.push(format!("name {name}"));
    }
    let protocols: Vec<String> = hello
        .alpn_protocols()
        .iter()
        .filter(|protocol| !protocol.is_grease())
        .map(ToString::to_string)
        .collect();
    if !protocols.is_empty() {
        parts.push(protocols.join(", "));
    }
    let suites = hello.cipher_suites.iter().filter(|suite| !suite.is_grease()).count();
    parts.push(count(suites, "cipher suite", "cipher suites"));
    if hello.offers(ExtensionType::PRE_SHARED_KEY) || hello.session_ticket().is_some() {
        parts.push("offers to resume".to_owned());
    }
    if hello.offers(ExtensionType::EARLY_DATA) {
        parts.push("sends early data (0-RTT)".to_owned());
    }
    if hello.offers(ExtensionType::POST_HANDSHAKE_AUTH) {
        parts.push("can be asked after the handshake".to_owned());
    }
    if hello.offers(ExtensionType::ENCRYPTED_CLIENT_HELLO) {
        // Whether the server takes it, and whether anything is in it, no one else can tell.
        parts.push("ECH: the outer hello, the real one may be sealed in it".to_owned());
    }
    parts.join("; ")
}

fn server_hello(hello: &ServerHello) -> String {
    let mut parts = vec![hello.version().to_string(), hello.cipher_suite.to_string()];
    if let Some(group) = hello.selected_group() {
        parts.push(group.to_string());
    }
    if let Some(protocol) = hello.alpn_protocol() {
        parts.push(protocol.to_string());
    }
    if hello.selected_identity().is_some() {
        parts.push("takes the pre-shared key".to_owned());
    }
    parts.join("; ")
}

fn encrypted_extensions(
    extensions: &Extensions,
    protocol: Option<&mtlscope_dissect::tls::extension::ProtocolName>,
) -> String {
    let mut parts = vec![match protocol {
        Some(protocol) => protocol.to_string(),
        None => count(extensions.len(), "extension", "extensions"),
    }];
    if extensions.contains(ExtensionType::EARLY_DATA) {
        parts.push("takes the early data".to_owned());
    }
    if let Some(ExtensionBody::RecordSizeLimit(limit)) = extensions.body(ExtensionType::RECORD_SIZE_LIMIT) {
        parts.push(format!("records of at most {limit} bytes"));
    }
    if extensions.contains(ExtensionType::ENCRYPTED_CLIENT_HELLO) {
        parts.push("ECH keys to try again with: the sealed hello was not taken".to_owned());
    }
    parts.join("; ")
}

fn certificate_request(request: &CertificateRequest) -> String {
    let authorities = match request.authorities().len() {
        0 => "any authority".to_owned(),
        number => count(number, "authority", "authorities"),
    };
    let mut parts = vec![authorities];
    let algorithms = request.signature_algorithms().len();
    if algorithms > 0 {
        parts.push(count(algorithms, "signature algorithm", "signature algorithms"));
    } else if !request.certificate_types().is_empty() {
        parts.push(count(request.certificate_types().len(), "certificate type", "certificate types"));
    }
    if !request.oid_filters().is_empty() {
        parts.push(count(request.oid_filters().len(), "OID filter", "OID filters"));
    }
    parts.join(", ")
}

/// What a delegated credential beside the leaf says. RFC 9345.
fn delegated_credential(message: &Message) -> Option<String> {
    let leaf = message.body.certificate()?.entries.first()?;
    match leaf.extensions.body(ExtensionType::DELEGATED_CREDENTIAL)? {
        ExtensionBody::DelegatedCredential(DelegatedCredential::Credential(credential)) => {
            let end = message.certificates.first()?.not_before.seconds() + i64::from(credential.valid_time);
            Some(format!(
                "delegated credential ({}) until {}",
                credential.dc_cert_verify_algorithm,
                wording::day(Time::from_seconds(end))
            ))
        }
        _ => None,
    }
}

fn chain(message: &Message, unreadable: usize) -> String {
    let mut parts = Vec::new();
    match message.certificates.as_slice() {
        [] if unreadable == 0 => parts.push("empty".to_owned()),
        [] => {}
        [leaf, issuers @ ..] => {
            let mut text = short_subject(leaf);
            if !issuers.is_empty() {
                text.push_str(&format!(" + {}", count(issuers.len(), "issuer", "issuers")));
            }
            parts.push(text);
            let at = Time::from_seconds(message.evidence.time.seconds());
            parts.push(match (at < leaf.not_before, at > leaf.not_after) {
                (true, _) => format!("NOT VALID BEFORE {}", wording::day(leaf.not_before)),
                (_, true) => format!("EXPIRED {}", wording::day(leaf.not_after)),
                _ => format!("expires {}", wording::day(leaf.not_after)),
            });
        }
    }
    parts.extend(delegated_credential(message));
    if unreadable > 0 {
        parts.push(count(unreadable, "entry that is no certificate", "entries that are no certificates"));
    }
    parts.join(", ")
}

/// `CN=TestClient`; the whole name where it has no CN; the first other name where it is empty.
pub(crate) fn short_subject(certificate: &Certificate) -> String {
    if let Some(name) = certificate.subject.common_name() {
        return format!("CN={name}");
    }
    if !certificate.subject.is_empty() {
        return certificate.subject.to_string();
    }
    match certificate.extensions.subject_alternative_names.first() {
        Some(name) => name.to_string(),
        None => "a certificate without a name".to_owned(),
    }
}
