//! `mtlscope web`: captures in a browser.

use std::path::{Path, PathBuf};

use crate::certificates_at_hand::CertificatesAtHand;
use crate::cli;
use crate::console::Console;
use crate::exit::Exit;
use crate::judging::Judging;
use crate::key_logs::KeyLogs;
use crate::page;
use crate::rereading::Rereading;
use crate::seams;
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
    let page = page::serve(&typed.page, rereading(typed, console)?)?;
    for files in captures(&typed.files) {
        page.open(files);
    }
    let stopper = page.stopper();
    stop_signals::on_stop(move || stopper.stop())
        .map_err(|error| format!("cannot wait for signals: {error}"))?;
    page::announce(&page, &typed.page, console);
    page.wait();
    Ok(Exit::Clean)
}

/// What the user said beside the captures. Here one file that cannot be read is reason enough to stop: nobody watches the
/// terminal once there is a page.
fn rereading(typed: &cli::Web, console: &mut Console<'_>) -> Result<Rereading, String> {
    let (key_logs, errors) = KeyLogs::given(&typed.keys, &typed.passphrase, &[]);
    if let Some(error) = errors.into_iter().next() {
        return Err(error);
    }
    let (judging, errors) = Judging::read(&typed.known);
    if let Some(error) = errors.first() {
        return Err(error.to_string());
    }
    let CertificatesAtHand { files, notices } = CertificatesAtHand::read(&typed.keyless, &typed.passphrase)?;
    for notice in &notices {
        console.complain(notice);
    }
    Ok(Rereading { key_logs, judging, collection: files, verify: typed.verify })
}

/// The files as they are read: those of one capture that was rotated together. Whether each goes on where another ended shows
/// while they are read.
fn captures(files: &[PathBuf]) -> Vec<Vec<PathBuf>> {
    let files: Vec<&Path> = files.iter().map(PathBuf::as_path).collect();
    seams::in_order(&files)
        .chunk_by(|one, other| one.series() == other.series())
        .map(|series| series.iter().map(|given| given.path.clone()).collect())
        .collect()
}
