//! NewSessionTicket.

use super::super::Kind;
use super::super::named::{DECIMAL, fields};
use super::place::{Place, at};

fields! {
    LIFETIME_HINT = "tls.handshake.session_ticket_lifetime_hint", DECIMAL, "How many seconds the ticket is good for.";
    AGE_ADD = "tls.handshake.session_ticket_age_add", DECIMAL, "What hides the age of the ticket when it comes back.";
    NONCE_LENGTH = "tls.handshake.session_ticket_nonce_length", DECIMAL, "The length of the ticket's nonce.";
    NONCE = "tls.handshake.session_ticket_nonce", Kind::Bytes, "What tells the tickets of one connection apart.";
    TICKET_LENGTH = "tls.handshake.session_ticket_length", DECIMAL, "The length of the ticket.";
    TICKET = "tls.handshake.session_ticket", Kind::Bytes, "The ticket.";
}

pub(super) static PLACES: &[Place] = &[
    at("ticket_lifetime", &LIFETIME_HINT),
    at("ticket_lifetime_hint", &LIFETIME_HINT),
    at("ticket_age_add", &AGE_ADD),
    at("ticket_nonce/length", &NONCE_LENGTH),
    at("ticket_nonce/data", &NONCE),
    at("ticket/length", &TICKET_LENGTH),
    at("ticket/data", &TICKET),
];
