//! What a filter did not show, and what of it may have been meant and cannot be told.

use mtlscope_diagnose::connection::Connection;
use mtlscope_diagnose::observed::Why;
use mtlscope_diagnose::sealed::{Contents, Key, Sealed};
use mtlscope_views::wording::{self, grouped};

/// Connections that a filter did not show.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct PassedOver {
    /// How many connections.
    pub(crate) connections: u64,
    /// How many of them keys opened.
    pub(crate) opened: u64,
    /// Of how many of them something is hidden that the filter asks for, and why.
    hidden: Vec<(Hidden, u64)>,
}

/// Why something that is asked for cannot be seen.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Hidden {
    /// It is encrypted, and this would open it.
    Sealed(Key),
    /// It was not captured.
    Lost(Why),
}

impl Hidden {
    /// Why something of what is asked for that a connection may hold cannot be seen, if anything.
    fn of(connection: &Connection, asked: Contents) -> Option<Self> {
        if asked == Contents::NONE {
            return None;
        }
        let sealed = Sealed::of(connection);
        if sealed.hides(asked) {
            return Some(Self::Sealed(sealed.key()));
        }
        let asking = connection.asking();
        let reasons = [asking.request.hidden(), asking.answer.hidden(), asking.server_identity.hidden()];
        let lost = reasons.into_iter().flatten().find(|why| *why != Why::Encrypted);
        lost.filter(|_| asked.identities).map(Self::Lost)
    }
}

impl PassedOver {
    /// Takes a connection, of a filter that asks for this.
    pub(crate) fn take(&mut self, connection: &Connection, asked: Contents) {
        self.count(Hidden::of(connection, asked), connection.decrypted_with.is_some());
    }

    /// Takes what was heard of a connection whose frames were looked at.
    pub(crate) fn take_sealed(&mut self, sealed: &Sealed, asked: Contents) {
        self.count(sealed.hides(asked).then(|| Hidden::Sealed(sealed.key())), false);
    }

    /// Counts one connection.
    pub(crate) fn count(&mut self, hidden: Option<Hidden>, was_opened: bool) {
        self.connections += 1;
        self.opened += u64::from(was_opened);
        let Some(why) = hidden else { return };
        match self.hidden.iter_mut().find(|(known, _)| *known == why) {
            Some((_, number)) => *number += 1,
            None => self.hidden.push((why, 1)),
        }
    }

    /// Why what is asked for may be there and cannot be seen: a sentence for each reason, each with a blank before it.
    pub(crate) fn reasons(&self) -> String {
        let mut words = String::new();
        for (hidden, number) in &self.hidden {
            let of = match (*number, self.connections) {
                (_, 1) => String::new(),
                (number, all) if number == all => "In all of them ".to_owned(),
                (number, _) => format!("In {} of them ", grouped(number)),
            };
            let what = if of.is_empty() { "Something" } else { "something" };
            let why = match hidden {
                Hidden::Sealed(key) => wording::sealed(*key).to_owned(),
                Hidden::Lost(why) => wording::why(*why),
            };
            words.push_str(&format!(" {of}{what} that it asks for cannot be seen: {why}."));
        }
        words
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_reason_is_told_with_the_number_of_connections_it_holds_for() {
        let mut passed_over = PassedOver::default();
        passed_over.count(Some(Hidden::Lost(Why::Gap)), false);
        assert_eq!(
            passed_over.reasons(),
            " Something that it asks for cannot be seen: packets are missing from the capture."
        );
        passed_over.count(Some(Hidden::Sealed(Key::ServerKey)), false);
        passed_over.count(None, false);
        assert_eq!(
            passed_over.reasons(),
            " In 1 of them something that it asks for cannot be seen: packets are missing from the capture. In 1 of them \
             something that it asks for cannot be seen: it is encrypted (the server's private key opens it: --rsa-key; a \
             key log of either end, too: --keylog)."
        );
    }
}
