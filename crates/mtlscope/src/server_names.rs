//! Servers as they are typed, and the ways to them: `shop.test:8443/admin`, `--resolve`, `--connect-to`.

use std::net::IpAddr;

use mtlscope_sources::client::{ConnectTo, Resolve, Route, Target};

use crate::probing::Server;

/// Where HTTPS is served if no port is given.
const HTTPS: u16 = 443;

/// `HOST[:PORT][/PATH]`, or an https URL. An IPv6 address with a port stands in brackets.
pub(crate) fn server(typed: &str) -> Result<Server, String> {
    let wrong =
        |why: &str| format!("cannot probe {}: {why} (such as shop.example:8443/admin)", typed.escape_debug());
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
    Ok(Server { name: typed.to_owned(), target: Target { host, port: port.unwrap_or(HTTPS) }, path })
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

/// The ways as typed for curl.
pub(crate) fn route(resolve: &[String], connect_to: &[String]) -> Result<Route, String> {
    Ok(Route {
        resolve: resolve.iter().map(|typed| by_hand(typed)).collect::<Result<_, _>>()?,
        connect_to: connect_to.iter().map(|typed| elsewhere(typed)).collect::<Result<_, _>>()?,
        ..Route::default()
    })
}

fn by_hand(typed: &str) -> Result<Resolve, String> {
    let wrong = || {
        format!(
            "cannot use --resolve {}: wanted is HOST:PORT:ADDRESS[,ADDRESS] (such as shop.example:443:127.0.0.1)",
            typed.escape_debug()
        )
    };
    let mut parts = typed.splitn(3, ':');
    let (Some(host), Some(port), Some(addresses)) = (parts.next(), parts.next(), parts.next()) else {
        return Err(wrong());
    };
    let addresses = addresses
        .split(',')
        .map(|address| address.trim_start_matches('[').trim_end_matches(']').parse().map_err(|_| wrong()))
        .collect::<Result<Vec<IpAddr>, _>>()?;
    let host = host.trim_start_matches('+');
    Ok(Resolve {
        host: (host != "*").then(|| host.to_owned()),
        port: port.parse().map_err(|_| wrong())?,
        addresses,
    })
}

fn elsewhere(typed: &str) -> Result<ConnectTo, String> {
    let wrong = || {
        format!(
            "cannot use --connect-to {}: wanted is HOST1:PORT1:HOST2:PORT2 (such as shop.example:443:localhost:8443)",
            typed.escape_debug()
        )
    };
    let [host, port, to_host, to_port] = fields(typed).ok_or_else(wrong)?;
    let name = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let number = |text: &str| match text {
        "" => Ok(None),
        text => text.parse().map(Some).map_err(|_| wrong()),
    };
    Ok(ConnectTo { host: name(host), port: number(port)?, to_host: name(to_host), to_port: number(to_port)? })
}

/// Four fields parted by colons; an address in brackets keeps its own.
fn fields(typed: &str) -> Option<[&str; 4]> {
    let mut rest = Some(typed);
    let mut next = || {
        let text = rest?;
        let from = if text.starts_with('[') { text.find(']')? } else { 0 };
        let end = text.get(from..)?.find(':').map(|place| place + from);
        let field = text.get(..end.unwrap_or(text.len()))?;
        rest = end.and_then(|end| text.get(end + 1..));
        Some(field.trim_start_matches('[').trim_end_matches(']'))
    };
    let fields = [next()?, next()?, next()?, next()?];
    rest.is_none().then_some(fields)
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
            let server = server(typed).unwrap();
            assert_eq!(
                (&*server.target.host, server.target.port, &*server.path),
                (host, port, path),
                "{typed}"
            );
        }
        for typed in
            ["", ":443", "a:b", "a:0", "a:70000", "http://a", "[::1", "[a]:1", "[::1]x", "u@a", "a b", "a\n/"]
        {
            let error = server(typed).unwrap_err();
            assert!(error.contains("cannot probe") && !error.contains('\n'), "{typed}: {error}");
        }
    }

    #[test]
    fn ways_are_read_as_curl_reads_them() {
        let route = route(
            &["a.test:443:127.0.0.1,[::1]".to_owned(), "*:1:::1".to_owned()],
            &["a.test:443:[::1]:8443".to_owned(), ":::8443".to_owned()],
        )
        .unwrap();
        assert_eq!(
            route.resolve[0].addresses,
            [IpAddr::from([127, 0, 0, 1]), "::1".parse::<IpAddr>().unwrap()]
        );
        assert_eq!(route.resolve[1].host, None);
        assert_eq!(route.connect_to[0].to_host.as_deref(), Some("::1"));
        assert_eq!(route.connect_to[1].to_port, Some(8443));
        assert_eq!(route.connect_to[1].to_host, None);
        assert!(by_hand("a.test:443").unwrap_err().contains("HOST:PORT:ADDRESS"));
        assert!(elsewhere("a:b:c:d:e").unwrap_err().contains("HOST1:PORT1"));
    }
}
