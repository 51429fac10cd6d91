//! Why an interface cannot be captured on, in one line for the person who named it.

use std::io;

use thiserror::Error;

/// Live capture that cannot begin, or cannot go on.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum InterfaceError {
    /// The right to open a packet socket is missing.
    #[error("cannot capture on {name}: only root, or who has CAP_NET_RAW, may")]
    NotPermitted {
        /// The interface as given.
        name: String,
    },

    /// There is no such interface.
    #[error("there is no interface {name} ({})", suggestion(nearest.as_deref(), there))]
    NoSuch {
        /// The interface as given.
        name: String,
        /// The one that was likely meant.
        nearest: Option<String>,
        /// All there are.
        there: Vec<String>,
    },

    /// More hosts, networks and ports than the kernel's filter can hold.
    #[error(
        "cannot filter by so many hosts, networks and ports: the kernel's filter has no room for them (name networks that hold several hosts)"
    )]
    TooMuchWanted,

    /// There is no memory for the ring.
    #[error(
        "cannot capture on {name}: the kernel has no memory for a ring of {mebibytes} MiB (try a smaller --buffer-size)"
    )]
    NoMemory {
        /// The interface as given.
        name: String,
        /// What was asked for.
        mebibytes: usize,
    },

    /// Some other step failed.
    #[error("cannot capture on {name}: {doing} failed: {cause} (is the interface up? `ip link` tells)")]
    Failed {
        /// The interface as given.
        name: String,
        /// The step.
        doing: &'static str,
        /// What the system said.
        cause: io::Error,
    },

    /// The interface was taken away while it was captured on.
    #[error(
        "{name} is gone: the interface was removed while it was captured on; all that came before was taken"
    )]
    Gone {
        /// The interface as given.
        name: String,
    },

    /// The system does not say what interfaces there are.
    #[error("cannot list the interfaces: {0}")]
    List(io::Error),
}

fn suggestion(nearest: Option<&str>, there: &[String]) -> String {
    let there = format!("there are {}, and any for all of them", there.join(", "));
    match nearest {
        Some(nearest) => format!("did you mean {nearest}? {there}"),
        None => there,
    }
}
