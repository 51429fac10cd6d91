//! pre_shared_key and psk_key_exchange_modes.

use super::super::super::Kind;
use super::super::super::named::{DECIMAL, fields};
use super::super::place::{Place, at, content};

fields! {
    IDENTITIES_LENGTH = "tls.handshake.extensions.psk.identities.length", DECIMAL, "The length of the list of keys to resume with.";
    IDENTITY_LENGTH = "tls.handshake.extensions.psk.identity.identity_length", DECIMAL, "The length of a key's name.";
    IDENTITY = "tls.handshake.extensions.psk.identity.identity", Kind::Bytes, "A key's name: mostly a ticket.";
    OBFUSCATED_AGE = "tls.handshake.extensions.psk.identity.obfuscated_ticket_age", DECIMAL, "The age of the ticket, hidden.";
    BINDERS_LENGTH = "tls.handshake.extensions.psk.binders_len", DECIMAL, "The length of the list of proofs that the client has the keys.";
    BINDERS = "tls.handshake.extensions.psk.binders", Kind::Label, "The proofs that the client has the keys.";
    SELECTED = "tls.handshake.extensions.psk.identity.selected", DECIMAL, "Which of the keys the server takes, counted from 0.";
    MODES_LENGTH = "tls.extension.psk_ke_modes_length", DECIMAL, "How many ways to use a pre-shared key are offered.";
    MODE = "tls.extension.psk_ke_mode", DECIMAL, "How the client would use a pre-shared key.";
}

pub(super) static PLACES: &[Place] = &[
    at("identities/length", &IDENTITIES_LENGTH),
    at("identities/PskIdentity/identity/length", &IDENTITY_LENGTH),
    at("identities/PskIdentity/identity/data", &IDENTITY),
    at("identities/PskIdentity/obfuscated_ticket_age", &OBFUSCATED_AGE),
    at("binders/length", &BINDERS_LENGTH),
    content("binders", &BINDERS),
    at("selected_identity", &SELECTED),
    at("ke_modes/length", &MODES_LENGTH),
    at("ke_modes/ke_mode", &MODE),
];
