//! What a rule asked of one certificate, or one cipher suite, alone: the same few come with every connection, so each is asked once.

use std::cell::RefCell;

use foldhash::fast::RandomState;
use hashbrown::HashMap;
use mtlscope_dissect::tls::registry::CipherSuite;
use mtlscope_dissect::x509::Certificate;

use crate::rule::Rule;

/// Answers remembered; when there are more, all are forgotten.
const LIMIT: usize = 4096;

/// The id of the rule that asks, and the certificate's fingerprint.
type Question = (&'static str, [u8; 32]);

/// The answers to a question on a cipher suite.
#[derive(Debug, Default)]
pub struct SuiteAnswers {
    known: RefCell<HashMap<CipherSuite, bool, RandomState>>,
}

impl SuiteAnswers {
    /// The answer to the one question that is asked here. There are no more of them than numbers of suites.
    pub(crate) fn once(&self, suite: CipherSuite, ask: impl FnOnce(CipherSuite) -> bool) -> bool {
        *self.known.borrow_mut().entry(suite).or_insert_with(|| ask(suite))
    }
}

/// Yes or no, by what was asked.
#[derive(Debug, Default)]
pub struct Answers {
    known: RefCell<HashMap<Question, bool, RandomState>>,
}

impl Answers {
    /// The answer to the one question that `rule` has on a certificate alone.
    pub(crate) fn once(
        &self,
        rule: &'static Rule,
        certificate: &Certificate,
        ask: impl FnOnce(&Certificate) -> bool,
    ) -> bool {
        let key = (rule.id, certificate.sha256);
        let mut known = self.known.borrow_mut();
        if let Some(answer) = known.get(&key) {
            return *answer;
        }
        let answer = ask(certificate);
        if known.len() >= LIMIT {
            known.clear();
        }
        known.insert(key, answer);
        answer
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pki::fixtures::{good, other};
    use crate::rules::leaf_expired::LEAF_EXPIRED;
    use crate::rules::leaf_revoked::LEAF_REVOKED;

    #[test]
    fn each_rule_is_answered_once_for_each_certificate() {
        let answers = Answers::default();
        assert!(answers.once(&LEAF_EXPIRED, &good(), |_| true));
        assert!(answers.once(&LEAF_EXPIRED, &good(), |_| false));
        assert!(!answers.once(&LEAF_EXPIRED, &other(), |_| false));
        assert!(!answers.once(&LEAF_REVOKED, &good(), |_| false));
    }

    #[test]
    fn each_suite_is_asked_about_once() {
        let answers = SuiteAnswers::default();
        assert!(answers.once(CipherSuite(1), |suite| suite.0 == 1));
        assert!(answers.once(CipherSuite(1), |_| false));
        assert!(!answers.once(CipherSuite(2), |suite| suite.0 == 1));
    }
}
