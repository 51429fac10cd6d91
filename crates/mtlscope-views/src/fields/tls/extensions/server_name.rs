//! server_name.

use super::super::super::Kind;
use super::super::super::named::{DECIMAL, fields};
use super::super::place::{Place, at};

fields! {
    LIST_LENGTH = "tls.handshake.extensions_server_name_list_len", DECIMAL, "The length of the list of names.";
    TYPE = "tls.handshake.extensions_server_name_type", DECIMAL, "What kind of name it is; 0 is a host.";
    LENGTH = "tls.handshake.extensions_server_name_len", DECIMAL, "The length of the name.";
    NAME = "tls.handshake.extensions_server_name", Kind::Text, "The host that the client wants.";
}

pub(super) static PLACES: &[Place] = &[
    at("server_name_list/length", &LIST_LENGTH),
    at("server_name_list/ServerName/name_type", &TYPE),
    at("server_name_list/ServerName/name/length", &LENGTH),
    at("server_name_list/ServerName/name/data", &NAME),
];
