//! How a TLS port answers a client that speaks HTTP in clear: with the words of its web server, or with an alert. Only what
//! says so by itself counts, so that no other connection without TLS is told.

/// What the first bytes of an answer in clear say.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum TurnedAway {
    /// In HTTP, with status 400: this port speaks TLS.
    InHttp,
    /// With a TLS alert.
    ByAlert,
    /// Nothing of that kind.
    No,
    /// Status 400, and the words behind it are still to come.
    NeedMore,
}

/// Bytes of an answer in which the words are looked for.
const LOOKED_AT: usize = 2048;

/// What web servers say, in small letters.
const WORDS: [&[u8]; 4] = [
    // nginx, its status 497; load balancers that are made of it.
    b"plain http request was sent to https port",
    // Apache.
    b"speaking plain http to an ssl-enabled server port",
    // Go: net/http, and so Caddy, Traefik, Kubernetes.
    b"client sent an http request to an https server",
    // Tomcat.
    b"this combination of host and port requires tls",
];

/// Whether the first bytes that a server says turn a client away that did not begin TLS.
pub(crate) fn turned_away(answer: &[u8]) -> TurnedAway {
    match answer {
        [b'H', b'T', b'T', b'P', b'/', b'1', b'.', b'0' | b'1', b' ', b'4', b'0', b'0', ..] => {}
        // A fatal alert, whole, and nothing else.
        [21, 3, 0..=4, 0, 2, 2, _] => return TurnedAway::ByAlert,
        _ => return TurnedAway::No,
    }
    let head = answer.get(..LOOKED_AT).unwrap_or(answer).to_ascii_lowercase();
    let says = |words: &&[u8]| head.windows(words.len()).any(|window| window == *words);
    match WORDS.iter().any(says) {
        true => TurnedAway::InHttp,
        false if answer.len() < LOOKED_AT => TurnedAway::NeedMore,
        false => TurnedAway::No,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_the_words_of_nginx_apache_and_go() {
        for answer in [
            "HTTP/1.1 400 Bad Request\r\nServer: nginx\r\n\r\n<center>The plain HTTP request was sent to HTTPS port</center>",
            "HTTP/1.1 400 Bad Request\r\nServer: Apache\r\n\r\nReason: You're speaking plain HTTP to an SSL-enabled server port.<br />",
            "HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n",
        ] {
            assert_eq!(turned_away(answer.as_bytes()), TurnedAway::InHttp, "{answer}");
            for end in 12..60 {
                assert_eq!(turned_away(&answer.as_bytes()[..end]), TurnedAway::NeedMore);
            }
        }
    }

    #[test]
    fn an_alert_is_known_and_ordinary_answers_are_none() {
        assert_eq!(turned_away(&[21, 3, 3, 0, 2, 2, 80]), TurnedAway::ByAlert);
        assert_eq!(turned_away(&[21, 3, 3, 0, 2, 1, 0]), TurnedAway::No);
        assert_eq!(
            turned_away(b"HTTP/1.1 200 OK\r\n\r\nThe plain HTTP request was sent to HTTPS port"),
            TurnedAway::No
        );
        assert_eq!(turned_away(b""), TurnedAway::No);
        let long = [b"HTTP/1.1 400 Bad Request\r\n\r\n".as_slice(), &[b' '; LOOKED_AT]].concat();
        assert_eq!(turned_away(&long), TurnedAway::No);
    }
}
