//! `mtlscope web`: captures in a browser.

use crate::cli;
use crate::console::Console;
use crate::exit::Exit;
use crate::key_logs::KeyLogs;
use crate::page;
use crate::stop_signals;

pub(crate) fn run(typed: &cli::Web, console: &mut Console<'_>) -> Exit {
    match serve(typed, console) {
        Ok(exit) => exit,
        Err(why) => {
            console.complain(&why);
            Exit::CouldNotLook
        }
    }
}

fn serve(typed: &cli::Web, console: &mut Console<'_>) -> Result<Exit, String> {
    // Before a page is promised: what was typed can be read.
    for file in &typed.files {
        mtlscope_sources::Recorded::open(file).map_err(|error| error.to_string())?;
    }
    let (key_logs, errors) = KeyLogs::read(&typed.keylog);
    if let Some(error) = errors.first() {
        return Err(error.to_string());
    }
    let page = page::serve(&typed.page)?;
    for lines in key_logs.lines() {
        page.add_keys(lines);
    }
    for file in &typed.files {
        page.open(&file.to_string_lossy(), file.clone());
    }
    let stopper = page.stopper();
    stop_signals::on_stop(move || stopper.stop())
        .map_err(|error| format!("cannot wait for signals: {error}"))?;
    page::announce(&page, &typed.page, console);
    page.wait();
    Ok(Exit::Clean)
}
