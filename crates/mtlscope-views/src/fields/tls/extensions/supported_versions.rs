//! supported_versions.

use super::super::super::named::{DECIMAL, HEX16, fields};
use super::super::place::{Place, at};

fields! {
    LENGTH = "tls.handshake.extensions.supported_versions_len", DECIMAL, "The length of the list of versions.";
    VERSION = "tls.handshake.extensions.supported_version", HEX16, "A version that is offered, or the one chosen.";
}

pub(super) static PLACES: &[Place] =
    &[at("versions/length", &LENGTH), at("versions/version", &VERSION), at("selected_version", &VERSION)];
