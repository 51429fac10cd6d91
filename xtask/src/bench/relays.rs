//! `cargo xtask bench --tap`: what `mtlscope tap` costs those whose connections pass through it, beside socat and HAProxy in TCP
//! mode, and no relay at all: throughput, the relay's CPU time, the time of a round trip, and of a whole connection.
//!
//! Both ends are threads of this program, which speak a TLS handshake and then records, without any cryptography, so that
//! the relay is what is measured, and ours has something to tell. All take turns in each round; what counts are ratios.

use std::collections::BTreeMap;
use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use super::handshakes::cpu;
use super::median;
use crate::peers::{Place, Process, free_port};
use crate::tshark::on_path;
use crate::workspace::Workspace;

/// What the server sends in the test of throughput, in bytes.
const BULK: usize = 1 << 30;
/// Round trips of a small record in one connection.
const ROUND_TRIPS: u32 = 10_000;
/// Connections, one after the other.
const CONNECTIONS: u32 = 1_000;
/// The content of a full record.
const RECORD: usize = 1 << 14;
/// The content of a small one.
const SMALL: usize = 64;

const DIRECT: &str = "no relay";
const SOCAT: &str = "socat";
const SOCAT_LARGE: &str = "socat -b 131072";
const HAPROXY: &str = "HAProxy, mode tcp";
const TAP: &str = "mtlscope tap";
const RECORDING: &str = "mtlscope tap -w";
const NAMES: [&str; 6] = [DIRECT, SOCAT, SOCAT_LARGE, HAPROXY, TAP, RECORDING];

/// What one relay came to in one round.
#[derive(Clone, Copy)]
struct Cost {
    megabytes_a_second: f64,
    /// CPU milliseconds of the relay for a gigabyte.
    cpu: f64,
    /// Microseconds.
    round_trip: f64,
    /// Microseconds.
    connection: f64,
}

/// Measures in so many rounds, and prints a table.
pub(super) fn measure(workspace: &Workspace, bin: Option<&Path>, rounds: u32) -> Result<()> {
    let program = workspace.program(bin)?;
    let place = Place::make()?;
    let server = serve()?;
    let mut costs: BTreeMap<&str, Vec<Cost>> = BTreeMap::new();
    for _ in 0..rounds {
        for name in NAMES {
            // One that has just begun, for each: what a recording has grown to is not to weigh on the next.
            let Some((address, relay)) = relay(name, &program, &place, server)? else {
                println!("{name} is left out: it is not installed");
                continue;
            };
            let cost = cost(address, relay.as_ref().map(Process::id)).with_context(|| name.to_owned())?;
            costs.entry(name).or_default().push(cost);
            drop(relay);
            let _ = std::fs::remove_file(place.join("passed.pcapng"));
        }
    }
    print(&costs);
    Ok(())
}

/// A relay to the server, and where it listens.
fn relay(
    name: &'static str,
    program: &Path,
    place: &Place,
    server: SocketAddr,
) -> Result<Option<(SocketAddr, Option<Process>)>> {
    if name == DIRECT {
        return Ok(Some((server, None)));
    }
    let port = free_port()?;
    let (listen, to) = (format!("127.0.0.1:{port}"), server.to_string());
    let mut command = match name {
        SOCAT | SOCAT_LARGE if on_path("socat").is_none() => return Ok(None),
        HAPROXY if on_path("haproxy").is_none() => return Ok(None),
        SOCAT | SOCAT_LARGE => {
            let mut command = Command::new("socat");
            if name == SOCAT_LARGE {
                command.args(["-b", "131072"]);
            }
            command.arg(format!("TCP4-LISTEN:{port},bind=127.0.0.1,fork,reuseaddr,nodelay"));
            command.arg(format!("TCP4:{to},nodelay"));
            command
        }
        HAPROXY => {
            let configuration = format!(
                "defaults\n mode tcp\n timeout connect 5s\n timeout client 60s\n timeout server 60s\n\
                 listen relay\n bind {listen}\n server s {to}\n"
            );
            let mut command = Command::new("haproxy");
            command.arg("-f").arg(place.write("haproxy.cfg", configuration)?);
            command
        }
        _ => {
            let mut command = Command::new(program);
            command.args(["tap", "--json", "--listen", &listen, "--to", &to]);
            if name == RECORDING {
                command.arg("-w").arg(place.join("passed.pcapng"));
            }
            command
        }
    };
    let mut process = Process::start(name, &mut command, &place.join(&format!("{port}.log")))?;
    process.ready(&[port])?;
    Ok(Some((([127, 0, 0, 1], port).into(), Some(process))))
}

