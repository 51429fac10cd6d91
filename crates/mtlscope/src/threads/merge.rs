//! What the threads tell, put together in the order of one.

use std::sync::mpsc::Receiver;

use super::{Item, Key, Message};
use crate::pipeline::Interrupted;
use crate::showing::Showing;

/// One thread, as far as it was listened to.
struct Part<'r> {
    messages: &'r Receiver<Message>,
    /// What it tells next, once that is known.
    next: Option<(Key, Item)>,
    /// The round that all it tells later is of, or behind.
    reached: u64,
}

/// Shows what the threads tell, until all of them are done.
pub(super) fn show(parts: &[Receiver<Message>], showing: &mut Showing<'_>) -> Result<(), Interrupted> {
    let before = showing.tally.frames;
    let mut parts: Vec<Part<'_>> =
        parts.iter().map(|messages| Part { messages, next: None, reached: 0 }).collect();
    loop {
        let first = parts.iter().filter_map(|part| part.next.as_ref().map(|(key, _)| *key)).min();
        // Whoever might still tell something that comes before it has to be heard first.
        let round = first.map_or(u64::MAX, |key| key.round());
        let unheard = parts
            .iter()
            .position(|part| part.next.is_none() && part.reached <= round && part.reached < u64::MAX);
        if let Some(place) = unheard {
            let is_first = place == 0;
            let Some(part) = parts.get_mut(place) else { return Ok(()) };
            match part.messages.recv() {
                Ok(Message::Item(key, item)) => part.next = Some((key, item)),
                Ok(Message::Reached(reached, frames, progress)) => {
                    part.reached = reached;
                    if is_first {
                        showing.tally.frames = before + frames;
                        showing.progress(progress);
                    }
                }
                Ok(Message::Failed(error)) => return Err(error.into()),
                Err(_) => part.reached = u64::MAX,
            }
            continue;
        }
        let next = parts
            .iter_mut()
            .filter(|part| part.next.is_some())
            .min_by_key(|part| part.next.as_ref().map(|(key, _)| *key));
        let Some((key, item)) = next.and_then(|part| part.next.take()) else { return Ok(()) };
        if key.frame < u64::MAX {
            showing.tally.frames = before + key.frame;
        }
        match item {
            Item::Connection(connection, findings) => showing.connection(&connection, &findings)?,
            Item::Notice(notice) => showing.notice(&notice)?,
        }
    }
}
