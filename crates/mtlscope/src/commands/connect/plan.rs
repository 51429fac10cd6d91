//! From what was typed to what is attempted: curl's words made into plans.

use std::fs::{self, File};
use std::net::IpAddr;
use std::path::Path;

use mtlscope_sources::client::{
    ClientError, ConnectTo, CredentialFiles, Credentials, Family, Limits, Login, Proxy, Resolve, Route,
    ServerName, Starttls, Target, TlsPlan, Trust, Version, authority, target,
};
use mtlscope_sources::credential_file::Passphrase;
use mtlscope_sources::http::{Request, Save};
use url::Url;

use crate::cli;

/// Where to go, and what to say there.
#[derive(Clone, Debug)]
pub(super) struct Destination {
    pub(super) url: Url,
    pub(super) target: Target,
    pub(super) starttls: Option<Starttls>,
    /// Whether to make a request of HTTP.
    pub(super) speaks_http: bool,
}

/// Schemes that are TLS without HTTP: their port, and what is said before TLS.
const SCHEMES: &[(&str, u16, Option<&str>)] = &[
    ("tls", 443, None),
    ("smtps", 465, None),
    ("imaps", 993, None),
    ("pop3s", 995, None),
    ("ldaps", 636, None),
    ("ftps", 990, None),
    ("mqtts", 8883, None),
    ("smtp", 25, Some("smtp")),
    ("imap", 143, Some("imap")),
    ("pop3", 110, Some("pop3")),
    ("ldap", 389, Some("ldap")),
    ("ftp", 21, Some("ftp")),
    ("postgres", 5432, Some("postgres")),
    ("postgresql", 5432, Some("postgres")),
    ("mysql", 3306, Some("mysql")),
    ("xmpp", 5222, Some("xmpp")),
    ("nntp", 119, Some("nntp")),
    ("sieve", 4190, Some("sieve")),
    ("irc", 6667, Some("irc")),
];

impl Destination {
    /// `https://HOST[:PORT]/PATH`, `HOST`, `HOST:PORT`, `smtp://HOST`.
    pub(super) fn parse(text: &str, starttls: Option<Starttls>) -> Result<Self, String> {
        let wrong = |cause: &str| {
            format!("cannot connect to {text}: {cause} (wanted is https://HOST[:PORT]/PATH, or HOST:PORT)")
        };
        let has_scheme = text.contains("://");
        let full = if has_scheme { text.to_owned() } else { format!("https://{text}") };
        let url = Url::parse(&full).map_err(|error| wrong(&error.to_string()))?;
        let known = SCHEMES.iter().find(|(scheme, ..)| *scheme == url.scheme());
        if known.is_none() && url.scheme() != "https" {
            return Err(match url.scheme() {
                "http" => format!("cannot connect to {text}: http is not TLS (say https://)"),
                scheme => wrong(&format!("{scheme} is not spoken here")),
            });
        }
        let host = url.host_str().filter(|host| !host.is_empty()).ok_or_else(|| wrong("it names no host"))?;
        let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        let by_scheme = match known.and_then(|(.., protocol)| *protocol) {
            Some(protocol) => Some(protocol.parse::<Starttls>()?),
            None => None,
        };
        let starttls = starttls.or(by_scheme);
        // `url` swallows the port that is the scheme's own: looked for in the text.
        let rest = full.split_once("://").map_or("", |(_, rest)| rest);
        let is_bare = !has_scheme
            && !rest.contains(['/', '?'])
            && rest.rsplit(']').next().unwrap_or_default().contains(':');
        let port = url.port().unwrap_or(known.map_or(443, |(_, port, _)| *port));
        Ok(Self {
            target: Target { host, port },
            speaks_http: known.is_none() && starttls.is_none() && !is_bare,
            starttls,
            url,
        })
    }

    /// Where a redirect leads.
    pub(super) fn redirected(url: Url) -> Result<Self, String> {
        if url.scheme() != "https" {
            return Err(format!(
                "the redirect to {url} leaves TLS, and is not followed (curl would follow it in clear)"
            ));
        }
        Self::parse(url.as_str(), None)
    }
}

