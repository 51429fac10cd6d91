//! An HTTPS server that asks its clients for certificates as Apache, nginx or IIS does, so that the engine can explain
//! each client it meets.
//!
//! Workers are threads that all wait at the same listener; whenever none waits, one more is started, up to a limit.
//! Beyond it, the connection that has said nothing for the longest makes room. So there is always someone at the door.

mod policy;
mod context;
mod files;
mod verification;
mod visitors;
mod patience;
mod connection;
mod late;
mod request;
mod pages;
mod error;
mod environment;

use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use openssl::ssl::SslContext;

pub use context::{ServerCertificate, Tls, Version};
pub use error::ServeError;
pub(crate) use error::to_listen;
pub use files::Authorities;
pub use policy::{Policy, Refusal, VerifyClient, VerifyDepth};

use crate::feed::Feed;
use visitors::Visitors;

/// What a worker's stack may grow to, in bytes. Rust and OpenSSL together use a tenth of it.
const STACK: usize = 256 * 1024;
/// How long a call at our own door may take.
const KNOCK: Duration = Duration::from_millis(100);

/// How a server is to behave.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where it listens; port 0 for any that is free.
    pub listen: SocketAddr,
    /// What is asked of clients, and how they are refused.
    pub policy: Policy,
    /// What is spoken, shown and trusted.
    pub tls: Tls,
    /// How much is borne.
    pub limits: Limits,
}

/// How long the server waits, and for how many.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// For the end of a handshake.
    pub handshake: Duration,
    /// For the next request, and for each to be complete.
    pub idle: Duration,
    /// Connections at a time.
    pub connections: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { handshake: Duration::from_secs(10), idle: Duration::from_secs(5), connections: 2048 }
    }
}

/// A server that runs, until it is stopped or dropped.
pub struct Server {
    address: SocketAddr,
    shared: Arc<Shared>,
}

/// Where workers wait, and where they tell what passes. Both are closed once the last worker is gone.
#[derive(Clone)]
struct Door {
    listener: Arc<TcpListener>,
    feed: Feed,
}

/// What all workers know.
struct Shared {
    address: SocketAddr,
    context: SslContext,
    policy: Policy,
    limits: Limits,
    visitors: Visitors,
    stopping: AtomicBool,
    /// Workers at the door.
    waiting: AtomicUsize,
    /// All of them; none once the server stops.
    workers: Mutex<Vec<JoinHandle<()>>>,
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server").field("address", &self.address).finish_non_exhaustive()
    }
}

impl Server {
    /// Begins to serve; what passes goes into the feed.
    ///
    /// # Errors
    /// When nothing can be served so: the address is taken, the key does not fit the certificate.
    pub fn bind(settings: &Settings, feed: &Feed) -> Result<Self, ServeError> {
        let context = settings.tls.contexts(&settings.policy).map_err(|stack| ServeError::tls(&stack))?;
        let listening = |cause| ServeError::Listen { address: settings.listen, cause };
        let listener = TcpListener::bind(settings.listen).map_err(listening)?;
        let address = listener.local_addr().map_err(listening)?;
        let shared = Arc::new(Shared {
            address,
            context,
            policy: settings.policy.clone(),
            limits: settings.limits,
            visitors: Visitors::default(),
            stopping: AtomicBool::new(false),
            waiting: AtomicUsize::new(0),
            workers: Mutex::default(),
        });
        shared.hire(&Door { listener: Arc::new(listener), feed: feed.clone() }).map_err(listening)?;
        Ok(Self { address, shared })
    }

    /// Where it listens.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// A way to stop it from elsewhere.
    pub fn stopper(&self) -> Stopper {
        Stopper(Arc::clone(&self.shared))
    }

    /// Ends every connection and takes no more. Once it returns, all has been fed.
    pub fn stop(&self) {
        self.shared.stop();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Stops a server from another thread.
#[derive(Clone)]
pub struct Stopper(Arc<Shared>);

impl Stopper {
    /// As [`Server::stop`].
    pub fn stop(&self) {
        self.0.stop();
    }
}

impl fmt::Debug for Stopper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Stopper").field(&self.0.address).finish()
    }
}

impl Shared {
    /// Starts a worker.
    fn hire(self: &Arc<Self>, door: &Door) -> io::Result<()> {
        let mut workers = self.workers.lock().unwrap_or_else(PoisonError::into_inner);
        if self.stopping.load(Ordering::SeqCst) {
            return Ok(());
        }
        let (shared, door) = (Arc::clone(self), door.clone());
        self.waiting.fetch_add(1, Ordering::SeqCst);
        let worker = thread::Builder::new()
            .name("server".to_owned())
            .stack_size(STACK)
            .spawn(move || shared.work(&door))
            .inspect_err(|_| {
                self.waiting.fetch_sub(1, Ordering::SeqCst);
            })?;
        workers.push(worker);
        Ok(())
    }

    /// A worker's life.
    fn work(self: &Arc<Self>, door: &Door) {
        while !self.stopping.load(Ordering::SeqCst) {
            let accepted = door.listener.accept();
            if self.waiting.fetch_sub(1, Ordering::SeqCst) == 1 {
                self.keep(door);
            }
            if self.stopping.load(Ordering::SeqCst) {
                return;
            }
            match accepted {
                Ok((stream, client)) => self.serve(stream, client, &door.feed),
                // Mostly a client that is gone before its turn. Where files run out, haste does not help.
                Err(_) => thread::sleep(Duration::from_millis(5)),
            }
            self.waiting.fetch_add(1, Ordering::SeqCst);
        }
    }

    /// Nobody is at the door: sees that someone will be.
    fn keep(self: &Arc<Self>, door: &Door) {
        let hired = self.workers.lock().unwrap_or_else(PoisonError::into_inner).len();
        if hired >= self.limits.connections || self.hire(door).is_err() {
            self.visitors.make_room();
        }
    }

    fn serve(&self, stream: TcpStream, client: SocketAddr, feed: &Feed) {
        let address = stream.local_addr().unwrap_or(self.address);
        let flow = feed.open(client, address);
        let Ok(handle) = stream.try_clone() else { return };
        let visit = self.visitors.enter(handle, flow.clone());
        connection::serve(stream, flow, &visit, self);
    }

    fn stop(&self) {
        self.stopping.store(true, Ordering::SeqCst);
        let workers = std::mem::take(&mut *self.workers.lock().unwrap_or_else(PoisonError::into_inner));
        for worker in workers {
            // Who came in meanwhile is dismissed with the others; who waits at the door is called away.
            while !worker.is_finished() {
                self.visitors.dismiss();
                if TcpStream::connect_timeout(&self.own_address(), KNOCK).is_err() {
                    thread::sleep(Duration::from_millis(1));
                }
                thread::yield_now();
            }
            // A worker that panicked has told so on standard error.
            let _ = worker.join();
        }
    }

    /// Our own address, as we can reach it.
    fn own_address(&self) -> SocketAddr {
        let mut address = self.address;
        match address.ip() {
            IpAddr::V4(ip) if ip.is_unspecified() => address.set_ip(Ipv4Addr::LOCALHOST.into()),
            IpAddr::V6(ip) if ip.is_unspecified() => address.set_ip(Ipv6Addr::LOCALHOST.into()),
            _ => {}
        }
        address
    }
}

#[cfg(test)]
mod tests;
