//! What the threads tell, put together in the order of one.

use std::sync::mpsc::Receiver;

use mtlscope_diagnose::connection::Told;

use super::{Key, Message};
use crate::pipeline::{Interrupted, Pipeline};

/// One thread, as far as it was listened to.
struct Part<'r> {
    messages: &'r Receiver<Message>,
    /// What it tells next, once that is known.
    next: Option<(Key, Told)>,
    /// The round that all it tells later is of, or behind.
    reached: u64,
}

/// Shows what the threads tell, until all of them are done.
pub(super) fn show(parts: &[Receiver<Message>], pipeline: &mut Pipeline<'_, '_>) -> Result<(), Interrupted> {
    let before = pipeline.showing().tally.frames;
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
                Ok(Message::Told(key, told)) => part.next = Some((key, told)),
                Ok(Message::Reached(reached, frames, progress)) => {
                    part.reached = reached;
                    if is_first {
                        pipeline.showing().tally.frames = before + frames;
                        pipeline.showing().progress(progress);
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
        let Some((key, told)) = next.and_then(|part| part.next.take()) else { return Ok(()) };
        if key.frame < u64::MAX {
            pipeline.showing().tally.frames = before + key.frame;
        }
        pipeline.show(told)?;
    }
}
