//! A relay that changes no byte: it takes connections, makes one of its own for each, passes on what either side sends, and
//! feeds all of it to the engine. Half-closes and resets are passed on as such.
//!
//! Where a connection leads is fixed, or asked by the client (an HTTP or SOCKS proxy), or announced beside it by the
//! preload library of `mtlscope run` ([`Mode`]).
//!
//! ```no_run
//! use mtlscope_sources::feed::Feed;
//! use mtlscope_sources::relay::{Mode, Relay, Settings};
//!
//! let (feed, mut source) = Feed::new();
//! let settings = Settings::new(([127, 0, 0, 1], 0).into(), Mode::Proxy { http: true, socks: true });
//! let relay = Relay::start(settings, &feed)?;
//! drop(feed);
//! let proxy = format!("http://{}", relay.address()); // for HTTPS_PROXY and ALL_PROXY
//! // Another thread, or this one: take all that `source` has, which ends once the relay has stopped.
//! relay.finish(std::time::Duration::from_secs(1)); // those that are open get a second
//! # Ok::<(), mtlscope_sources::relay::RelayError>(())
//! ```
//!
//! A thread for each connection waits for both of its sides. Whoever sends faster than the other side takes, or than the
//! engine reads, waits: no more than a buffer of each direction is held.

mod announced;
mod caller;
mod destination;
mod error;
mod http_proxy;
mod listener;
mod pair;
mod places;
mod proxy;
mod socks;

use std::fmt;
use std::io;
use std::net::{SocketAddr, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use mtlscope_dissect::input::FlowId;

pub use destination::destination;
pub use error::RelayError;

use crate::client::Target;
use crate::feed::{Feed, FlowFeed};
use announced::Announcements;
use caller::Caller;
use destination::Unreached;
use places::{Place, Places};

/// How a relay is to behave.
#[derive(Clone)]
pub struct Settings {
    /// Where it listens; port 0 for any that is free. Behind the first, an address that the machine does not have is left
    /// out.
    pub listen: Vec<SocketAddr>,
    /// Where connections lead.
    pub mode: Mode,
    /// How much is borne.
    pub limits: Limits,
    /// Which address stands for the client.
    pub client: ClientAddress,
    /// How long the end of a connection is kept back behind the close of its sockets: programs write their key logs when they
    /// like. Nothing, unless key logs are read on.
    pub grace_for_secrets: Duration,
    /// Is told of each connection, before the engine hears of it.
    pub watcher: Option<Watcher>,
}

impl Settings {
    /// As a relay behaves unless told otherwise.
    pub fn new(listen: SocketAddr, mode: Mode) -> Self {
        Self {
            listen: vec![listen],
            mode,
            limits: Limits::default(),
            client: ClientAddress::Caller,
            grace_for_secrets: Duration::ZERO,
            watcher: None,
        }
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("listen", &self.listen)
            .field("mode", &self.mode)
            .field("limits", &self.limits)
            .field("client", &self.client)
            .field("grace_for_secrets", &self.grace_for_secrets)
            .finish_non_exhaustive()
    }
}

/// Where connections lead.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Mode {
    /// All to the same place.
    Fixed(Target),
    /// Where the client asks for, in one of these ways or the other: its first byte tells which. The engine sees that talk
    /// too, and knows it as what stands before TLS.
    Proxy {
        /// CONNECT; a request for an `http://` URL is forwarded, and fed to nobody, since it has no TLS.
        http: bool,
        /// SOCKS 5, 4 and 4a, without a password or with any.
        socks: bool,
    },
    /// Where a control connection beside it says; see `announced.rs`.
    Announced {
        /// The path at which to listen for control connections. The directory is the caller's, to guard and to remove.
        socket: PathBuf,
    },
}

/// Which address stands for the client of a connection.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ClientAddress {
    /// Whoever called the relay.
    Caller,
    /// The relay's own, as the server sees it, and a capture on the wire.
    Outgoing,
}

/// How long the relay waits, and for how many.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// For a client to say where to, and for the destination to answer.
    pub connect: Duration,
    /// For the next byte of either side.
    pub idle: Duration,
    /// Connections at a time; more wait to be taken.
    pub connections: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { connect: Duration::from_secs(10), idle: Duration::from_secs(3600), connections: 1024 }
    }
}

