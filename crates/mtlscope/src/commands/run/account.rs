//! By which means each connection of the command was seen, and what kept others away.

use std::collections::{BTreeMap, HashMap};
use std::ffi::OsStr;
use std::fmt::Write as _;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use mtlscope_diagnose::connection::{Connection, StepKind};
use mtlscope_diagnose::finding::Finding;
use mtlscope_diagnose::observed::Observed;
use mtlscope_dissect::event::Event;
use mtlscope_dissect::notice::Notice;
use mtlscope_dissect::tls::handshake::Body;
use mtlscope_sources::relay::{Came, Way};
use mtlscope_sources::wrapped::{Environment, Linkage, Means, Program, SecretsFrom, Traces};
use mtlscope_views::View;
use mtlscope_views::printable::printable;
use mtlscope_views::wording::count;

/// Connections that are listed one by one; more are counted.
const LISTED: usize = 200;
/// Programs that are named.
const NAMED: usize = 8;

/// What is known of how connections came, shared by the relays that hear of them and the view that tells them.
#[derive(Clone, Default)]
pub(super) struct Ways(Arc<Mutex<Known>>);

#[derive(Default)]
struct Known {
    /// Connections that came and were not told yet, by the ends that the engine knows.
    open: HashMap<(SocketAddr, SocketAddr), Way>,
    /// Those that led to no server.
    unreached: u64,
    told: Vec<Told>,
    more: u64,
}

/// A connection that was told, and how it came.
struct Told {
    number: u64,
    server: String,
    way: Option<Way>,
    client_random: Option<[u8; 32]>,
}

impl Ways {
    /// A connection came to a relay.
    pub(super) fn hear(&self, came: &Came) {
        let mut known = self.lock();
        match &came.reached {
            Ok(server) => {
                known.open.insert((came.client, *server), came.way.clone());
            }
            Err(_) => known.unreached += 1,
        }
    }

    fn told(&self, connection: &Connection) {
        let mut known = self.lock();
        let way = known.open.remove(&(connection.client, connection.server));
        if known.told.len() >= LISTED {
            known.more += 1;
            return;
        }
        let server = match &connection.initial().server_name {
            Observed::Seen(name) => format!("{} ({})", printable(name), connection.server),
            _ => connection.server.to_string(),
        };
        known.told.push(Told {
            number: connection.id.0,
            server,
            way,
            client_random: client_random(connection),
        });
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        // What is in there is whole at every moment.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What the client chose, by which its secrets are known.
fn client_random(connection: &Connection) -> Option<[u8; 32]> {
    connection.steps.iter().find_map(|step| match &step.kind {
        StepKind::Message(message) => match &message.body {
            Body::ClientHello(hello) => Some(hello.random.0),
            _ => None,
        },
        _ => None,
    })
}

/// Hands connections on to a view, and remembers how they came.
pub(super) struct Counting {
    view: Box<dyn View>,
    ways: Ways,
}

impl Counting {
    pub(super) const fn new(view: Box<dyn View>, ways: Ways) -> Self {
        Self { view, ways }
    }
}

impl View for Counting {
    fn file(&mut self, name: &str, out: &mut dyn Write) -> io::Result<()> {
        self.view.file(name, out)
    }

    fn shows_contents(&self) -> bool {
        true
    }

    fn event(&mut self, event: &Event, out: &mut dyn Write) -> io::Result<()> {
        self.view.event(event, out)
    }

    fn connection(
        &mut self,
        connection: &Connection,
        findings: &[Finding],
        out: &mut dyn Write,
    ) -> io::Result<()> {
        self.ways.told(connection);
        self.view.connection(connection, findings, out)
    }

    fn across(&mut self, findings: &[Finding], out: &mut dyn Write) -> io::Result<()> {
        self.view.across(findings, out)
    }

    fn notice(&mut self, notice: &Notice, out: &mut dyn Write) -> io::Result<()> {
        self.view.notice(notice, out)
    }
}

/// What is known once the command is over.
pub(super) struct Account<'a> {
    pub(super) command: &'a OsStr,
    pub(super) means: Means,
    pub(super) environment: &'a Environment,
    pub(super) traces: Traces,
    pub(super) ways: &'a Ways,
    /// The interfaces that were captured on instead of relaying.
    pub(super) captured_on: Option<String>,
    /// How the command ended, where that was not well.
    pub(super) ending: Option<String>,
}

impl Account<'_> {
    /// A few lines for a person.
    pub(super) fn text(&self) -> String {
        let known = self.ways.lock();
        let command = self.command.to_string_lossy();
        let command = printable(&command);
        // Each connection is a block of its own, and so is this.
        let apart = if known.told.is_empty() && self.captured_on.is_none() { "" } else { "\n" };
        let mut text = format!("{apart}How {command} was watched\n");
        for told in &known.told {
            self.connection(told, &mut text);
        }
        if known.more > 0 {
            line(&mut text, &format!("and {} more", count_of(known.more)));
        }
        if let Some(interfaces) = &self.captured_on {
            let interfaces = printable(interfaces);
            line(&mut text, &format!("captured on {interfaces}: its connections and those of others"));
        } else if known.told.is_empty() {
            line(&mut text, "no connection with TLS was seen");
        }
        if !known.open.is_empty() {
            let (connections, do_speak) = (count_of(known.open.len() as u64), "without TLS");
            line(&mut text, &format!("{connections} {do_speak} passed through us"));
        }
        if known.unreached > 0 {
            line(&mut text, &format!("{} by the proxy led to no server", count_of(known.unreached)));
        }
        if self.means.preload {
            line(&mut text, &self.preload());
        }
        for reason in self.out_of_reach(known.told.is_empty() && known.open.is_empty()) {
            line(&mut text, &reason);
        }
        if let Some(ending) = &self.ending {
            line(&mut text, &format!("{command} {ending}"));
        }
        text
    }