/// The TLS of all attempts.
pub(super) fn tls(typed: &cli::Connect) -> Result<TlsPlan, ClientError> {
    let tls = &typed.tls;
    let min = match () {
        () if tls.tlsv1_0 => Some(Version::Tls10),
        () if tls.tlsv1_1 => Some(Version::Tls11),
        () if tls.tlsv1_2 => Some(Version::Tls12),
        () if tls.tlsv1_3 => Some(Version::Tls13),
        // `--tls-max 1.1` alone asks for what is below the usual lowest.
        () => tls.tls_max.filter(|max| *max < Version::Tls12).map(|_| Version::Tls10),
    };
    let trust = match (&tls.cacert, &tls.capath) {
        (None, None) => Trust::System,
        (file, folder) => Trust::Files { file: file.clone(), folder: folder.clone() },
    };
    let server_name = match &tls.servername {
        Some(name) => ServerName::Given(name.clone()),
        None if tls.noservername => ServerName::Absent,
        None => ServerName::Target,
    };
    Ok(TlsPlan {
        min,
        max: tls.tls_max,
        ciphers: tls.ciphers.clone(),
        ciphersuites: tls.tls13_ciphers.clone(),
        curves: tls.curves.clone(),
        sigalgs: tls.sigalgs.clone(),
        alpn: Vec::new(),
        credentials: credentials(&typed.identity)?,
        trust,
        verify: !tls.insecure,
        server_name,
        status: typed.show.status || tls.cert_status,
        post_handshake_auth: !typed.identity.no_post_handshake_auth,
        renegotiation: !typed.identity.no_renegotiation,
        trace: typed.show.verbose || typed.show.state || typed.show.status || typed.show.showcerts,
    })
}

/// The protocols to offer by ALPN.
pub(super) fn alpn(typed: &cli::Connect, destination: &Destination) -> Vec<String> {
    match &typed.tls.alpn {
        Some(protocols) => protocols.clone(),
        None if typed.tls.no_alpn || !destination.speaks_http => Vec::new(),
        None if typed.http.http1_1 => vec!["http/1.1".to_owned()],
        None => vec!["h2".to_owned(), "http/1.1".to_owned()],
    }
}

pub(super) fn passphrase(identity: &cli::Identity) -> Result<Option<Passphrase>, ClientError> {
    Ok(Passphrase::given(identity.pass.as_deref(), identity.pass_file.as_deref())?)
}

pub(in crate::commands) fn credentials(identity: &cli::Identity) -> Result<Option<Credentials>, ClientError> {
    let Some(cert) = &identity.cert else {
        return match &identity.key {
            None => Ok(None),
            Some(key) => Err(ClientError::Setting {
                option: "--key",
                value: key.display().to_string(),
                cause: "there is no certificate to it (give it with --cert)".to_owned(),
            }),
        };
    };
    let (file, behind) = cert_and_password(cert);
    let passphrase = match (passphrase(identity)?, behind) {
        (Some(given), _) => Some(given),
        (None, Some(text)) => Some(Passphrase::new(text)?),
        (None, None) => None,
    };
    Credentials::read(&CredentialFiles {
        certificate: file.into(),
        certificate_type: identity.cert_type,
        key: identity.key.clone(),
        key_type: identity.key_type,
        passphrase,
    })
    .map(Some)
}

/// curl's `FILE[:PASSWORD]`: the first colon parts them, unless a backslash stands before it, or the file's name has it.
pub(super) fn cert_and_password(text: &str) -> (String, Option<String>) {
    if !text.contains(':') || Path::new(text).exists() {
        return (text.to_owned(), None);
    }
    let mut file = String::new();
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => match characters.next() {
                Some(escaped @ (':' | '\\')) => file.push(escaped),
                Some(other) => file.extend(['\\', other]),
                None => file.push('\\'),
            },
            // `C:\...`, as in curl.
            ':' if file.len() == 1 && cfg!(windows) => file.push(':'),
            ':' => return (file, Some(characters.collect())),
            other => file.push(other),
        }
    }
    (file, None)
}

/// The way to the targets.
pub(in crate::commands) fn route(typed: &cli::Route) -> Result<Route, String> {
    Ok(Route {
        resolve: typed.resolve.iter().map(|rule| resolve(rule)).collect::<Result<_, _>>()?,
        connect_to: typed.connect_to.iter().map(|rule| connect_to(rule)).collect::<Result<_, _>>()?,
        family: match (typed.ipv4, typed.ipv6) {
            (true, _) => Family::V4,
            (_, true) => Family::V6,
            _ => Family::Any,
        },
    })
}

/// `[+]HOST:PORT:ADDRESS[,ADDRESS]`
fn resolve(rule: &str) -> Result<Resolve, String> {
    let wrong =
        || format!("cannot use --resolve {rule}: wanted is HOST:PORT:ADDRESS (such as a.test:443:127.0.0.1)");
    let mut parts = colons(rule.trim_start_matches('+'), 3).into_iter();
    let (Some(host), Some(port), Some(addresses)) = (parts.next(), parts.next(), parts.next()) else {
        return Err(wrong());
    };
    let address = |text: &str| text.trim().trim_matches(['[', ']']).parse::<IpAddr>().map_err(|_| wrong());
    Ok(Resolve {
        host: (host != "*").then_some(host),
        port: port.parse().map_err(|_| wrong())?,
        addresses: addresses.split(',').map(address).collect::<Result<_, _>>()?,
    })
}

