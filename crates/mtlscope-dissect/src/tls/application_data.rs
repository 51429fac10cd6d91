//! The head of what a direction says inside: enough for the first lines of HTTP/1.1, no more.

use crate::event::{ApplicationData, Protection};
use crate::evidence::Evidence;

/// Bytes of a direction's application data that are kept and told.
const HEAD: usize = 4096;

/// One direction's application data, up to its first message.
#[derive(Debug, Default)]
pub(crate) struct HeadReader {
    head: Vec<u8>,
    done: bool,
}

impl HeadReader {
    /// Takes a record's content. Gives the head once it holds a whole first line, or will not.
    pub(crate) fn take(
        &mut self,
        content: &[u8],
        evidence: &Evidence,
        protection: Protection,
    ) -> Option<ApplicationData> {
        if self.done || content.is_empty() {
            return None;
        }
        let room = HEAD - self.head.len();
        self.head.extend_from_slice(&content[..content.len().min(room)]);
        // One byte alone may be the guard of old CBC suites against BEAST: the rest of the line is in the next record.
        let is_text = self.head.iter().take(16).all(|byte| byte.is_ascii_graphic() || *byte == b' ');
        if is_text && !self.head.contains(&b'\n') && self.head.len() < HEAD {
            return None;
        }
        // An interim response (1xx) says that another follows. RFC 9110 section 15.2.
        self.done = !self.head.starts_with(b"HTTP/1.1 1");
        Some(ApplicationData {
            head: std::mem::take(&mut self.head).into(),
            length: content.len() as u32,
            protection,
            evidence: *evidence,
        })
    }

    /// Whether nothing more is looked for.
    pub(crate) fn is_done(&self) -> bool {
        self.done
    }
}
