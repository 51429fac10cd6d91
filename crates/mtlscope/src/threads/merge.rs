//! What the threads print, put together in the order of one.

use std::sync::mpsc::{Receiver, Sender};

use super::batch::{Batch, Item};
use super::numbering::Numbering;
use super::{Key, Message};
use crate::pipeline::{Interrupted, Pipeline};
use crate::showing::Stop;

/// One thread, as far as it was listened to.
pub(super) struct Part {
    messages: Receiver<Message>,
    /// Where batches go that were shown.
    give_back: Sender<Batch>,
    /// The one that is being shown.
    batch: Batch,
}

impl Part {
    pub(super) fn new(messages: Receiver<Message>, give_back: Sender<Batch>) -> Self {
        Self { messages, give_back, batch: Batch::default() }
    }

    /// The key of what it tells next, once that is known.
    fn next(&self) -> Option<Key> {
        self.batch.items.front().map(|(key, _)| *key)
    }

    /// The round that all is of that it tells next and later, or behind.
    fn reached(&self) -> u64 {
        self.next().map_or(self.batch.reached, |key| key.round())
    }

    /// Waits for its next batch.
    fn listen(&mut self) -> Result<(), Interrupted> {
        let next = match self.messages.recv() {
            Ok(Message::Told(batch)) => batch,
            Ok(Message::Failed(error)) => return Err(error.into()),
            Err(_) => Batch { reached: u64::MAX, frames: self.batch.frames, ..Batch::default() },
        };
        let shown = std::mem::replace(&mut self.batch, next);
        // A thread that is done wants none back.
        let _ = self.give_back.send(shown);
        Ok(())
    }
}

/// Shows what the threads tell, until all of them are done.
pub(super) fn show(
    mut parts: Vec<Part>,
    numbering: &Numbering,
    pipeline: &mut Pipeline<'_, '_>,
) -> Result<(), Interrupted> {
    let before = pipeline.showing().tally.frames;
    loop {
        let first = parts.iter().filter_map(Part::next).min();
        // Whoever might still tell something that comes before it has to be heard first.
        let round = first.map_or(u64::MAX, |key| key.round());
        // The one furthest behind, since the others may wait until what it tells is shown.
        let unheard = parts
            .iter()
            .enumerate()
            .filter(|(_, part)| part.next().is_none() && part.reached() <= round && part.reached() < u64::MAX)
            .min_by_key(|(_, part)| part.reached())
            .map(|(place, _)| place);
        if let Some(place) = unheard {
            numbering.show(parts.iter().map(Part::reached).min().unwrap_or(u64::MAX));
            let Some(part) = parts.get_mut(place) else { break };
            part.listen()?;
            if place == 0 {
                pipeline.showing().tally.frames = before + part.batch.frames;
                pipeline.showing().progress(part.batch.progress);
            }
            continue;
        }
        let told = parts
            .iter_mut()
            .filter(|part| part.next().is_some())
            .min_by_key(|part| part.next())
            .and_then(|part| Some((part.batch.items.pop_front()?, &part.batch.text)));
        let Some(((key, item), text)) = told else { break };
        if key.frame < u64::MAX {
            pipeline.showing().tally.frames = before + key.frame;
        }
        match item {
            Item::Connection(printed) => {
                let printed = printed.map_err(Stop::from)?;
                pipeline.show_printed(text.get(printed.place.clone()).unwrap_or_default(), printed)?;
            }
            Item::Notice(notice) => pipeline.showing().notice(&notice)?,
        }
    }
    if let Some(first) = parts.first() {
        pipeline.showing().tally.frames = before + first.batch.frames;
    }
    Ok(())
}
