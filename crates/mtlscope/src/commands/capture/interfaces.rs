//! `mtlscope capture -D`: the interfaces, one a line.

use std::io::{self, Write};

use mtlscope_sources::interface::{ANY, Interface};
use mtlscope_views::printable::printable;

/// Writes name, state and addresses of each.
pub(super) fn write(interfaces: &[Interface], out: &mut dyn Write) -> io::Result<()> {
    let names = interfaces.iter().map(|interface| interface.name.chars().count());
    let width = names.max().unwrap_or_default().max(ANY.len());
    writeln!(out, "{ANY:width$}  all of them")?;
    for interface in interfaces {
        let name = printable(&interface.name);
        let state = match (interface.is_running, interface.is_loopback) {
            (_, true) => "loopback",
            (true, _) => "up",
            (false, _) => "down",
        };
        let addresses: Vec<String> = interface.addresses.iter().map(ToString::to_string).collect();
        writeln!(out, "{}", format!("{name:width$}  {state:8}  {}", addresses.join(", ")).trim_end())?;
    }
    Ok(())
}
