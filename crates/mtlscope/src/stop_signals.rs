//! SIGINT and SIGTERM, for what runs until it is stopped.

use std::io;
use std::thread;

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

/// Has the first SIGINT or SIGTERM do this, on a thread of its own, and the next one end the process at once.
pub(crate) fn on_stop(stop: impl FnOnce() + Send + 'static) -> io::Result<()> {
    let mut signals = Signals::new([SIGINT, SIGTERM])?;
    thread::Builder::new().name("signals".to_owned()).spawn(move || {
        let mut stop = Some(stop);
        for signal in &mut signals {
            match stop.take() {
                Some(stop) => {
                    thread::spawn(stop);
                }
                None => {
                    // Whoever asks twice does not want to wait.
                    let _ = signal_hook::low_level::emulate_default_handler(signal);
                }
            }
        }
    })?;
    Ok(())
}
