//! How much the page holds and takes. Whatever is let go or refused is said.

/// Bounds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// Connections that have a row; beyond, no more are added, which the page says.
    pub rows: usize,
    /// Characters kept of a name or a sentence in a row. All of it stands in the connection itself.
    pub text: usize,
    /// Connections held whole: those looked at last.
    pub connections: usize,
    /// Filters whose answers are held.
    pub filters: usize,
    /// Bytes of an uploaded capture.
    pub upload: u64,
    /// Captures that may be open at once.
    pub captures: usize,
    /// Bytes of pasted keys, for all of them together.
    pub keys: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            rows: 1_000_000,
            text: 400,
            connections: 64,
            filters: 8,
            upload: 4 << 30,
            captures: 64,
            keys: 64 << 20,
        }
    }
}
