//! A connection in full: read again from its capture when somebody looks at it, and held for a while.

use std::sync::Arc;

use mtlscope_diagnose::connection::Connection;
use mtlscope_diagnose::finding::Finding;

use super::hearers::WholeHearer;
use super::{Library, Material};
use crate::reading::{Hear, Reading};
use crate::table::Key;

/// A connection with its bytes, and what the rules say of it.
#[derive(Debug)]
pub(crate) struct Whole {
    pub(crate) key: Key,
    pub(crate) connection: Connection,
    pub(crate) findings: Vec<Finding>,
}

/// Why there is none.
#[derive(Debug)]
pub(crate) enum Missing {
    /// No row has this key.
    Unknown,
    /// It cannot be read again; a sentence says why.
    Gone(String),
}

impl Whole {
    pub(super) fn of(capture: u16, connection: &Connection, findings: &[Finding]) -> Self {
        let key = Key { capture, id: connection.id.0 };
        Self { key, connection: connection.clone(), findings: findings.to_vec() }
    }
}

impl Library {
    /// A connection in full. Takes as long as its part of the capture takes to be read.
    pub(crate) fn whole(self: &Arc<Self>, key: Key) -> Result<Arc<Whole>, Missing> {
        let from = {
            let open = self.look();
            if let Some(known) = open.wholes.iter().find(|whole| whole.key == key) {
                return Ok(Arc::clone(known));
            }
            open.table.row(key).ok_or(Missing::Unknown)?.first_frame
        };
        let Material { file, keys, generation } = self.material(key.capture).ok_or(Missing::Unknown)?;
        let hearer = Arc::new(WholeHearer::new(Arc::clone(self), key));
        let as_hearer: Arc<dyn Hear> = Arc::<WholeHearer>::clone(&hearer);
        let files = file.paths();
        let reading = Reading { files: &files, keys: &keys, filter: None, from, keep_bytes: true };
        self.reader.read(&reading, &as_hearer).map_err(Missing::Gone)?;
        let Some(whole) = hearer.found() else {
            return Err(Missing::Gone(
                "The capture no longer holds this connection: was the file changed, or was the recording full?"
                    .to_owned(),
            ));
        };
        let mut open = self.look();
        match open.generation == generation {
            true => Ok(open.remember(whole, &self.limits)),
            // Keys came meanwhile: shown once, and read again.
            false => Ok(Arc::new(whole)),
        }
    }
}
