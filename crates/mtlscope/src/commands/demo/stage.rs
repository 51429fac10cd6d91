//! The stage of the demo: an authority in memory, two servers on the loopback interface, and our client.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use mtlscope_sources::authority::{Identity, Pki, Plan as Authority, zoo};
use mtlscope_sources::client::{
    self, ClientError, Credentials, Limits, Plan, Report, Resolve, Route, Target, Tls, TlsPlan, Trust,
    Version,
};
use mtlscope_sources::feed::Feed;
use mtlscope_sources::http::Request;
use mtlscope_sources::server::{self, Policy, Server, VerifyClient};

/// How long any scene may take; far more than it does.
const PATIENCE: Duration = Duration::from_secs(20);
const NAME: &str = "localhost";

/// What the scenes are played with.
pub(super) struct Stage {
    pki: Pki,
    expired: Identity,
    /// Asks in the handshake, and insists.
    article: Server,
    /// Asks only for `/secure`.
    late: Server,
}

/// What the client does in a scene.
#[derive(Clone, Copy, Debug)]
pub(super) struct Act {
    /// At the server that asks late, else at the one that asks in the handshake.
    pub(super) late: bool,
    pub(super) version: Version,
    pub(super) shows: Shows,
}

/// What the client has to show.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Shows {
    Nothing,
    /// The certificate of `TestClient`.
    Good,
    /// One that ended yesterday.
    Expired,
}

impl Stage {
    /// Makes the authority, and begins to serve.
    pub(super) fn set() -> Result<Self, String> {
        let pki = Pki::new(&Authority::default()).map_err(|error| error.to_string())?;
        let expired = zoo::leaf_expired(&pki).map_err(|error| error.to_string())?.identity;
        let serve = |protect: &[&str]| {
            // What the servers see is what the client sees: once is enough.
            let (feed, _) = Feed::new();
            Server::bind(&settings(&pki, protect), &feed).map_err(|error| error.to_string())
        };
        let (article, late) = (serve(&[])?, serve(&["/secure"])?);
        Ok(Self { pki, expired, article, late })
    }

    /// Makes the connection, watched through the feed.
    pub(super) fn play(&self, act: Act, feed: &Feed) -> Result<Report, String> {
        let plan = self.plan(act).map_err(|error| error.to_string())?;
        client::attempt(&plan, feed).map_err(|error| error.to_string())
    }

    fn plan(&self, act: Act) -> Result<Plan, ClientError> {
        let failed = |error: mtlscope_sources::authority::AuthorityError| ClientError::Stack {
            what: "make a certificate",
            cause: error.to_string(),
        };
        let identity = match act.shows {
            Shows::Nothing => None,
            Shows::Good => self.pki.client("TestClient"),
            Shows::Expired => Some(&self.expired),
        };
        let credentials = match identity {
            None => None,
            Some(identity) => Some(Credentials::from_pem(
                identity.chain_pem().map_err(failed)?.as_bytes(),
                &identity.key_pem().map_err(failed)?,
            )?),
        };
        let (server, path) = match act.late {
            true => (&self.late, "/secure/"),
            false => (&self.article, "/"),
        };
        let port = server.address().port();
        let here = Resolve { host: Some(NAME.to_owned()), port, addresses: vec![server.address().ip()] };
        Ok(Plan {
            target: Target { host: NAME.to_owned(), port },
            route: Route { resolve: vec![here], ..Route::default() },
            proxy: None,
            starttls: None,
            tls: Tls::new(&TlsPlan {
                min: Some(act.version),
                max: Some(act.version),
                alpn: vec!["http/1.1".to_owned()],
                credentials,
                trust: Trust::Pem(self.pki.ca_pem().map_err(failed)?.into_bytes()),
                ..TlsPlan::default()
            })?,
            http: Some(request(path, port)),
            limits: Limits { whole: Some(PATIENCE), ..Limits::default() },
        })
    }
}

fn settings(pki: &Pki, protect: &[&str]) -> server::Settings {
    server::Settings {
        listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
        policy: Policy {
            verify_client: VerifyClient::Require,
            asks_late: !protect.is_empty(),
            protect: protect.iter().map(|&path| path.to_owned()).collect(),
            ..Policy::default()
        },
        tls: server::Tls {
            certificates: vec![server::ServerCertificate::from(&pki.server)],
            trusted: server::Authorities::from(pki),
            advertised: None,
            revocation: None,
            min: server::Version::Tls12,
            max: server::Version::Tls13,
            weak: false,
            alpn: vec!["http/1.1".to_owned()],
            session_tickets: true,
            ocsp_staple: None,
        },
        limits: server::Limits::default(),
    }
}

fn request(path: &str, port: u16) -> Request {
    let headers = [("User-Agent", concat!("mtlscope/", env!("CARGO_PKG_VERSION"))), ("Accept", "*/*")];
    Request {
        method: "GET".to_owned(),
        target: path.to_owned(),
        authority: format!("{NAME}:{port}"),
        headers: headers.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec(),
        body: None,
        save: None,
    }
}
