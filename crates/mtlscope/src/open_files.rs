//! How many files this process may have open: a relay needs two and more for each connection, and shells start programs with room for
//! some hundreds.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Takes all that the system grants. Programs started later get as many: start them before.
pub(crate) fn raise_limit() {
    let limit = getrlimit(Resource::Nofile);
    // Where it stays as it was, a relay says so once it runs out of them.
    let _ = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, maximum: limit.maximum });
}