/// `HOST:PORT:TO_HOST:TO_PORT`
fn connect_to(rule: &str) -> Result<ConnectTo, String> {
    let wrong =
        || format!("cannot use --connect-to {rule}: wanted is HOST:PORT:TO_HOST:TO_PORT (any may be empty)");
    let parts = colons(rule, 4);
    let [host, port, to_host, to_port] = <[String; 4]>::try_from(parts).map_err(|_| wrong())?;
    let name = |text: String| (!text.is_empty()).then_some(text);
    let number = |text: String| name(text).map(|text| text.parse().map_err(|_| wrong())).transpose();
    Ok(ConnectTo { host: name(host), port: number(port)?, to_host: name(to_host), to_port: number(to_port)? })
}

/// Splits at colons that are not inside brackets, into so many parts at most; the brackets go.
fn colons(text: &str, most: usize) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut inside = false;
    for character in text.chars() {
        match character {
            '[' => inside = true,
            ']' => inside = false,
            ':' if !inside && parts.len() < most => parts.push(String::new()),
            other => {
                if let Some(part) = parts.last_mut() {
                    part.push(other);
                }
            }
        }
    }
    parts
}

pub(super) fn proxy(typed: &cli::Route) -> Result<Option<Proxy>, ClientError> {
    let Some(text) = &typed.proxy else { return Ok(None) };
    let mut proxy = Proxy::parse(text)?;
    if let Some(user) = &typed.proxy_user {
        proxy.login = Some(Login::new(user));
    }
    Ok(Some(proxy))
}

pub(super) fn limits(typed: &cli::Route) -> Limits {
    let usual = Limits::default();
    Limits { whole: typed.max_time, connect: typed.connect_timeout.unwrap_or(usual.connect), ..usual }
}

/// The request to make, as curl would.
pub(super) fn request(typed: &cli::Connect, destination: &Destination) -> Result<Request, String> {
    let http = &typed.http;
    let data = data(http)?;
    let mut url = destination.url.clone();
    let body = match data {
        Some(data) if http.get => {
            let query = String::from_utf8_lossy(&data).into_owned();
            let query = url.query().map_or(query.clone(), |before| format!("{before}&{query}"));
            url.set_query(Some(&query));
            None
        }
        other => other,
    };
    let method = match (&http.request, http.head, body.is_some()) {
        (Some(method), ..) => method.clone(),
        (None, true, _) => "HEAD".to_owned(),
        (None, false, true) => "POST".to_owned(),
        (None, false, false) => "GET".to_owned(),
    };
    let agent = http.user_agent.clone().unwrap_or_else(|| format!("mtlscope/{}", env!("CARGO_PKG_VERSION")));
    let mut headers = vec![("User-Agent".to_owned(), agent), ("Accept".to_owned(), "*/*".to_owned())];
    if let Some(login) = login(http, &url) {
        headers.insert(0, ("Authorization".to_owned(), login));
    }
    let given = [("Referer", &http.referer), ("Cookie", &http.cookie)];
    headers.extend(given.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value.clone()?))));
    if body.is_some() {
        headers.push(("Content-Type".to_owned(), "application/x-www-form-urlencoded".to_owned()));
    }
    let mut host = authority(&url);
    for field in &http.header {
        set_field(field, &mut headers, &mut host)?;
    }
    let save = match typed.show.output.as_deref() {
        Some(path) if path.as_os_str() != "-" => Some(save(path)?),
        _ => None,
    };
    Ok(Request { method, target: target(&url), authority: host, headers, body, save })
}

fn save(path: &Path) -> Result<Save, String> {
    let file = File::create(path)
        .map_err(|error| format!("cannot write to {}: {error} (check the path of -o)", path.display()))?;
    Ok(Save::new(file))
}

/// `Name: value`, `Name:` (leave it away), `Name;` (send it empty).
fn set_field(field: &str, headers: &mut Vec<(String, String)>, host: &mut String) -> Result<(), String> {
    let wrong = || format!("cannot use -H {field:?}: wanted is NAME: VALUE, on one line");
    if field.contains(['\r', '\n']) {
        return Err(wrong());
    }
    let (name, value) = match field.split_once(':') {
        Some((name, value)) => (name.trim(), Some(value.trim()).filter(|value| !value.is_empty())),
        None => (field.strip_suffix(';').ok_or_else(wrong)?.trim(), Some("")),
    };
    if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(wrong());
    }
    if name.eq_ignore_ascii_case("host") {
        *host = value.unwrap_or_default().to_owned();
        return Ok(());
    }
    // In place of the one that would be sent anyway; what is given twice is sent twice.
    let is_ours = ["user-agent", "accept", "content-type", "authorization"]
        .iter()
        .any(|ours| name.eq_ignore_ascii_case(ours));
    if is_ours || value.is_none() {
        headers.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
    }
    if let Some(value) = value {
        headers.push((name.to_owned(), value.to_owned()));
    }
    Ok(())
}

