//! HTTP of the live ends: just enough to make a server decide, and to hear its answer.

pub(crate) mod http1;
pub(crate) mod h2;
pub(crate) mod h2_server;

use std::fmt;
use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};

/// Base64, as HTTP's Basic login has it.
pub fn base64(bytes: &[u8]) -> String {
    openssl::base64::encode_block(bytes)
}

/// A request.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Request {
    /// The method: `GET`.
    pub method: String,
    /// What follows the authority: path and query.
    pub target: String,
    /// `Host`, or `:authority`.
    pub authority: String,
    /// Header fields, in order, as they are sent; without `Host`.
    pub headers: Vec<(String, String)>,
    /// What is sent with it.
    pub body: Option<Vec<u8>>,
    /// Where the answer's body goes, whole.
    pub save: Option<Save>,
}

/// An answer.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Response {
    /// `HTTP/1.1`, `HTTP/2`.
    pub version: String,
    /// The status.
    pub status: u16,
    /// The words behind it; empty in HTTP/2.
    pub reason: String,
    /// Header fields, in order.
    pub headers: Vec<(String, String)>,
    /// The body, as much as is kept.
    pub body: Vec<u8>,
    /// The length of the whole body, as far as it came.
    pub length: u64,
}

impl Response {
    /// The first header field of this name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// `HTTP/1.1 403 Forbidden`.
    pub fn status_line(&self) -> String {
        let line = format!("{} {} {}", self.version, self.status, self.reason);
        line.trim_end().to_owned()
    }

    /// Takes the next piece of the body.
    pub(crate) fn take(&mut self, piece: &[u8], keep: usize, save: Option<&Save>) -> std::io::Result<()> {
        let kept = keep.saturating_sub(self.body.len()).min(piece.len());
        self.body.extend_from_slice(piece.get(..kept).unwrap_or_default());
        self.length += piece.len() as u64;
        save.map_or(Ok(()), |save| save.write(piece))
    }
}

/// Where a body is saved. Clones write to the same place.
#[derive(Clone)]
pub struct Save(Arc<Mutex<dyn Write + Send>>);

impl Save {
    /// Saves in this.
    pub fn new(to: impl Write + Send + 'static) -> Self {
        Self(Arc::new(Mutex::new(to)))
    }

    fn write(&self, piece: &[u8]) -> std::io::Result<()> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).write_all(piece)
    }
}

impl fmt::Debug for Save {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Save(..)")
    }
}

impl PartialEq for Save {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Save {}
