//! Servers to probe, as they are typed: `shop.test:8443/admin`.

use std::net::IpAddr;

use mtlscope_sources::client::Target;

/// Where HTTPS is served if no port is given.
const HTTPS: u16 = 443;

/// Whom to probe, and for which path.
#[derive(Clone, Debug)]
pub(super) struct Server {
    /// As it was typed.
    pub(super) name: String,
    pub(super) target: Target,
    /// Path and query.
    pub(super) path: String,
}

impl Server {
    /// `HOST[:PORT][/PATH]`, or an https URL. An IPv6 address with a port stands in brackets.
    pub(super) fn parse(typed: &str) -> Result<Self, String> {
        let wrong = |why: &str| {
            format!("cannot probe {}: {why} (such as shop.example:8443/admin)", typed.escape_debug())
        };
        let rest = match typed.split_once("://") {
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("https") => rest,
            Some((scheme, _)) => return Err(wrong(&format!("{scheme} is not https"))),
            None => typed,
        };
        let (authority, path) = match rest.find(['/', '?']) {
            Some(place) => rest.split_at(place),
            None => (rest, ""),
        };
        let path = path.split('#').next().unwrap_or_default();
        let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
        let (host, port) = host_and_port(authority).map_err(|why| wrong(&why))?;
        let is_sound = |text: &str| !text.chars().any(|c| c.is_whitespace() || c.is_control());
        if host.is_empty() || host.contains(['@', '[', ']']) || !is_sound(&host) || !is_sound(&path) {
            return Err(wrong("wanted is a name or an address, perhaps with port and path"));
        }
        Ok(Self { name: typed.to_owned(), target: Target { host, port: port.unwrap_or(HTTPS) }, path })
    }
}

/// `host`, `host:port`, `[::1]:port`, `::1`.
fn host_and_port(authority: &str) -> Result<(String, Option<u16>), String> {
    let port = |text: &str| match text.parse() {
        Ok(0) | Err(_) => Err(format!("{} is no port (1 to 65535)", text.escape_debug())),
        Ok(port) => Ok(Some(port)),
    };
    if let Some(rest) = authority.strip_prefix('[') {
        let (address, rest) = rest.split_once(']').ok_or("the bracket is not closed")?;
        address.parse::<std::net::Ipv6Addr>().map_err(|_| "in brackets stands an IPv6 address".to_owned())?;
        return match rest.strip_prefix(':') {
            Some(text) => Ok((address.to_owned(), port(text)?)),
            None if rest.is_empty() => Ok((address.to_owned(), None)),
            None => Err("behind the bracket comes a port".to_owned()),
        };
    }
    if authority.parse::<IpAddr>().is_ok() {
        return Ok((authority.to_owned(), None));
    }
    match authority.rsplit_once(':') {
        Some((host, text)) => Ok((host.to_owned(), port(text)?)),
        None => Ok((authority.to_owned(), None)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_are_read_as_people_type_them() {
        for (typed, host, port, path) in [
            ("a.test", "a.test", 443, "/"),
            ("a.test:8443", "a.test", 8443, "/"),
            ("a.test/x?y=1", "a.test", 443, "/x?y=1"),
            ("a.test?y=/1", "a.test", 443, "/?y=/1"),
            ("https://a.test:1/x#part", "a.test", 1, "/x"),
            ("127.0.0.1:9", "127.0.0.1", 9, "/"),
            ("::1", "::1", 443, "/"),
            ("[::1]:9/x", "::1", 9, "/x"),
        ] {
            let server = Server::parse(typed).unwrap();
            assert_eq!(
                (&*server.target.host, server.target.port, &*server.path),
                (host, port, path),
                "{typed}"
            );
        }
        for typed in
            ["", ":443", "a:b", "a:0", "a:70000", "http://a", "[::1", "[a]:1", "[::1]x", "u@a", "a b", "a\n/"]
        {
            let error = Server::parse(typed).unwrap_err();
            assert!(error.contains("cannot probe") && !error.contains('\n'), "{typed}: {error}");
        }
    }
}