/// Is told of each connection: its number, which every chunk of it carries, and how it came. Called on the connection's own
/// thread once its destination was tried, before anything of it goes to the engine.
pub type Watcher = Arc<dyn Fn(FlowId, &Came) + Send + Sync>;

/// How a connection came to the relay.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Came {
    /// Who called.
    pub caller: SocketAddr,
    /// Which address stands for the client, in the feed and in what is told.
    pub client: SocketAddr,
    /// In which way.
    pub way: Way,
    /// Where it leads, as it was asked for: a name or an address.
    pub destination: Target,
    /// The address that was reached there, or why none was, in one line.
    pub reached: Result<SocketAddr, String>,
}

/// In which way a connection found its destination.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Way {
    /// All go there.
    Fixed,
    /// An HTTP proxy's CONNECT.
    HttpConnect,
    /// A request for an `http://` URL to an HTTP proxy: it is forwarded, and nothing of it is fed.
    HttpForward,
    /// SOCKS 4 or 4a.
    Socks4,
    /// SOCKS 5.
    Socks5,
    /// The preload library.
    Announced {
        /// The process.
        pid: u32,
        /// Its name, as it says.
        program: String,
    },
}

/// A relay that runs, until it is stopped or dropped.
pub struct Relay {
    addresses: Vec<SocketAddr>,
    shared: Arc<Shared>,
}

/// What all threads know.
struct Shared {
    settings: Settings,
    /// Where it listens.
    addresses: Vec<SocketAddr>,
    /// Where connections are opened; `None` once it has stopped.
    feed: Mutex<Option<Feed>>,
    places: Places,
    announcements: Announcements,
    stopping: AtomicBool,
    /// Closed to call the listeners away.
    bell: Mutex<Option<UnixStream>>,
    listeners: Mutex<Vec<JoinHandle<()>>>,
}

impl Relay {
    /// Begins to relay; what passes goes into the feed.
    ///
    /// # Errors
    /// When it cannot listen there.
    pub fn start(settings: Settings, feed: &Feed) -> Result<Self, RelayError> {
        let doors = listener::bind(&settings)?;
        let addresses = doors.addresses();
        let (bell, heard) = UnixStream::pair().map_err(RelayError::Threads)?;
        let shared = Arc::new(Shared {
            places: Places::new(settings.limits.connections),
            settings,
            addresses: addresses.clone(),
            feed: Mutex::new(Some(feed.clone())),
            announcements: Announcements::default(),
            stopping: AtomicBool::new(false),
            bell: Mutex::new(Some(bell)),
            listeners: Mutex::default(),
        });
        let relay = Self { addresses, shared };
        let listeners = listener::start(doors, heard, &relay.shared).map_err(RelayError::Threads)?;
        *lock(&relay.shared.listeners) = listeners;
        Ok(relay)
    }

    /// Where it listens: at the first of the addresses given.
    pub fn address(&self) -> SocketAddr {
        self.addresses.first().copied().unwrap_or(([127, 0, 0, 1], 0).into())
    }

    /// Where it listens.
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// A way to stop it from elsewhere.
    pub fn stopper(&self) -> Stopper {
        Stopper(Arc::clone(&self.shared))
    }

    /// Ends every connection and takes no more. Once it returns, all has been fed.
    pub fn stop(&self) {
        self.shared.stop(Duration::ZERO);
    }

    /// Takes no more connections; those that are open get so long to end by themselves. Then as [`Self::stop`].
    pub fn finish(&self, grace: Duration) {
        self.shared.stop(grace);
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.stop();
    }
}

impl fmt::Debug for Relay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Relay").field("addresses", &self.addresses).finish_non_exhaustive()
    }
}

/// Stops a relay from another thread.
#[derive(Clone)]
pub struct Stopper(Arc<Shared>);

impl Stopper {
    /// As [`Relay::stop`].
    pub fn stop(&self) {
        self.0.stop(Duration::ZERO);
    }
}

impl fmt::Debug for Stopper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Stopper").field(&self.0.addresses).finish()
    }
}

impl Shared {
    fn stop(&self, grace: Duration) {
        self.stopping.store(true, Ordering::SeqCst);
        drop(lock(&self.bell).take());
        self.places.close();
        for listener in std::mem::take(&mut *lock(&self.listeners)) {
            // One that panicked has told so on standard error.
            let _ = listener.join();
        }
        self.places.wait_empty(grace);
        self.places.dismiss();
        *lock(&self.feed) = None;
    }

    fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::SeqCst)
    }

    /// Says something that belongs to no connection.
    fn notice(&self, text: &str) {
        // Not under the lock: the feed may be full, and whoever stops wants the lock.
        let feed = lock(&self.feed).clone();
        if let Some(feed) = feed {
            feed.notice(text);
        }
    }

    /// One connection, from its first byte to its last.
    fn serve(&self, client: TcpStream, caller: SocketAddr, place: &Place<'_>) {
        let local = client.local_addr().unwrap_or(caller);
        let Some(flow) = lock(&self.feed).as_ref().map(|feed| feed.open(caller, local)) else { return };
        // A handshake is small messages back and forth: none of them should wait for company.
        let _ = client.set_nodelay(true);
        let client = Arc::new(client);
        place.client(Arc::clone(&client), flow.clone());
        match &self.settings.mode {
            Mode::Fixed(to) => self.fixed(to, &client, caller, &flow, place),
            Mode::Proxy { http, socks } => {
                let caller_says = Caller::new(&client, &flow, self.settings.limits.connect);
                self.proxy(caller_says, caller, (*http, *socks), place);
            }
            Mode::Announced { .. } => self.announced(&client, caller, &flow, place),
        }
        drop(client);
        place.sockets_closed();
        if flow.is_live() && !self.is_stopping() {
            flow.flush();
            std::thread::sleep(self.settings.grace_for_secrets);
        }
        flow.end();
    }

    fn fixed(
        &self,
        to: &Target,
        client: &Arc<TcpStream>,
        caller: SocketAddr,
        flow: &FlowFeed,
        place: &Place<'_>,
    ) {
        let reached = place.while_dialing(|| self.reach(to));
        self.tell(flow, caller, Way::Fixed, to, &reached);
        match reached {
            Ok(server) => self.pass(client, server, flow, &[], place),
            Err(unreached) => {
                // The client's own connection stands: that the other could not be made is told it as a reset.
                flow.forget();
                self.notice(&format!("{caller} wanted {to}: {unreached}"));
                pair::reset_when_closed(client);
            }
        }
    }

    /// Makes the connection to a destination.
    fn reach(&self, to: &Target) -> Result<TcpStream, Unreached> {
        destination::reach(to, self.settings.limits.connect, &self.addresses)
    }

    /// Tells the watcher, and the feed whose connection this is.
    fn tell(
        &self,
        flow: &FlowFeed,
        caller: SocketAddr,
        way: Way,
        to: &Target,
        reached: &Result<TcpStream, Unreached>,
    ) {
        let address = reached
            .as_ref()
            .map_err(Unreached::to_string)
            .and_then(|server| server.peer_addr().map_err(|error| error.to_string()));
        let client = match (self.settings.client, reached) {
            (ClientAddress::Outgoing, Ok(server)) => server.local_addr().unwrap_or(caller),
            _ => caller,
        };
        if let Ok(address) = &address {
            flow.is_between(client, *address);
        }
        if let Some(watcher) = &self.settings.watcher {
            watcher(flow.id(), &Came { caller, client, way, destination: to.clone(), reached: address });
        }
    }

    /// Passes on what both sides send, to the end. `ahead`: what the client has sent already.
    fn pass(
        &self,
        client: &Arc<TcpStream>,
        server: TcpStream,
        flow: &FlowFeed,
        ahead: &[u8],
        place: &Place<'_>,
    ) {
        let _ = server.set_nodelay(true);
        let server = Arc::new(server);
        place.server(Arc::clone(&server));
        if self.is_stopping() {
            return;
        }
        if let Err(over) = pair::pass([client, &server], flow, ahead, self.settings.limits.idle) {
            let [client, server] = [client.peer_addr(), server.peer_addr()]
                .map(|address| address.map_or_else(|_| "a side that is gone".to_owned(), |a| a.to_string()));
            self.notice(&format!("between {client} and {server}: {over}"));
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // What is locked in here is whole at every moment.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A thread for a connection, of which there may be many.
fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> io::Result<JoinHandle<()>> {
    /// What its stack may grow to, in bytes. The resolver takes most of it.
    const STACK: usize = 256 * 1024;
    std::thread::Builder::new().name(name.to_owned()).stack_size(STACK).spawn(work)
}

#[cfg(test)]
mod tests;
