//! A source that ends after so many packets: `-c`.

use std::num::NonZeroU64;

use mtlscope_dissect::input::Input;
use mtlscope_sources::{Progress, Source, SourceError};

/// The first packets of another source.
pub(crate) struct PacketLimit<'a> {
    source: &'a mut dyn Source,
    /// How many packets may still come; `None`: any number.
    left: Option<u64>,
}

impl<'a> PacketLimit<'a> {
    /// So many packets of a source, or all.
    pub(crate) fn new(source: &'a mut dyn Source, packets: Option<NonZeroU64>) -> Self {
        Self { source, left: packets.map(NonZeroU64::get) }
    }
}

impl Source for PacketLimit<'_> {
    fn next(&mut self) -> Result<Option<Input<'_>>, SourceError> {
        if self.left == Some(0) {
            return Ok(None);
        }
        let input = self.source.next()?;
        if let (Some(Input::Frame(_)), Some(left)) = (&input, &mut self.left) {
            *left -= 1;
        }
        Ok(input)
    }

    fn progress(&self) -> Progress {
        self.source.progress()
    }

    fn is_drained(&self) -> bool {
        self.left != Some(0) && self.source.is_drained()
    }
}