    fn connection(&self, told: &Told, text: &mut String) {
        let way = match &told.way {
            Some(Way::Announced { pid, program }) => {
                format!("preload, in {} ({pid})", printable(program))
            }
            Some(Way::HttpConnect) => "proxy".to_owned(),
            Some(Way::Socks4 | Way::Socks5) => "proxy, by SOCKS".to_owned(),
            _ => "a relay".to_owned(),
        };
        let from = told.client_random.and_then(|random| self.traces.secrets_from(&random));
        let secrets = match (from, self.means.key_log) {
            (Some(SecretsFrom::KeyLogFile), _) => "secrets by SSLKEYLOGFILE",
            (Some(SecretsFrom::Node), _) => "secrets by NODE_OPTIONS",
            (Some(SecretsFrom::Preload), _) => "secrets by preload",
            (None, true) => "no secrets: its TLS stack has no key log that we can ask for",
            (None, false) => "no secrets: --without keylog",
        };
        line(text, &format!("#{} {}: {way}; {secrets}", told.number, told.server));
    }

    /// Whether the environment names the library.
    fn is_named(&self) -> bool {
        self.environment.changes.iter().any(|(name, _)| *name == "LD_PRELOAD")
    }

    /// Where the library was loaded.
    fn preload(&self) -> String {
        if !self.is_named() {
            return "preload: not used, see above".to_owned();
        }
        let loaded = &self.traces.loaded;
        if loaded.is_empty() {
            return "preload: took effect in no program".to_owned();
        }
        let mut names: BTreeMap<&str, usize> = BTreeMap::new();
        for (_, name) in loaded {
            *names.entry(name).or_default() += 1;
        }
        let mut said = String::from("preload: loaded in ");
        for (place, (name, times)) in names.iter().take(NAMED).enumerate() {
            let comma = if place == 0 { "" } else { ", " };
            let times = if *times == 1 { String::new() } else { format!(" ({times} times)") };
            // Writing to a string does not fail.
            let _ = write!(said, "{comma}{}{times}", printable(name));
        }
        if names.len() > NAMED {
            let _ = write!(said, " and {}", count(names.len() - NAMED, "other program", "other programs"));
        }
        said
    }

    /// What kept means from taking effect, as far as the command's file tells.
    fn out_of_reach(&self, nothing_seen: bool) -> Vec<String> {
        if self.captured_on.is_some() {
            return Vec::new();
        }
        if !self.means.proxy && !self.means.preload {
            return vec!["nothing passes through us without a proxy and without preload".to_owned()];
        }
        let path = std::env::var_os("PATH");
        let Some(program) = Program::find(self.command, path.as_deref()) else { return Vec::new() };
        let name = program.path.to_string_lossy();
        let name = printable(&name);
        let only = "only a proxy reaches it, if it honours HTTPS_PROXY";
        let mut reasons = Vec::new();
        let not_loaded = self.is_named() && self.traces.loaded.is_empty();
        if program.is_go {
            reasons.push(format!(
                "{name} is a Go program, which calls the system itself: {only}; and Go never asks a proxy for localhost"
            ));
        } else if program.is_set_uid {
            reasons.push(format!(
                "{name} is set-user-ID, so the system loads no library of ours into it: {only}"
            ));
        } else {
            match &program.linkage {
                Linkage::Static => {
                    reasons.push(format!("{name} is statically linked, out of reach for the library: {only}"))
                }
                Linkage::Foreign => reasons.push(format!(
                    "{name} is for another machine or of 32 bits, and the library is not: {only}"
                )),
                Linkage::Dynamic(linker) if not_loaded => reasons.push(format!(
                    "{name} is dynamically linked by {}, which did not load the library{}",
                    printable(linker),
                    if linker.contains("musl") { " (it was made for glibc, and that is musl)" } else { "" }
                )),
                _ => {}
            }
        }
        if nothing_seen && reasons.is_empty() {
            reasons.push(
                "not seen here: connections made past the C library, QUIC, containers, other users, services that run already (those \
                 `mtlscope capture` shows)"
                    .to_owned(),
            );
        }
        reasons
    }
}

fn count_of(number: u64) -> String {
    count(usize::try_from(number).unwrap_or(usize::MAX), "connection", "connections")
}

fn line(text: &mut String, what: &str) {
    text.push_str("  ");
    text.push_str(what);
    text.push('\n');
}
