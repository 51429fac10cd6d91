//! supported_groups and ec_point_formats.

use super::super::super::Kind;
use super::super::super::named::{DECIMAL, HEX16, fields};
use super::super::place::{Place, at, content};

fields! {
    GROUPS_LENGTH = "tls.handshake.extensions_supported_groups_length", DECIMAL, "The length of the list of groups.";
    GROUPS = "tls.handshake.extensions_supported_groups", Kind::Label, "The list of groups.";
    GROUP = "tls.handshake.extensions_supported_group", HEX16, "A group that the sender can agree on a secret with.";
    POINT_FORMATS_LENGTH = "tls.handshake.extensions_ec_point_formats_length", DECIMAL, "The length of the list of point formats.";
    POINT_FORMATS = "tls.handshake.extensions_ec_point_formats", Kind::Label, "The list of point formats.";
    POINT_FORMAT = "tls.handshake.extensions_ec_point_format", DECIMAL, "How the sender reads points of a curve.";
}

pub(super) static PLACES: &[Place] = &[
    at("named_group_list/length", &GROUPS_LENGTH),
    content("named_group_list", &GROUPS),
    at("named_group_list/named_group", &GROUP),
    at("ec_point_format_list/length", &POINT_FORMATS_LENGTH),
    content("ec_point_format_list", &POINT_FORMATS),
    at("ec_point_format_list/ec_point_format", &POINT_FORMAT),
];
