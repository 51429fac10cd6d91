//! Two hosts on one machine: network namespaces, with a wire between them. Gone when dropped, and with us.

use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Result, ensure};

use crate::peers::{Place, Process, run_program};
use crate::test::Need;

/// The interface of each host.
pub(crate) const WIRE: &str = "e0";
pub(crate) const CLIENT_V4: &str = "192.0.2.1";
pub(crate) const SERVER_V4: &str = "192.0.2.2";
pub(crate) const SERVER_V6: &str = "2001:db8::2";
const CLIENT_V6: &str = "2001:db8::1";

/// What each wire needs.
pub(crate) const NEEDS: Need = Need::Checked { what: "root and network namespaces", missing };

/// The way between the hosts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Wire {
    /// A veth pair.
    Good,
    /// One that loses some packets and lets others overtake: netem, or where the kernel has none, a cable of ours.
    Bad,
}

/// Both hosts.
pub(crate) struct Hosts {
    client: Namespace,
    server: Namespace,
    /// Between them, where the wire is a program.
    _middle: Option<(Namespace, Process)>,
    /// What makes the wire bad.
    pub(crate) wire: &'static str,
}

impl Hosts {
    /// Makes them and connects them.
    pub(crate) fn connect(wire: Wire, place: &Place) -> Result<Self> {
        let (client, server) = (Namespace::make("client")?, Namespace::make("server")?);
        let number = client.number();
        let (mut middle, mut words) = (None, "a veth pair");
        if wire == Wire::Bad && !has_netem(&client)? {
            let between = Namespace::make("between")?;
            for (host, end) in [(&client, "left"), (&server, "right")] {
                pair(number, (host, WIRE), (&between, end))?;
            }
            middle = Some(between);
            words = "a cable of ours, since the kernel has no netem";
        } else {
            pair(number, (&client, WIRE), (&server, WIRE))?;
        }
        for (host, v4, v6) in [(&client, CLIENT_V4, CLIENT_V6), (&server, SERVER_V4, SERVER_V6)] {
            host.ip(&["address", "add", &format!("{v4}/24"), "dev", WIRE])?;
            host.ip(&["address", "add", &format!("{v6}/64"), "dev", WIRE, "nodad"])?;
            host.ip(&["link", "set", "lo", "up"])?;
            host.ip(&["link", "set", WIRE, "up"])?;
        }
        if wire == Wire::Bad {
            for host in [&client, &server] {
                // What passes a bad wire are packets as a card would send them.
                host.run("ethtool", &["-K", WIRE, "tx", "off", "tso", "off", "gso", "off", "gro", "off"])?;
                if middle.is_none() {
                    words = "netem";
                    let netem = ["qdisc", "replace", "dev", WIRE, "root", "netem", "seed", "1"];
                    let how = ["loss", "8%", "delay", "4ms", "1ms", "reorder", "30%", "50%"];
                    let without_seed = [&netem[..6], &how].concat();
                    host.run("tc", &[&netem[..], &how].concat())
                        .or_else(|_| host.run("tc", &without_seed))?;
                }
            }
        }
        let middle = match middle {
            Some(between) => {
                for end in ["left", "right"] {
                    between.ip(&["link", "set", end, "promisc", "on", "up"])?;
                }
                let script = place.write("cable.py", include_str!("cable.py"))?;
                let mut command = between.command("python3");
                command.arg(script).args(["left", "right", "8", "30"]);
                let log = place.join("cable.log");
                let process = Process::start("cable.py", &mut command, &log)?;
                super::wait_for("the cable", || Ok(std::fs::read_to_string(&log)?.contains("ready")))?;
                Some((between, process))
            }
            None => None,
        };
        Ok(Self { client, server, _middle: middle, wire: words })
    }

    /// How long packets may be, at both ends.
    pub(crate) fn set_mtu(&self, mtu: u32) -> Result<()> {
        for host in [&self.client, &self.server] {
            host.ip(&["link", "set", WIRE, "mtu", &mtu.to_string()])?;
        }
        Ok(())
    }

