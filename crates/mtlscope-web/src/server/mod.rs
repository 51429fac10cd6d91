//! The page's server: one listener on loopback, one token, HTTP/1.1.
//!
//! ```text
//! guard (Host, Origin, token or session) -> routes -> library, and fragments of views
//! ```

mod assets;
mod connections;
mod events;
mod filter;
mod guard;
mod keys;
mod refusal;
mod rows;
mod secret;
mod upload;

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware;
use axum::routing::{get, post};
use tokio::sync::Notify;

use crate::library::Library;
use guard::Guard;
use refusal::Refusal;

/// What every answer may need.
#[derive(Clone)]
struct Shared {
    library: Arc<Library>,
    guard: Arc<Guard>,
}

/// The server while it runs.
#[derive(Debug)]
pub(crate) struct Server {
    address: SocketAddr,
    guard: Arc<Guard>,
    stop: Stop,
    answering: Option<JoinHandle<()>>,
}

/// What ends it.
#[derive(Clone, Default, Debug)]
pub(crate) struct Stop(Arc<(Mutex<bool>, Condvar, Notify)>);

impl Server {
    /// Listens, and answers on a thread of its own.
    pub(crate) fn bind(port: u16, library: &Arc<Library>) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let guard = Arc::new(Guard::new(address.port())?);
        let routes = routes(Shared { library: Arc::clone(library), guard: Arc::clone(&guard) });
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let stop = Stop::default();
        let stopped = stop.clone();
        let answering = thread::Builder::new().name("page".to_owned()).spawn(move || {
            runtime.block_on(async {
                let Ok(listener) = tokio::net::TcpListener::from_std(listener) else { return };
                tokio::select! {
                    _ = axum::serve(listener, routes) => {}
                    () = stopped.0.2.notified() => {}
                }
            });
            // What still reads a capture is not waited for.
            runtime.shutdown_background();
            stopped.stop();
        })?;
        Ok(Self { address, guard, stop, answering: Some(answering) })
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where the page is, with the token that opens it.
    pub(crate) fn url(&self) -> String {
        format!("http://{}/?token={}", self.address, self.guard.token())
    }

    pub(crate) fn wait(&self) {
        let (stopped, told, _) = &*self.stop.0;
        let mut stopped = stopped.lock().unwrap_or_else(PoisonError::into_inner);
        while !*stopped {
            stopped = told.wait(stopped).unwrap_or_else(PoisonError::into_inner);
        }
    }

    pub(crate) fn stopper(&self) -> Stop {
        self.stop.clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.stop();
        // What was being uploaded is let go of with it.
        if let Some(answering) = self.answering.take() {
            let _ = answering.join();
        }
    }
}

impl Stop {
    pub(crate) fn stop(&self) {
        let (stopped, told, notify) = &*self.0;
        *stopped.lock().unwrap_or_else(PoisonError::into_inner) = true;
        told.notify_all();
        notify.notify_one();
    }
}

fn routes(shared: Shared) -> Router {
    Router::new()
        .route("/", get(assets::index))
        .route("/assets/{name}", get(assets::asset))
        .route("/api/state", get(events::state))
        .route("/api/events", get(events::events))
        .route("/api/rows", get(rows::rows))
        .route("/api/picture", get(rows::picture))
        .route("/api/filter", get(filter::check))
        .route("/api/fields", get(filter::fields))
        .route("/api/connections/{key}", get(connections::connection))
        .route("/api/connections/{key}/steps/{step}", get(connections::step))
        .route("/api/compare/{one}/{other}", get(connections::compare))
        .route("/api/rules/{id}", get(connections::rule))
        .route("/api/keys", post(keys::add))
        .route("/api/captures", post(upload::upload))
        .fallback(|| async { Refusal::NotFound })
        // Each route that takes a body bounds it itself.
        .layer(DefaultBodyLimit::disable())
        .layer(middleware::from_fn_with_state(shared.clone(), guard::guard))
        .with_state(shared)
}
