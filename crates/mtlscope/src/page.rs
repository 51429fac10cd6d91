//! The page in a browser: served, announced, and fed by what reads captures.

use std::process::{Command, Stdio};

use mtlscope_web::{Limits, Page, Settings};

use crate::cli;
use crate::console::Console;
use crate::rereading::Rereading;

/// Serves the page, with nothing to show yet.
pub(crate) fn serve(typed: &cli::Page, _: &Console<'_>) -> Result<Page, String> {
    let settings = Settings { port: typed.port, limits: Limits::default() };
    Page::serve(&settings, Rereading).map_err(|error| {
        format!("cannot serve the page on 127.0.0.1:{}: {error} (another port: --port)", typed.port)
    })
}

/// Says where the page is, and opens it where there is a desktop.
pub(crate) fn announce(page: &Page, typed: &cli::Page, console: &mut Console<'_>) {
    let url = page.url();
    console.complain(&format_args!("the page is at {url} (opens once; Ctrl-C ends it)"));
    if !typed.no_open && has_desktop() {
        open(&url);
    }
}

fn has_desktop() -> bool {
    cfg!(target_os = "macos")
        || ["DISPLAY", "WAYLAND_DISPLAY"]
            .iter()
            .any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()))
}

/// Asks the desktop to open an address. Where that fails, the address was printed.
fn open(url: &str) {
    let program = if cfg!(target_os = "macos") { "open" } else { "xdg-open" };
    let opening = Command::new(program)
        .arg(url)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    if let Ok(mut child) = opening {
        // Waited for, so that nothing is left of it in the list of processes.
        std::thread::spawn(move || child.wait());
    }
}