    /// A command that will run on the client's side.
    pub(crate) fn on_client(&self, program: &str) -> Command {
        self.client.command(program)
    }

    /// A command that will run on the server's side.
    pub(crate) fn on_server(&self, program: &str) -> Command {
        self.server.command(program)
    }

    /// Takes the wire away, at both ends.
    pub(crate) fn cut_wire(&self) -> Result<()> {
        self.server.ip(&["link", "delete", WIRE])
    }

    /// Switches the server's end off and on again.
    pub(crate) fn switch_wire(&self, state: &str) -> Result<()> {
        self.server.ip(&["link", "set", WIRE, state])
    }
}

/// One network namespace.
struct Namespace(String);

impl Namespace {
    fn make(role: &str) -> Result<Self> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("mtlscope-{}-{number}-{role}", std::process::id());
        made().push(name.clone());
        ip(&["netns", "add", &name])?;
        Ok(Self(name))
    }

    fn number(&self) -> u32 {
        self.0.split('-').nth(2).and_then(|number| number.parse().ok()).unwrap_or_default()
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new("ip");
        command.args(["netns", "exec", &self.0, program]);
        command
    }

    fn ip(&self, arguments: &[&str]) -> Result<()> {
        ip(&[&["-n", &self.0], arguments].concat())
    }

    fn run(&self, program: &str, arguments: &[&str]) -> Result<()> {
        let mut command = self.command(program);
        done(program, command.args(arguments))
    }
}

impl Drop for Namespace {
    fn drop(&mut self) {
        made().retain(|name| *name != self.0);
        // Its interfaces go with it.
        let _ = ip(&["netns", "delete", &self.0]);
    }
}

/// Removes every namespace there still is: for who ends us.
pub(crate) fn remove_all() {
    for name in made().drain(..) {
        let _ = ip(&["netns", "delete", &name]);
    }
}

fn made() -> std::sync::MutexGuard<'static, Vec<String>> {
    static MADE: Mutex<Vec<String>> = Mutex::new(Vec::new());
    MADE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A veth pair, each end in its namespace under its name there.
fn pair(number: u32, one: (&Namespace, &str), other: (&Namespace, &str)) -> Result<()> {
    // Names of interfaces are short, and until they are moved both are here.
    let [a, b] = ["a", "b"].map(|end| format!("mt{}x{number}{end}", std::process::id() % 1_000_000));
    ip(&["link", "add", &a, "type", "veth", "peer", "name", &b])?;
    for (name, (namespace, called)) in [(&a, one), (&b, other)] {
        ip(&["link", "set", name, "netns", &namespace.0, "name", called])?;
    }
    Ok(())
}

fn has_netem(namespace: &Namespace) -> Result<bool> {
    let mut command = namespace.command("tc");
    command.args(["qdisc", "replace", "dev", "lo", "root", "netem", "delay", "1ms"]);
    let ended = run_program(&mut command, "", LIMIT)?;
    let has_it = ended.code == Some(0);
    if has_it {
        namespace.run("tc", &["qdisc", "delete", "dev", "lo", "root"])?;
    }
    Ok(has_it)
}

/// What is missing to make hosts.
fn missing() -> Option<String> {
    if !nix::unistd::geteuid().is_root() {
        return Some("only root can make network namespaces".to_owned());
    }
    match Namespace::make("try") {
        Ok(_) => None,
        Err(error) => Some(format!("network namespaces cannot be made here: {error:#}")),
    }
}

fn ip(arguments: &[&str]) -> Result<()> {
    done("ip", Command::new("ip").args(arguments))
}

fn done(program: &str, command: &mut Command) -> Result<()> {
    let ended = run_program(command, "", LIMIT)?;
    ensure!(ended.code == Some(0), "{program} failed: {}", ended.text().trim());
    Ok(())
}

const LIMIT: Duration = Duration::from_secs(20);
