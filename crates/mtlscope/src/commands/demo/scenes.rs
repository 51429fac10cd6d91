//! The scenes of the demo: what is said before each, what the client does, and what must come of it.

use mtlscope_diagnose::connection::{HandshakeKind, Means, Party, Verdict};
use mtlscope_diagnose::observed::Why;
use mtlscope_dissect::side::Side;
use mtlscope_sources::client::Version;

use super::Told;
use super::stage::{Act, Shows};

/// A scene.
pub(super) struct Scene {
    /// Markdown.
    pub(super) introduction: &'static str,
    pub(super) shown: Shown,
    /// What is amiss, if it did not go as told.
    pub(super) amiss: fn(&Told) -> Option<&'static str>,
}

/// What is shown.
pub(super) enum Shown {
    /// A connection, while it is made.
    Live(Act),
    /// A connection that is made and recorded; then the recording, without the secrets in it.
    Recorded(Act),
    /// The recording of the scene before, with them.
    Again,
}

pub(super) static SCENES: &[Scene] = &[
    Scene {
        introduction: "\
# Scene 1: TLS 1.2, and the client has no certificate

The server requires a client certificate; the client has none. TLS 1.2 speaks in clear until the keys are agreed: look for
the CertificateRequest of the server, for the empty Certificate with which the client answers, and for the alert. Below the
ladder stands what this program is for: who refused whom, why, and what to change.
",
        shown: Shown::Live(Act { late: false, version: Version::Tls12, shows: Shows::Nothing }),
        amiss: |told| match () {
            () if !told.is_refused_by_alert() => Some("the server should have refused by an alert"),
            () if !told.names("no-client-cert-configured") => Some("the cause should have been named"),
            () => None,
        },
    },
    Scene {
        introduction: "\
# Scene 2: TLS 1.2, and the client has a certificate

The same server, the same request. Now the client's Certificate holds a name, and a new message stands behind it:
CertificateVerify, the proof that the client has the key to that certificate.
",
        shown: Shown::Live(Act { late: false, version: Version::Tls12, shows: Shows::Good }),
        amiss: |told| told.is_not_welcome(HandshakeKind::Initial),
    },
    Scene {
        introduction: "\
# Scene 3: TLS 1.3, seen from outside

The same exchange, one version later, recorded and read back as any capture is. Everything behind the ServerHello is
encrypted, the CertificateRequest and both certificates too. What cannot be seen is not guessed at: but the sizes of records
still tell that a certificate was asked for and sent, as likely, and `mtlscope read --how` shows the sums.
",
        shown: Shown::Recorded(Act { late: false, version: Version::Tls13, shows: Shows::Good }),
        amiss: |told| {
            let hidden = told.connection().and_then(|connection| connection.initial().request.hidden());
            (hidden != Some(Why::Encrypted)).then_some("the request should have been hidden")
        },
    },
    Scene {
        introduction: "\
# Scene 4: TLS 1.3, with the keys

The very same recording. This time the secrets are used that stand in it beside the packets, and all of it can be seen: the
request, the certificate, its proof, and what the page answered.
",
        shown: Shown::Again,
        amiss: |told| told.is_not_welcome(HandshakeKind::Initial),
    },
    Scene {
        introduction: "\
# Scene 5: asked late, by renegotiation

Another server, set up as IIS is by default, or Apache with SSLVerifyClient in a Location: it asks only once it knows which
page is wanted. In TLS 1.2 it can do so by a second handshake inside the first. Look for HelloRequest, behind the GET.
",
        shown: Shown::Live(Act { late: true, version: Version::Tls12, shows: Shows::Good }),
        amiss: |told| told.is_not_welcome(HandshakeKind::Renegotiation),
    },
    Scene {
        introduction: "\
# Scene 6: asked late, in TLS 1.3

TLS 1.3 has no renegotiation. A server may ask after the handshake, but only a client that offered post_handshake_auth, which
no browser does. Ours did: look for the CertificateRequest behind the GET.
",
        shown: Shown::Live(Act { late: true, version: Version::Tls13, shows: Shows::Good }),
        amiss: |told| told.is_not_welcome(HandshakeKind::PostHandshake),
    },
    Scene {
        introduction: "\
# Scene 7: one of the zoo

`mtlscope pki init` also makes a zoo: client certificates that are wrong in one way each. This one ended yesterday. In TLS 1.3 the client
has finished its handshake and sent its request before the server has looked: the refusal comes late.
",
        shown: Shown::Live(Act { late: false, version: Version::Tls13, shows: Shows::Expired }),
        amiss: |told| match () {
            () if !told.is_refused_by_alert() => Some("the server should have refused by an alert"),
            () if !told.names("leaf-expired") => Some("the cause should have been named"),
            () => None,
        },
    },
];

impl Told {
    fn is_refused_by_alert(&self) -> bool {
        self.connection().is_some_and(|connection| {
            let outcome = &connection.outcome;
            outcome.verdict == Verdict::Refused
                && outcome.by == Some(Party::Side(Side::Server))
                && outcome.means == Some(Means::Alert)
        })
    }

    fn names(&self, rule: &str) -> bool {
        self.rules.contains(&rule)
    }

    /// What is amiss, where the client should have been asked in such a handshake, and be greeted by its name.
    fn is_not_welcome(&self, asked: HandshakeKind) -> Option<&'static str> {
        let connection = self.connection()?;
        let asking = connection.asking();
        if !asking.request.is_seen() || asking.kind != asked {
            return Some("the server should have asked for a certificate, in another place");
        }
        if connection.outcome.verdict != Verdict::Accepted {
            return Some("the server should have accepted the client");
        }
        (self.page.trim() != "Welcome TestClient").then_some("the page should have said: Welcome TestClient")
    }
}
