//! The head of what a direction says inside: enough for the first lines of HTTP/1.1, or the first message of HTTP/2.

use crate::event::{ApplicationData, Protection};
use crate::evidence::Evidence;
use crate::http2::{Ending, Http2};

/// Bytes of a direction's application data that are kept and told.
const HEAD: usize = 4096;

/// One direction's application data, up to its first message.
#[derive(Debug, Default)]
pub(crate) enum HeadReader {
    /// Nothing was said, or nothing that another message does not follow.
    #[default]
    Waiting,
    /// A first line that has not ended. Boxed, since it is needed only between two records.
    #[allow(clippy::box_collection)]
    Begun(Box<Vec<u8>>),
    /// HTTP/2, as long as its first message or how it ends is looked for.
    Http2(Box<Http2>),
    /// Nothing more is looked for.
    Done,
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
        let mut head = match self {
            Self::Http2(http2) => http2.take(content)?,
            Self::Done => return None,
            Self::Waiting | Self::Begun(_) => self.begin(content)?,
        };
        head.truncate(HEAD);
        Some(ApplicationData {
            head: head.into(),
            length: content.len() as u32,
            protection,
            evidence: *evidence,
        })
    }

    /// How a stream or the connection of HTTP/2 was ended in what was taken last; again until there is nothing more.
    #[inline]
    pub(crate) fn take_ending(&mut self) -> Option<Ending> {
        let Self::Http2(http2) = self else { return None };
        let ending = http2.take_ending();
        if ending.is_none() && http2.is_done() {
            *self = Self::Done;
        }
        ending
    }

    /// The first bytes, once they can be told.
    fn begin(&mut self, content: &[u8]) -> Option<Vec<u8>> {
        let mut head = match std::mem::take(self) {
            Self::Begun(begun) => *begun,
            _ => Vec::new(),
        };
        let room = HEAD - head.len();
        head.extend_from_slice(&content[..content.len().min(room)]);
        match Http2::begins(&head) {
            None => {
                *self = Self::Begun(Box::new(head));
                return None;
            }
            Some(true) => {
                let mut http2 = Box::new(Http2::new());
                let message =
                    http2.take(&head).or_else(|| http2.take(content.get(room..).unwrap_or_default()));
                *self = Self::Http2(http2);
                return Some(message.unwrap_or(head));
            }
            Some(false) => {}
        }
        // One byte alone may be the guard of old CBC suites against BEAST: the rest of the line is in the next record.
        let is_text = head.iter().take(16).all(|byte| byte.is_ascii_graphic() || *byte == b' ');
        if is_text && !head.contains(&b'\n') && head.len() < HEAD {
            *self = Self::Begun(Box::new(head));
            return None;
        }
        // An interim response (1xx) says that another follows. RFC 9110 section 15.2.
        if !head.starts_with(b"HTTP/1.1 1") {
            *self = Self::Done;
        }
        Some(head)
    }

    /// A part is missing: frames of HTTP/2 cannot be told apart behind it.
    pub(crate) fn gap(&mut self) {
        if let Self::Http2(_) = self {
            *self = Self::Done;
        }
    }

    /// Whether no head is looked for any more.
    pub(crate) fn is_done(&self) -> bool {
        match self {
            Self::Http2(http2) => http2.has_spoken(),
            Self::Waiting | Self::Begun(_) => false,
            Self::Done => true,
        }
    }
}
