//! The page: connections and findings in a browser of the same machine.
//!
//! ```text
//! a Reader (who opens captures) -> library -> table -> server (loopback, one token) -> the browser
//!                                     └─ one connection, read again when it is looked at -> fragments of views
//! ```
//!
//! Never true of it: that it opens a capture or knows TLS; that it finds a fact or words one (views does); that it holds
//! more than a row of each connection, or more rows than [`Limits`] allow; that it listens on anything but loopback; that
//! the browser loads something from elsewhere; that text from a wire reaches the page as markup.

#![forbid(unsafe_code)]

mod reading;
mod limits;
mod table;
mod library;
mod live;
mod fragments;
mod server;

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

pub use limits::Limits;
pub use live::{LiveView, Notes};
pub use reading::{Hear, Reader, Reading};

use library::Library;

/// What the page is to be served with.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// The port on 127.0.0.1; 0 takes any that is free.
    pub port: u16,
    /// How much is held and taken.
    pub limits: Limits,
}

/// The page while it is served. It ends when this is dropped.
#[derive(Debug)]
pub struct Page {
    // In this order: nobody brings anything any more once the library is closed.
    server: server::Server,
    library: Closing,
}

/// The library, which is closed with the page.
#[derive(Debug)]
struct Closing(Arc<Library>);

impl Drop for Closing {
    fn drop(&mut self) {
        self.0.close();
    }
}

impl Page {
    /// Begins to serve, with nothing to show yet.
    ///
    /// # Errors
    /// When the port is taken, or the system gives no random numbers or no thread.
    pub fn serve(settings: Settings, reader: impl Reader) -> io::Result<Self> {
        let library = Library::new(Box::new(reader), settings.limits);
        let server = server::Server::bind(settings.port, &library)?;
        Ok(Self { server, library: Closing(library) })
    }

    /// Where it is, with the token that opens it once.
    pub fn url(&self) -> String {
        self.server.url()
    }

    /// The address it listens on.
    pub fn address(&self) -> SocketAddr {
        self.server.address()
    }

    /// Reads a capture in the background, and shows its connections as they are told. It has one file, or several where it was
    /// rotated; those that do not go on where another ended become captures of their own.
    pub fn open(&self, files: Vec<PathBuf>) {
        self.library.0.open(files);
    }

    /// What adds to the page what a source tells while it runs. `recording`: the file in which the source is kept
    /// meanwhile, to be read again when a connection is looked at.
    pub fn live(&self, name: &str, recording: PathBuf) -> LiveView {
        LiveView::new(Arc::clone(&self.library.0), name, recording)
    }

    /// Waits until [`Stopper::stop`] is called.
    pub fn wait(&self) {
        self.server.wait();
    }

    /// What ends it from another thread.
    pub fn stopper(&self) -> Stopper {
        Stopper(self.server.stopper())
    }
}

/// Ends the page.
#[derive(Clone, Debug)]
pub struct Stopper(server::Stop);

impl Stopper {
    /// Ends it: nothing more is answered, and what waits for the page waits no longer.
    pub fn stop(&self) {
        self.0.stop();
    }
}
