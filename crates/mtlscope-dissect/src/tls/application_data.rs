//! The head of what a direction says inside: enough for the first lines of HTTP/1.1, or the first message of HTTP/2.

use crate::event::{ApplicationData, Protection};
use crate::evidence::Evidence;
use crate::http2::{Ending, Http2};

/// Bytes of a direction's application data that are kept and told.
const HEAD: usize = 4096;

/// One direction's application data, up to its first message.
#[derive(Debug, Default)]
pub(crate) struct HeadReader {
    /// Boxed, since it is needed only between two records.
    #[allow(clippy::box_collection)]
    begun: Option<Box<Vec<u8>>>,
    http2: Option<Box<Http2>>,
    done: bool,
}

impl HeadReader {
    /// Takes a record's content. Gives the head once it holds a whole first line, or will not; of HTTP/2 what came first,
    /// and later the first request or final response as [`Http2::take`] writes it.
    pub(crate) fn take(
        &mut self,
        content: &[u8],
        evidence: &Evidence,
        protection: Protection,
    ) -> Option<ApplicationData> {
        if content.is_empty() {
            return None;
        }
        let head = match &mut self.http2 {
            Some(http2) => {
                let message = http2.take(content);
                self.done = http2.has_spoken();
                message?
            }
            None if self.done => return None,
            None => self.begin(content)?,
        };
        Some(ApplicationData {
            head: head.get(..HEAD).unwrap_or(&head).into(),
            length: content.len() as u32,
            protection,
            evidence: *evidence,
        })
    }

    /// How a stream or the connection of HTTP/2 was ended in what was taken last; again until there is nothing more.
    #[inline]
    pub(crate) fn take_ending(&mut self) -> Option<Ending> {
        let http2 = self.http2.as_mut()?;
        let ending = http2.take_ending();
        if ending.is_none() && http2.is_done() {
            self.http2 = None;
        }
        ending
    }

    /// The first bytes, once they can be told.
    fn begin(&mut self, content: &[u8]) -> Option<Vec<u8>> {
        let mut head = self.begun.take().map(|begun| *begun).unwrap_or_default();
        let room = HEAD - head.len();
        head.extend_from_slice(&content[..content.len().min(room)]);
        match Http2::begins(&head) {
            None => {
                self.begun = Some(Box::new(head));
                return None;
            }
            Some(true) => {
                let mut http2 = Box::new(Http2::new());
                let message =
                    http2.take(&head).or_else(|| http2.take(content.get(room..).unwrap_or_default()));
                self.done = http2.has_spoken();
                self.http2 = Some(http2);
                return Some(message.unwrap_or(head));
            }
            Some(false) => {}
        }
        // One byte alone may be the guard of old CBC suites against BEAST: the rest of the line is in the next record.
        let is_text = head.iter().take(16).all(|byte| byte.is_ascii_graphic() || *byte == b' ');
        if is_text && !head.contains(&b'\n') && head.len() < HEAD {
            self.begun = Some(Box::new(head));
            return None;
        }
        // An interim response (1xx) says that another follows. RFC 9110 section 15.2.
        self.done = !head.starts_with(b"HTTP/1.1 1");
        Some(head)
    }

    /// A part is missing: frames of HTTP/2 cannot be told apart behind it.
    pub(crate) fn gap(&mut self) {
        self.done |= self.http2.take().is_some();
    }

    /// Whether no head is looked for any more.
    pub(crate) fn is_done(&self) -> bool {
        self.done
    }
}
