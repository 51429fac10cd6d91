//! SIGINT and SIGTERM, for what runs until it is stopped.

use std::io;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::thread;

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;
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

/// Has the first SIGINT or SIGTERM set this, and the next one end the process at once: for what has one thread and looks.
pub(crate) fn flag_on_stop() -> io::Result<Arc<AtomicBool>> {
    let stop = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM] {
        // In this order: the first finds the flag down.
        flag::register_conditional_default(signal, Arc::clone(&stop))?;
        flag::register(signal, Arc::clone(&stop))?;
    }
    Ok(stop)
}
