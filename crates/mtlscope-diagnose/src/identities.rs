//! What both ends showed of themselves: every chain once, what came of checking it, and how the client's meets what the server
//! asked for. Nothing is judged here: it is put in order for whoever wants to look.

use std::sync::Arc;

use mtlscope_dissect::event::Protection;
use mtlscope_dissect::evidence::Evidence;
use mtlscope_dissect::side::Side;
use mtlscope_dissect::x509::{Certificate, Name};

use crate::connection::{Connection, Handshake};
use crate::context::Context;
use crate::pki::Chain;
use crate::pki::names::{AuthorityMatch, match_authorities};

/// The chain that one end sent in one handshake, as it was sent.
#[derive(Clone, Copy, Debug)]
pub struct Shown<'a> {
    /// Who.
    pub side: Side,
    /// In which handshake of the connection.
    pub handshake: usize,
    /// The Certificate message.
    pub evidence: Evidence,
    /// How that travelled.
    pub protection: Protection,
    /// What was sent, the sender's own certificate first. Empty where the client answered that it has none.
    pub certificates: &'a [Arc<Certificate>],
}

/// A chain, checked.
#[derive(Clone, Debug)]
pub struct Identity<'a> {
    /// What was sent.
    pub shown: Shown<'a>,
    /// The way upwards from the sender's own certificate, with each signature checked; `None` where nothing was sent.
    pub chain: Option<Chain>,
    /// Of a client: what the server asked for in this handshake; `None` where that was not seen, and of a server.
    pub asked: Option<Asked<'a>>,
}

/// The authorities that a server asked for, and how a chain stands to them.
#[derive(Clone, Debug)]
pub struct Asked<'a> {
    /// The CertificateRequest.
    pub evidence: Evidence,
    /// All authorities it names. Empty: any will do.
    pub authorities: &'a [Name],
    /// Whether one of them is in the chain, and which is nearest if none is.
    pub found: AuthorityMatch<'a>,
}

/// The chains of both ends in the order of the handshakes, each once.
pub fn shown<'a>(connection: &'a Connection) -> Vec<Shown<'a>> {
    let of_handshake = |handshake: &'a Handshake| {
        let server = handshake.server_identity.seen().map(|identity| Shown {
            side: Side::Server,
            handshake: handshake.index,
            evidence: identity.evidence,
            protection: identity.protection,
            certificates: &identity.certificates,
        });
        let client = handshake.answer.seen().map(|answer| Shown {
            side: Side::Client,
            handshake: handshake.index,
            evidence: answer.evidence,
            protection: answer.protection,
            certificates: &answer.certificates,
        });
        server.into_iter().chain(client)
    };
    let mut all: Vec<Shown<'a>> = Vec::new();
    for one in connection.handshakes.iter().flat_map(of_handshake) {
        let is_known =
            |earlier: &Shown<'_>| earlier.side == one.side && earlier.certificates == one.certificates;
        if !all.iter().any(is_known) {
            all.push(one);
        }
    }
    all
}

/// The same, checked. The anchors that the user named belong to what the server trusts, so only clients are held against
/// them.
pub fn checked<'a>(connection: &'a Connection, context: &Context) -> Vec<Identity<'a>> {
    let identity = |shown: Shown<'a>| {
        let anchors = match shown.side {
            Side::Client => context.trust_anchors.as_slice(),
            Side::Server => &[],
        };
        let chain = Chain::build(shown.certificates, anchors, &mut context.signatures.borrow_mut());
        let handshake = connection.handshakes.get(shown.handshake);
        let request = handshake.and_then(|handshake| handshake.request.seen());
        let asked = request.filter(|request| shown.side == Side::Client && !request.only_named);
        let asked = asked.map(|request| Asked {
            evidence: request.evidence,
            authorities: &request.authorities,
            found: match_authorities(shown.certificates, &request.authorities),
        });
        Identity { shown, chain, asked }
    };
    shown(connection).into_iter().map(identity).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connection::script::tell;
    use crate::pki::{End, SignatureCheck};

    #[test]
    fn each_chain_comes_once_and_is_checked() {
        let connection = tell(
            r"
            C> ClientHello(sni=a.test)
            S> ServerHello, Certificate(server root), ServerKeyExchange
            S> CertificateRequest(CN=Lab Root CA; C=IT,O=Lab,CN=b), ServerHelloDone
            C> Certificate(selfsigned), ClientKeyExchange, CertificateVerify(0403), ChangeCipherSpec, Sealed(22,40)
            S> Alert(fatal, unknown_ca)
        ",
        );
        let all = checked(&connection, &Context::default());
        assert_eq!(all.iter().map(|one| one.shown.side).collect::<Vec<_>>(), [Side::Server, Side::Client]);
        let server = all[0].chain.as_ref().unwrap();
        assert_eq!(server.links.len(), 2);
        assert_eq!(server.links[0].signature, Some(SignatureCheck::Good));
        assert!(all[0].asked.is_none());
        assert_eq!(all[1].chain.as_ref().unwrap().ends, End::SelfSigned);
        let asked = all[1].asked.as_ref().unwrap();
        assert_eq!(asked.authorities.len(), 2);
        assert!(matches!(asked.found, AuthorityMatch::NotNamed { nearest: Some(_) }));
    }

    #[test]
    fn an_empty_answer_is_shown_as_one() {
        let connection = tell(
            r"
            C> ClientHello
            S> ServerHello, Certificate(server), ServerKeyExchange, CertificateRequest(any), ServerHelloDone
            C> Certificate(empty), ClientKeyExchange
        ",
        );
        let all = checked(&connection, &Context::default());
        assert!(all[1].chain.is_none() && all[1].shown.certificates.is_empty());
        assert!(matches!(all[1].asked.as_ref().unwrap().found, AuthorityMatch::AnyWillDo));
    }
}
