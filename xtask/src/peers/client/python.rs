//! A client on Python's `http.client` and `ssl`.

use anyhow::Result;

use super::Session;
use super::script::Script;
use crate::peers::authority::Authority;
use crate::peers::place::Place;

pub(super) fn open(place: &Place, _: &Authority) -> Result<Box<dyn Session>> {
    let program = place.write("client.py", include_str!("client.py"))?;
    Ok(Box::new(Script { interpreter: "python3", program }))
}
