//! Tickets that grew by a certificate: stacks that keep the session in the ticket put what the client showed into it.
//!
//! That a server kept a certificate does not say that it approved of it.

use std::sync::Arc;

use mtlscope_dissect::side::Side;

use super::arithmetic::Sizes;
use super::client_flight::{Flight, Said};
use super::reason::{Line, part};
use super::server_flight::Padding;
use super::traffic::{Sealed, Traffic};
use crate::connection::{Connection, Handshake};

/// The least that a ticket grows by when a certificate goes into it.
const LEAST_GROWTH: u32 = 200;

/// What the sizes of tickets say.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Ticket {
    /// What they say.
    pub says: TicketSays,
    /// Why.
    pub arithmetic: Vec<Arc<Line>>,
}

/// What the sizes of tickets say.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TicketSays {
    /// A ticket behind the certificate is longer by so many bytes than one before it: the server kept the certificate.
    Grew(u32),
    /// The record behind the client's flight has room for what the client sent: the server may have kept it.
    HasRoom(u32),
    /// It has not: the server keeps sessions itself, or forgets the certificate.
    HasNoRoom(u32),
    /// The ticket that the client resumes with has so many bytes.
    Offered(u32),
}

/// The ticket behind a client's certificate, held against those before it, or against the certificate's own size.
pub(super) fn behind(
    traffic: &Traffic,
    initial: &Flight,
    late: Option<&Flight>,
    padding: Padding,
    sizes: Sizes,
) -> Option<Ticket> {
    let Padding::Fixed(padding) = padding else { return None };
    let content = |record: &Sealed| sizes.content(record.length()).saturating_sub(padding);
    let after = |flight: &Flight, before: usize| {
        let last = flight.last?;
        // A pair of the same length is a pair of tickets; data seldom is.
        let records: Vec<&Sealed> = traffic
            .of(Side::Server)
            .filter(|(place, _)| *place > last && *place < before)
            .map(|(_, record)| record)
            .take(2)
            .collect();
        match records.as_slice() {
            [one, other] if one.length() == other.length() => Some(*one),
            _ => None,
        }
    };
    match (late, &initial.said) {
        (Some(late), _) if matches!(late.said, Said::Certificate(_)) => {
            let (before, behind) = (after(initial, late.first?)?, after(late, usize::MAX)?);
            let growth =
                content(behind).checked_sub(content(before)).filter(|growth| *growth >= LEAST_GROWTH)?;
            let so = "the tickets behind the certificate are longer than those before it, which a ticket is that holds a certificate";
            let parts = vec![part(content(before), "as before"), part(growth, "grown")];
            let line = Line::new([before, behind], Vec::new(), so);
            let grown = Line::new([behind], parts, "the difference");
            Some(Ticket { says: TicketSays::Grew(growth), arithmetic: vec![line, grown] })
        }
        (None, Said::Certificate(sent)) => {
            let fit = match sent.fits.as_slice() {
                [only] => only,
                _ => return None,
            };
            let ticket = after(initial, usize::MAX)?;
            let bytes = content(ticket);
            let (says, so) = match bytes > fit.greatest {
                true => (
                    TicketSays::HasRoom(bytes),
                    "the pair of records behind the client's flight, tickets by their looks, has room for the certificates",
                ),
                false if bytes < LEAST_GROWTH => (
                    TicketSays::HasNoRoom(bytes),
                    "the pair of records behind the client's flight, tickets by their looks, is too short to hold a certificate",
                ),
                false => return None,
            };
            Some(Ticket { says, arithmetic: vec![Line::new([ticket], Vec::new(), so)] })
        }
        _ => None,
    }
}

/// The length of the ticket that a client of TLS 1.3 offers and the server takes: it stands in clear.
pub(super) fn offered(connection: &Connection) -> Option<Ticket> {
    let last = |said: fn(&Handshake) -> bool| connection.handshakes.iter().rev().find(|one| said(one));
    let offer = last(|handshake| handshake.offer.as_ref().is_some_and(|offer| !offer.tickets.is_empty()))?;
    let choice =
        last(|handshake| handshake.choice.as_ref().is_some_and(|choice| choice.selected_identity.is_some()))?;
    let place = choice.choice.as_ref()?.selected_identity?;
    // A key that is no ticket has no length here.
    let bytes = (*offer.offer.as_ref()?.tickets.get(usize::from(place))?)?;
    let so = "the client resumes with a ticket, whose length stands in clear; one that holds a client's certificate is longer by that than one that holds none";
    let line = Line { records: Vec::new(), parts: Vec::new(), so };
    Some(Ticket { says: TicketSays::Offered(bytes), arithmetic: vec![Arc::new(line)] })
}
