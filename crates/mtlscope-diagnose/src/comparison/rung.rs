//! A step of a ladder, reduced to what two connections can share: who said what, and what it says.

use mtlscope_dissect::event::TransportEnd;
use mtlscope_dissect::evidence::FrameNumber;
use mtlscope_dissect::side::Side;
use mtlscope_dissect::tls::handshake::Body;
use mtlscope_dissect::tls::message::Message;
use mtlscope_dissect::tls::registry::{AlertDescription, ContentType};

use super::aspect::{Aspect, Weight};
use super::{hello, identity, request};
use crate::connection::{Connection, Step, StepKind};

/// One thing that one side said or did; several sealed records in a row are one.
#[derive(Clone, Debug)]
pub struct Rung {
    /// Who.
    pub side: Side,
    /// The frame with its last byte.
    pub frame: Option<FrameNumber>,
    /// What: `ClientHello`, `Alert`, `encrypted records`.
    pub name: String,
    /// Whether it can decide how the connection comes out that one has this and the other has not.
    pub matters: bool,
    /// What it says, as far as that may be compared.
    pub aspects: Vec<Aspect>,
}

impl Rung {
    /// Whether two may stand in one row.
    pub(super) fn is_alike(&self, other: &Self) -> bool {
        self.side == other.side && self.name == other.name
    }
}

/// The rungs of a connection, in order.
pub(super) fn ladder(connection: &Connection) -> Vec<Rung> {
    let mut rungs: Vec<Rung> = Vec::new();
    let mut sealed: Vec<u16> = Vec::new();
    for step in &connection.steps {
        let rung = rung(step, connection);
        let is_sealed = matches!(step.kind, StepKind::Sealed(_));
        match rungs.last_mut().filter(|last| is_sealed && !sealed.is_empty() && last.is_alike(&rung)) {
            Some(last) => last.frame = rung.frame,
            None => {
                seal(&mut rungs, &mut sealed);
                rungs.push(rung);
            }
        }
        if let StepKind::Sealed(record) = &step.kind {
            sealed.push(record.length);
        }
    }
    seal(&mut rungs, &mut sealed);
    rungs
}

/// Notes the sizes of the sealed records that the last rung stands for.
fn seal(rungs: &mut [Rung], lengths: &mut Vec<u16>) {
    if let Some(rung) = rungs.last_mut().filter(|_| !lengths.is_empty()) {
        rung.aspects.push(Aspect::several("lengths", Weight::Notable, lengths.drain(..)));
    }
}

fn rung(step: &Step, connection: &Connection) -> Rung {
    let (name, matters, aspects) = match &step.kind {
        StepKind::Message(message) => message_rung(message, connection, step),
        StepKind::MessageHead(head) => (head.name.to_owned(), true, Vec::new()),
        StepKind::ChangeCipherSpec(..) => ("ChangeCipherSpec".to_owned(), false, Vec::new()),
        StepKind::Alert(alert, ..) => {
            let goodbye =
                matches!(alert.description, AlertDescription::CLOSE_NOTIFY | AlertDescription::USER_CANCELED);
            (format!("Alert {}", alert.description), !goodbye, Vec::new())
        }
        StepKind::Sealed(record) => {
            let what = match record.content_type {
                ContentType::HANDSHAKE => "encrypted handshake messages",
                ContentType::ALERT => "encrypted alert",
                _ => "encrypted records",
            };
            (what.to_owned(), false, Vec::new())
        }
        StepKind::HttpRequest(request) => {
            let line = Aspect::one("request line", Weight::Notable, Some(request.line.clone()));
            ("HTTP request".to_owned(), false, vec![line])
        }
        StepKind::HttpStatus(status) => {
            let code = Aspect::one("status", Weight::Decisive, Some(status.code.to_string()));
            ("HTTP response".to_owned(), false, vec![code])
        }
        StepKind::Http2Ending(ending, ..) => {
            let error = Aspect::one("error code", Weight::Decisive, Some(ending.error.to_string()));
            (ending.of.frame_name().to_owned(), ending.complains(), vec![error])
        }
        StepKind::Heartbeat(..) => ("heartbeat".to_owned(), false, Vec::new()),
        StepKind::ApplicationData(..) => ("application data".to_owned(), false, Vec::new()),
        StepKind::TransportEnd(TransportEnd::Fin) => ("FIN".to_owned(), false, Vec::new()),
        StepKind::TransportEnd(TransportEnd::Reset) => ("RST".to_owned(), true, Vec::new()),
    };
    Rung { side: step.side, frame: step.frame, name, matters, aspects }
}

fn message_rung(message: &Message, connection: &Connection, step: &Step) -> (String, bool, Vec<Aspect>) {
    let client = step.side == Side::Client;
    let aspects = match &message.body {
        Body::ClientHello(client_hello) => hello::client(client_hello),
        Body::ServerHello(server_hello) => hello::server(server_hello),
        Body::HelloRetryRequest(retry) => hello::retry(retry),
        Body::EncryptedExtensions(message) => hello::encrypted(message),
        Body::CertificateRequest(_) => request::asked(message),
        Body::Certificate(_) | Body::CompressedCertificate(_) => identity::chain(message, client),
        Body::CertificateVerify(verify) => {
            let proof =
                connection.handshakes.get(step.handshake).and_then(|handshake| handshake.proof.seen());
            identity::proof(verify.algorithm, proof.filter(|_| client))
        }
        Body::NewSessionTicket(ticket) => hello::ticket(ticket),
        _ => Vec::new(),
    };
    let matters = !matches!(
        message.body,
        Body::NewSessionTicket(_) | Body::KeyUpdate(_) | Body::EndOfEarlyData | Body::CertificateStatus(_)
    );
    let name = match (&message.body, message.handshake_type.name()) {
        // A printout names a message without what is in it: it is the same message.
        (Body::Named | Body::Unknown, Some(name)) => name.to_owned(),
        (Body::Unknown, None) => format!("handshake message {}", message.handshake_type.0),
        (body, _) => body.name().to_owned(),
    };
    (name, matters, aspects)
}
