//! Which attempts to make. Only those that can tell more: each round is chosen by what the ones before met.
//!
//! ```text
//! first      TLS 1.3 and TLS 1.2, each with HTTP/2 offered
//! then       HTTP/1.1 alone, where HTTP/2 was agreed: only there may a server ask late (RFC 9113 section 9.2.1)
//!            without post_handshake_auth, where the server asked by it: as browsers and curl come
//!            with the certificate, where there is one and the server asks: once a version
//! ```

use crate::client::Version;

/// What an attempt offers.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Offer {
    /// The one version of TLS.
    pub version: Version,
    /// Whether HTTP/2 is offered beside HTTP/1.1.
    pub http2: bool,
    /// Whether the client's certificate is there to be shown.
    pub certificate: bool,
    /// Whether post_handshake_auth is offered.
    pub post_handshake_auth: bool,
}

/// What an attempt met, as far as it decides about others.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Met {
    /// No handshake.
    Nothing,
    /// A handshake, perhaps to its end.
    Handshake {
        /// Whether HTTP/2 was agreed.
        http2: bool,
        /// Whether the server asked for a certificate in it.
        asked: bool,
        /// Whether it asked later.
        asked_later: bool,
        /// Whether TLS itself was refused for want of a certificate.
        refused: bool,
    },
}

/// What is to be found out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Wishes {
    /// Whether HTTP is spoken.
    pub http: bool,
    /// Whether there is a certificate to try.
    pub certificate: bool,
}

/// The versions tried, the newest first.
const VERSIONS: [Version; 2] = [Version::Tls13, Version::Tls12];

/// The attempts to make next, all of which may go on at the same time; none where no other can tell more.
pub fn next(made: &[(Offer, Met)], wishes: Wishes) -> Vec<Offer> {
    let plain =
        |version| Offer { version, http2: wishes.http, certificate: false, post_handshake_auth: true };
    if made.is_empty() {
        return VERSIONS.map(plain).to_vec();
    }
    let mut offers = Vec::new();
    for version in VERSIONS {
        let of_version = || made.iter().filter(move |(offer, _)| offer.version == version);
        let without = || of_version().filter(|(offer, _)| !offer.certificate);
        let is_new = |offer: &Offer| made.iter().all(|(known, _)| known != offer);
        let agreed_http2 =
            without().any(|(_, met)| matches!(met, Met::Handshake { http2: true, refused: false, .. }));
        let http1 = Offer { http2: false, ..plain(version) };
        let wants_http1 = agreed_http2 && is_new(&http1);
        if wants_http1 {
            offers.push(http1);
        }
        let late = without().find(|(_, met)| matches!(met, Met::Handshake { asked_later: true, .. }));
        if let Some((offer, _)) = late
            && version == Version::Tls13
        {
            offers.extend(Some(Offer { post_handshake_auth: false, ..*offer }).filter(is_new));
        }
        // A server that asks only in HTTP/1.1 is shown the certificate there.
        let asked = without().find(
            |(_, met)| matches!(met, Met::Handshake { asked, asked_later, .. } if *asked || *asked_later),
        );
        if let Some((offer, _)) = asked
            && wishes.certificate
        {
            offers.extend(
                Some(Offer { certificate: true, post_handshake_auth: true, ..*offer }).filter(is_new),
            );
        }
    }
    offers
}

#[cfg(test)]
mod tests {
    use super::*;

    const WISHES: Wishes = Wishes { http: true, certificate: false };

    const fn handshake(http2: bool, asked: bool) -> Met {
        Met::Handshake { http2, asked, asked_later: false, refused: false }
    }

    /// All rounds, where each attempt meets what `met` says. `3h` is TLS 1.3 with HTTP/2 offered; `c` with the certificate,
    /// `-` without post_handshake_auth.
    fn rounds(wishes: Wishes, met: fn(&Offer) -> Met) -> Vec<String> {
        let mut made = Vec::new();
        let mut rounds = Vec::new();
        loop {
            let offers = next(&made, wishes);
            if offers.is_empty() {
                return rounds;
            }
            let shown = offers.iter().map(|offer| {
                let mut text = if offer.version == Version::Tls13 { "3" } else { "2" }.to_owned();
                text.push_str(if offer.http2 { "h" } else { "" });
                text.push_str(if offer.certificate { "c" } else { "" });
                text.push_str(if offer.post_handshake_auth { "" } else { "-" });
                text
            });
            rounds.push(shown.collect::<Vec<_>>().join(" "));
            assert!(rounds.len() < 10, "{rounds:?}");
            made.extend(offers.into_iter().map(|offer| (offer, met(&offer))));
        }
    }

    #[test]
    fn a_server_without_http2_that_never_asks_needs_two_attempts() {
        assert_eq!(rounds(WISHES, |_| handshake(false, false)), ["3h 2h"]);
    }

    #[test]
    fn http1_is_tried_by_itself_where_http2_was_agreed() {
        assert_eq!(rounds(WISHES, |offer| handshake(offer.http2, true)), ["3h 2h", "3 2"]);
    }

    #[test]
    fn a_refusal_in_tls_says_the_same_for_what_is_spoken_above() {
        let refused = |offer: &Offer| Met::Handshake {
            http2: offer.http2,
            asked: true,
            asked_later: false,
            refused: true,
        };
        assert_eq!(rounds(WISHES, refused), ["3h 2h"]);
    }

    #[test]
    fn a_version_that_is_not_spoken_is_let_be() {
        let met = |offer: &Offer| match offer.version {
            Version::Tls12 => handshake(offer.http2, false),
            _ => Met::Nothing,
        };
        assert_eq!(rounds(WISHES, met), ["3h 2h", "2"]);
    }

    #[test]
    fn the_certificate_is_shown_once_a_version_where_the_server_asks() {
        let wishes = Wishes { certificate: true, ..WISHES };
        assert_eq!(rounds(wishes, |_| handshake(false, true)), ["3h 2h", "3hc 2hc"]);
        assert_eq!(rounds(wishes, |_| handshake(false, false)), ["3h 2h"]);
    }

    #[test]
    fn a_server_that_asks_late_is_also_met_as_browsers_come() {
        let wishes = Wishes { certificate: true, ..WISHES };
        let late = |offer: &Offer| Met::Handshake {
            http2: offer.http2,
            asked: false,
            asked_later: !offer.http2 && (offer.post_handshake_auth || offer.version == Version::Tls12),
            refused: false,
        };
        assert_eq!(rounds(wishes, late), ["3h 2h", "3 2", "3- 3c 2c"]);
    }

    #[test]
    fn without_http_there_is_nothing_above_to_vary() {
        let wishes = Wishes { http: false, certificate: false };
        assert_eq!(rounds(wishes, |_| handshake(false, true)), ["3 2"]);
    }
}
