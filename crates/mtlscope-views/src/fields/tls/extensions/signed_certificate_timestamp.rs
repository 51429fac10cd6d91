//! `tls.sct`: signed certificate timestamps, in an extension of TLS or of a certificate.

use super::super::super::Kind;
use super::super::super::named::{DECIMAL, Told, fields};
use super::super::place::{self, Place, at, content, part};
use super::signature_algorithms::{SIGNATURE_ALGORITHM, SIGNATURE_HASH, SIGNATURE_KIND};

use mtlscope_dissect::tls::extension;

fields! {
    LIST_LENGTH = "tls.sct.scts_length", DECIMAL, "The length of the list of timestamps.";
    LENGTH = "tls.sct.sct_length", DECIMAL, "The length of a timestamp.";
    VERSION = "tls.sct.sct_version", DECIMAL, "The version of a timestamp; 0 is version 1.";
    LOG_ID = "tls.sct.sct_logid", Kind::Bytes, "Which log gave the timestamp: the SHA-256 hash of its key.";
    TIMESTAMP = "tls.sct.sct_timestamp", Kind::AbsoluteTime, "When the log saw the certificate.";
    EXTENSIONS_LENGTH = "tls.sct.sct_extensions_length", DECIMAL, "The length of the timestamp's extensions.";
    EXTENSIONS = "tls.sct.sct_extensions", Kind::Label, "The timestamp's extensions.";
    SIGNATURE_LENGTH = "tls.sct.sct_signature_length", DECIMAL, "The length of the log's signature.";
    SIGNATURE = "tls.sct.sct_signature", Kind::Bytes, "The log's signature.";
}

pub(super) static PLACES: &[Place] = &[
    at("sct_list/length", &LIST_LENGTH),
    at("sct_list/SerializedSCT/length", &LENGTH),
    at("sct_list/SerializedSCT/sct_version", &VERSION),
    at("sct_list/SerializedSCT/id", &LOG_ID),
    at("sct_list/SerializedSCT/timestamp", &TIMESTAMP),
    at("sct_list/SerializedSCT/extensions/length", &EXTENSIONS_LENGTH),
    content("sct_list/SerializedSCT/extensions", &EXTENSIONS),
    at("sct_list/SerializedSCT/algorithm", &SIGNATURE_ALGORITHM),
    part("sct_list/SerializedSCT/algorithm", 0, 1, &SIGNATURE_HASH),
    part("sct_list/SerializedSCT/algorithm", 1, 2, &SIGNATURE_KIND),
    at("sct_list/SerializedSCT/signature/length", &SIGNATURE_LENGTH),
    at("sct_list/SerializedSCT/signature/data", &SIGNATURE),
];

/// Tells of the list that stands in a certificate.
pub(in crate::fields) fn tell(list: &[u8], told: &mut Told<'_>) {
    let tree = extension::signed_certificate_timestamps(list);
    place::tell(&tree.fields, list, PLACES, told, &mut |_, _| false);
}