fn login(http: &cli::Http, url: &Url) -> Option<String> {
    let in_url = || {
        (!url.username().is_empty())
            .then(|| format!("{}:{}", url.username(), url.password().unwrap_or_default()))
    };
    let login = http.user.clone().or_else(in_url)?;
    let login = if login.contains(':') { login } else { format!("{login}:") };
    Some(format!("Basic {}", mtlscope_sources::http::base64(login.as_bytes())))
}

/// The pieces of a body, in curl's order of kinds, joined by `&`.
fn data(http: &cli::Http) -> Result<Option<Vec<u8>>, String> {
    let mut pieces = Vec::new();
    for text in &http.data {
        let mut piece = from_file(text)?;
        if text.starts_with('@') {
            piece.retain(|byte| !matches!(byte, b'\r' | b'\n' | 0));
        }
        pieces.push(piece);
    }
    for text in &http.data_binary {
        pieces.push(from_file(text)?);
    }
    pieces.extend(http.data_raw.iter().map(|text| text.clone().into_bytes()));
    Ok((!pieces.is_empty()).then(|| pieces.join(&b'&')))
}

fn from_file(text: &str) -> Result<Vec<u8>, String> {
    match text.strip_prefix('@') {
        None => Ok(text.as_bytes().to_vec()),
        Some(path) => fs::read(path)
            .map_err(|error| format!("cannot read {path}: {error} (check the path behind -d @)")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_read_as_they_are_typed() {
        for (text, host, port, speaks_http) in [
            ("https://a.test/x?y", "a.test", 443, true),
            ("https://a.test:8443", "a.test", 8443, true),
            ("a.test", "a.test", 443, true),
            ("a.test/x", "a.test", 443, true),
            ("a.test:443", "a.test", 443, false),
            ("[::1]:8443", "::1", 8443, false),
            ("[::1]", "::1", 443, true),
            ("https://[::1]:8443/", "::1", 8443, true),
            ("localhost:8443/x", "localhost", 8443, true),
            ("tls://a.test:9093", "a.test", 9093, false),
            ("smtp://a.test", "a.test", 25, false),
        ] {
            let destination = Destination::parse(text, None).unwrap();
            assert_eq!(
                (destination.target.host.as_str(), destination.target.port, destination.speaks_http),
                (host, port, speaks_http),
                "{text}"
            );
        }
        assert!(Destination::parse("http://a.test/", None).unwrap_err().contains("say https://"));
        assert!(Destination::parse("gopher://a.test/", None).unwrap_err().contains("gopher"));
        assert!(Destination::parse("https://", None).is_err());
    }

    #[test]
    fn a_password_may_stand_behind_the_file() {
        for (text, file, password) in [
            ("c.pem", "c.pem", None),
            ("c.p12:se:cret", "c.p12", Some("se:cret")),
            (r"c\:d.p12:x", "c:d.p12", Some("x")),
        ] {
            assert_eq!(cert_and_password(text), (file.to_owned(), password.map(str::to_owned)));
        }
    }

    #[test]
    fn rules_of_the_way_are_those_of_curl() {
        let rule = resolve("a.test:443:[::1],127.0.0.1").unwrap();
        assert_eq!((rule.host.as_deref(), rule.port, rule.addresses.len()), (Some("a.test"), 443, 2));
        assert_eq!(resolve("*:443:::1").unwrap().host, None);
        let rule = connect_to("a.test:443:[::1]:8443").unwrap();
        assert_eq!((rule.to_host.as_deref(), rule.to_port), (Some("::1"), Some(8443)));
        let rule = connect_to("::b.test:").unwrap();
        assert_eq!((rule.host, rule.port, rule.to_port), (None, None, None));
        for wrong in ["a.test:443", "a.test:x:127.0.0.1", "a.test:443:b.test"] {
            assert!(resolve(wrong).is_err(), "{wrong}");
        }
        assert!(connect_to("a:1:b").is_err());
    }

    #[test]
    fn header_fields_are_set_left_away_and_sent_empty() {
        let mut headers = vec![("Accept".to_owned(), "*/*".to_owned())];
        let mut host = "a.test".to_owned();
        for field in ["Accept: text/plain", "X-Empty;", "X-Two: 1", "X-Two: 2", "Host: b.test", "User-Agent:"]
        {
            set_field(field, &mut headers, &mut host).unwrap();
        }
        let fields: Vec<_> = headers.iter().map(|(name, value)| format!("{name}={value}")).collect();
        assert_eq!(fields, ["Accept=text/plain", "X-Empty=", "X-Two=1", "X-Two=2"]);
        assert_eq!(host, "b.test");
        assert!(set_field("a: b\r\nc: d", &mut headers, &mut host).is_err());
    }
}
