//! The dates of a certificate on a line, with the moment of the capture.

use maud::{Markup, html};
use mtlscope_dissect::time::Timestamp;
use mtlscope_dissect::x509::{Certificate, Time};

use crate::wording;

/// The line. Drawn in hundredths of its width, so that it fits any card.
pub(super) fn markup(certificate: &Certificate, at: Timestamp) -> Markup {
    let places = Places::of(certificate.not_before.seconds(), certificate.not_after.seconds(), at.seconds());
    let holds = places.from <= places.now && places.now <= places.to;
    let label =
        format!("At the capture: {}", wording::validity(certificate, Time::from_seconds(at.seconds())));
    let percent = |place: f64| format!("{place:.2}%");
    html! {
        svg.validity.holds[holds] role="img" aria-label=(label) width="100%" height="20" {
            line.all x1="0%" x2="100%" y1="10" y2="10" {}
            line.valid x1=(percent(places.from)) x2=(percent(places.to)) y1="10" y2="10" {}
            line.now x1=(percent(places.now)) x2=(percent(places.now)) y1="1" y2="19" {}
            circle.now cx=(percent(places.now)) cy="10" r="4" {}
        }
    }
}

/// Where the dates and the capture stand on a line of 100.
#[derive(Clone, Copy, PartialEq, Debug)]
struct Places {
    from: f64,
    to: f64,
    now: f64,
}

impl Places {
    fn of(from: i64, to: i64, now: i64) -> Self {
        const MARGIN: f64 = 4.0;
        let (first, last) = (from.min(to).min(now) as f64, from.max(to).max(now) as f64);
        let span = (last - first).max(1.0);
        let place = |moment: i64| MARGIN + (moment as f64 - first) / span * (100.0 - 2.0 * MARGIN);
        Self { from: place(from), to: place(to), now: place(now) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_moments_are_on_the_line_in_their_order() {
        assert_eq!(Places::of(0, 100, 25), Places { from: 4.0, to: 96.0, now: 27.0 });
        assert_eq!(Places::of(0, 100, 200), Places { from: 4.0, to: 50.0, now: 96.0 });
        for (from, to, now) in [(i64::MIN, i64::MAX, 0), (5, 5, 5), (10, 0, -10)] {
            let places = Places::of(from, to, now);
            assert!([places.from, places.to, places.now].iter().all(|place| (0.0..=100.0).contains(place)));
        }
    }
}