fn cost(address: SocketAddr, relay: Option<u32>) -> Result<Cost> {
    let spent = || relay.map_or(Ok(0.0), cpu);
    let (before, start) = (spent()?, Instant::now());
    let mut stream = call(address, b'b')?;
    let mut buffer = vec![0; 256 * 1024];
    let mut left = BULK;
    while left > 0 {
        let length = stream.read(&mut buffer)?;
        if length == 0 {
            return Err(std::io::Error::from(ErrorKind::UnexpectedEof).into());
        }
        left = left.saturating_sub(length);
    }
    let seconds = start.elapsed().as_secs_f64();
    // While it is open, since the process that socat starts for it ends with it.
    let cpu = (spent()? - before) * 1e3 / (BULK as f64 / 1e9);
    drop(stream);

    let mut stream = call(address, b'r')?;
    let small = record(23, &[7; SMALL]);
    let mut answer = vec![0; small.len()];
    let start = Instant::now();
    for _ in 0..ROUND_TRIPS {
        stream.write_all(&small)?;
        stream.read_exact(&mut answer)?;
    }
    let round_trip = start.elapsed().as_secs_f64() / f64::from(ROUND_TRIPS) * 1e6;
    drop(stream);

    let start = Instant::now();
    for _ in 0..CONNECTIONS {
        drop(call(address, b'r')?);
    }
    let connection = start.elapsed().as_secs_f64() / f64::from(CONNECTIONS) * 1e6;
    Ok(Cost { megabytes_a_second: BULK as f64 / 1e6 / seconds, cpu, round_trip, connection })
}

/// A connection that has shaken hands, and says what it wants.
fn call(address: SocketAddr, wish: u8) -> Result<TcpStream> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(Duration::from_secs(60)))?;
    stream.write_all(&client_hello())?;
    stream.read_exact(&mut vec![0; server_hello().len()])?;
    stream.write_all(&record(23, &[wish]))?;
    Ok(stream)
}

/// A server that answers a hello, then does as it is asked, for as long as this process lives.
fn serve() -> Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            // A client that goes away ends it, as it should.
            thread::spawn(move || answer(stream));
        }
    });
    Ok(address)
}

fn answer(mut stream: TcpStream) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    stream.read_exact(&mut vec![0; client_hello().len()])?;
    stream.write_all(&server_hello())?;
    let mut wish = record(23, &[0]);
    stream.read_exact(&mut wish)?;
    if wish.last() == Some(&b'b') {
        // Four records at a time, as servers write.
        let bulk = record(23, &[7; RECORD]).repeat(4);
        let mut sent = 0;
        while sent < BULK {
            stream.write_all(&bulk)?;
            sent += bulk.len();
        }
        return Ok(());
    }
    let mut small = record(23, &[7; SMALL]);
    loop {
        stream.read_exact(&mut small)?;
        stream.write_all(&small)?;
    }
}

/// A ClientHello of TLS 1.2 with one suite.
fn client_hello() -> Vec<u8> {
    hello(1, &[0, 2, 0xc0, 0x2f, 1, 0])
}

fn server_hello() -> Vec<u8> {
    hello(2, &[0xc0, 0x2f, 0])
}

/// `rest`: what follows the session's empty name.
fn hello(kind: u8, rest: &[u8]) -> Vec<u8> {
    let body = [&[3, 3], &[7; 32][..], &[0], rest].concat();
    record(22, &[&[kind, 0, 0, body.len() as u8], &body[..]].concat())
}

fn record(kind: u8, content: &[u8]) -> Vec<u8> {
    let mut record = vec![kind, 3, 3];
    record.extend((content.len() as u16).to_be_bytes());
    record.extend(content);
    record
}

fn print(costs: &BTreeMap<&str, Vec<Cost>>) {
    let of = |name: &str, value: fn(&Cost) -> f64| median(costs.get(name).into_iter().flatten().map(value));
    let added = |name: &str, value: fn(&Cost) -> f64| of(name, value) - of(DIRECT, value);
    println!(
        "| relay | rounds | MB/s | x HAProxy | CPU ms a GB | round trip us | added us | x HAProxy | connection us | added us | x HAProxy |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|---|");
    for name in NAMES.into_iter().filter(|name| costs.contains_key(name)) {
        let added_ratio = |value| added(name, value) / added(HAPROXY, value);
        println!(
            "| {name} | {} | {:.0} | {:.2} | {:.0} | {:.1} | {:.1} | {:.2} | {:.0} | {:.0} | {:.2} |",
            costs.get(name).map_or(0, Vec::len),
            of(name, |cost| cost.megabytes_a_second),
            of(name, |cost| cost.megabytes_a_second) / of(HAPROXY, |cost| cost.megabytes_a_second),
            of(name, |cost| cost.cpu),
            of(name, |cost| cost.round_trip),
            added(name, |cost| cost.round_trip),
            added_ratio(|cost| cost.round_trip),
            of(name, |cost| cost.connection),
            added(name, |cost| cost.connection),
            added_ratio(|cost| cost.connection),
        );
    }
}
