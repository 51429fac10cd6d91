//! key_share.

use super::super::super::Kind;
use super::super::super::named::{DECIMAL, fields};
use super::super::place::{Place, at};

fields! {
    CLIENT_LENGTH = "tls.handshake.extensions_key_share_client_length", DECIMAL, "The length of the client's list of keys.";
    GROUP = "tls.handshake.extensions_key_share_group", DECIMAL, "The group that a key belongs to.";
    KEY_EXCHANGE_LENGTH = "tls.handshake.extensions_key_share_key_exchange_length", DECIMAL, "The length of a key.";
    KEY_EXCHANGE = "tls.handshake.extensions_key_share_key_exchange", Kind::Bytes, "A key to agree on a secret with.";
    SELECTED_GROUP = "tls.handshake.extensions_key_share_selected_group", DECIMAL, "The group for which the server wants a key.";
}

pub(super) static PLACES: &[Place] = &[
    at("client_shares/length", &CLIENT_LENGTH),
    at("client_shares/KeyShareEntry/group", &GROUP),
    at("client_shares/KeyShareEntry/key_exchange/length", &KEY_EXCHANGE_LENGTH),
    at("client_shares/KeyShareEntry/key_exchange/data", &KEY_EXCHANGE),
    at("KeyShareEntry/group", &GROUP),
    at("KeyShareEntry/key_exchange/length", &KEY_EXCHANGE_LENGTH),
    at("KeyShareEntry/key_exchange/data", &KEY_EXCHANGE),
    at("selected_group", &SELECTED_GROUP),
];
