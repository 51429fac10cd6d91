//! A client on Node's `https`.

use anyhow::Result;

use super::Session;
use super::script::Script;
use crate::peers::authority::Authority;
use crate::peers::place::Place;

pub(super) fn open(place: &Place, _: &Authority) -> Result<Box<dyn Session>> {
    let program = place.write("client.js", include_str!("client.js"))?;
    Ok(Box::new(Script { interpreter: "node", program }))
}
