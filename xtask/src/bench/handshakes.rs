//! `cargo xtask bench --handshakes`: full handshakes with client certificates, a second of CPU each: `mtlscope serve`, which
//! dissects each, beside nginx, Apache and `openssl s_server`; and our client beside `openssl s_time`.
//!
//! The load comes from `openssl s_time`. What is compared is CPU time of the server's processes for a handshake, read from
//! `/proc`, in rounds in which all take turns; machines differ, so what counts is the ratio to nginx in one run.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};

use super::median;
use crate::measured;
use crate::peers::{Place, Process, free_port, run_program as run};
use crate::workspace::Workspace;

/// The kinds of keys, of authority, server and client alike, as `pki init` calls them; RSA has 2048 bits.
const KEYS: [&str; 2] = ["p256", "rsa"];
/// Versions, as `openssl s_time` and the table write them.
const VERSIONS: [(&str, &str); 2] = [("-tls1_3", "1.3"), ("-tls1_2", "1.2")];

/// Measures in so many rounds of so many seconds a server, and prints a table for each key and version.
pub(super) fn measure(workspace: &Workspace, bin: Option<&Path>, rounds: u32, seconds: u32) -> Result<()> {
    let program = workspace.program(bin)?;
    let place = Place::make()?;
    for key in KEYS {
        let pki = Pki::make(&program, &place, key)?;
        let servers = servers(&program, &place, &pki)?;
        for (option, version) in VERSIONS {
            let mut costs: BTreeMap<&str, Vec<Cost>> = BTreeMap::new();
            let mut connects = Vec::new();
            for _ in 0..rounds {
                connects.push(connect(&program, &servers, &pki, version)?);
                for server in &servers {
                    let cost = load(server, &pki, option, seconds).with_context(|| server.name.to_owned())?;
                    costs.entry(server.name).or_default().push(cost);
                }
            }
            print(key, version, &servers, &costs);
            let s_time = median(costs.get(NGINX).into_iter().flatten().map(|cost| cost.client));
            let ours = median(connects.into_iter());
            println!(
                "client against nginx: mtlscope connect {ours:.0} us of CPU a handshake with its request, openssl s_time \
                 {s_time:.0} us without one; x {:.2}",
                ours / s_time
            );
        }
    }
    Ok(())
}

/// What `mtlscope pki init` made.
struct Pki {
    folder: PathBuf,
}

impl Pki {
    fn make(program: &Path, place: &Place, key: &str) -> Result<Self> {
        let folder = place.join(key);
        let mut command = Command::new(program);
        command.args(["pki", "init", "--no-zoo", "--key", key]).arg(&folder);
        let ended = run(&mut command, "", Duration::from_secs(60))?;
        ensure!(ended.code == Some(0), "mtlscope pki init: {}", ended.text().trim());
        Ok(Self { folder })
    }

    fn path(&self, name: &str) -> String {
        self.folder.join(name).display().to_string()
    }
}

/// A server that runs.
struct Server {
    name: &'static str,
    port: u16,
    process: Process,
}

fn servers(program: &Path, place: &Place, pki: &Pki) -> Result<Vec<Server>> {
    let mut servers = Vec::new();
    for name in [NGINX, APACHE, S_SERVER, OURS] {
        let port = free_port()?;
        let mut command = match name {
            NGINX => nginx(place, pki, port)?,
            APACHE => apache(place, pki, port)?,
            S_SERVER => s_server(pki, port),
            _ => ours(program, pki, port),
        };
        let log = place.join(&format!("{port}.log"));
        let mut process = Process::start(name, &mut command, &log)?;
        process.ready(&[port])?;
        servers.push(Server { name, port, process });
    }
    Ok(servers)
}

fn ours(program: &Path, pki: &Pki, port: u16) -> Command {
    let mut command = Command::new(program);
    command.args(["serve", "--json", "--verify-client", "require", "--verify-depth", "3"]);
    command.args(["--session-tickets", "off", "--listen", &format!("127.0.0.1:{port}")]);
    command.args(["--cert", &pki.path("server.pem"), "--key", &pki.path("server.key")]);
    command.args(["--ca-certificate", &pki.path(CA_FILE)]);
    command
}

fn s_server(pki: &Pki, port: u16) -> Command {
    let mut command = Command::new("openssl");
    command.args([
        "s_server",
        "-accept",
        &format!("127.0.0.1:{port}"),
        "-www",
        "-quiet",
        "-no_ticket",
        "-no_cache",
    ]);
    command.args(["-cert", &pki.path("server.pem"), "-cert_chain", &pki.path("server.pem")]);
    command.args(["-key", &pki.path("server.key"), "-CAfile", &pki.path(CA_FILE)]);
    command.args(["-Verify", "3", "-verify_return_error", "-verify_quiet"]);
    command
}

fn nginx(place: &Place, pki: &Pki, port: u16) -> Result<Command> {
    let folder = place.own_folder("nginx")?;
    let run = folder.display();
    let conf = format!(
        "pid {run}/pid; error_log {run}/error.log crit; worker_processes 1; daemon off;\n\
         events {{ worker_connections 1024; }}\nhttp {{ access_log off; client_body_temp_path {run}/b; \
         proxy_temp_path {run}/p; fastcgi_temp_path {run}/f; uwsgi_temp_path {run}/u; scgi_temp_path {run}/s;\n\
         ssl_session_cache off; ssl_session_tickets off; keepalive_timeout 0;\n\
         server {{ listen 127.0.0.1:{port} ssl; ssl_protocols TLSv1.2 TLSv1.3; ssl_certificate {}; \
         ssl_certificate_key {}; ssl_client_certificate {}; ssl_verify_depth 3; ssl_verify_client on;\n\
         location / {{ return 200 \"ok\"; }} }} }}\n",
        pki.path("server.pem"),
        pki.path("server.key"),
        pki.path(CA_FILE),
    );
    std::fs::write(folder.join("nginx.conf"), conf)?;
    let mut command = Command::new("nginx");
    command.args(["-e", "stderr", "-c"]).arg(folder.join("nginx.conf"));
    Ok(command)
}

fn apache(place: &Place, pki: &Pki, port: u16) -> Result<Command> {
    let folder = place.own_folder("apache")?;
    let run = folder.display();
    let mut conf = String::new();
    for (module, file) in [("mpm_event", "mpm_event"), ("authz_core", "authz_core"), ("ssl", "ssl")] {
        writeln!(conf, "LoadModule {module}_module /usr/lib/apache2/modules/mod_{file}.so")?;
    }
    writeln!(
        conf,
        "ServerRoot {run}\nPidFile {run}/pid\nDefaultRuntimeDir {run}\nServerName localhost\nUser www-data\n\
         Group www-data\nErrorLog {run}/error.log\nLogLevel crit\nMutex file:{run}\nKeepAlive Off\n\
         SSLSessionCache none\nSSLSessionTickets off\nDocumentRoot {run}\n<Directory {run}>\nRequire all granted\n\
         </Directory>\nListen 127.0.0.1:{port}\n<VirtualHost 127.0.0.1:{port}>\nSSLEngine on\nSSLCertificateFile {}\n\
         SSLCertificateKeyFile {}\nSSLCACertificateFile {}\nSSLVerifyClient require\nSSLVerifyDepth 3\n</VirtualHost>",
        pki.path("server.pem"),
        pki.path("server.key"),
        pki.path(CA_FILE),
    )?;
    std::fs::write(folder.join("apache.conf"), conf)?;
    let mut command = Command::new("apache2");
    command.arg("-f").arg(folder.join("apache.conf")).arg("-DFOREGROUND");
    Ok(command)
}

/// What one load came to.
struct Cost {
    /// CPU of the server's processes for a handshake, in microseconds.
    server: f64,
    /// CPU of `openssl s_time` for a handshake, in microseconds.
    client: f64,
}

/// Full handshakes by `openssl s_time` for so many seconds.
fn load(server: &Server, pki: &Pki, version: &str, seconds: u32) -> Result<Cost> {
    let mut command = Command::new("openssl");
    command.args(["s_time", "-connect", &format!("127.0.0.1:{}", server.port), "-new", version]);
    command.args([
        "-time",
        &seconds.to_string(),
        "-cert",
        &pki.path("client.pem"),
        "-key",
        &pki.path("client.key"),
    ]);
    command.args(["-CAfile", &pki.path(CA_FILE)]);
    let before = cpu(server.process.id())?;
    let ended = run(&mut command, "", Duration::from_secs(u64::from(seconds) + 20))?;
    let spent = cpu(server.process.id())? - before;
    let text = ended.text();
    // `1234 connections in 1.02s; 1209.80 connections/user sec, bytes read 0`
    let line = text.lines().find(|line| line.contains(" connections in ") && line.contains("user sec"));
    let line = line.with_context(|| format!("openssl s_time: {}", text.trim()))?;
    let number =
        |word: Option<&str>| word.and_then(|word| word.trim_end_matches(['s', ';']).parse::<f64>().ok());
    let mut words = line.split_whitespace();
    let (count, own) = (number(words.next()), number(words.nth(2)));
    let (Some(count), Some(own)) = (count, own) else { bail!("openssl s_time says: {line}") };
    ensure!(count > 10.0, "{count} handshakes are too few: {}", text.trim());
    Ok(Cost { server: spent / count * 1e6, client: own / count * 1e6 })
}

/// CPU of `mtlscope connect` for a handshake and its request to nginx, in microseconds: many in one process.
fn connect(program: &Path, servers: &[Server], pki: &Pki, version: &str) -> Result<f64> {
    const CALLS: usize = 200;
    let nginx = servers.iter().find(|server| server.name == NGINX).context("nginx does not run")?;
    let mut arguments: Vec<String> =
        ["connect", "--output-json", "--http1.1", "--tls-max", version].map(str::to_owned).to_vec();
    arguments.push(format!("--tlsv{version}"));
    for (option, file) in [("--cacert", CA_FILE), ("--cert", "client.pem"), ("--key", "client.key")] {
        arguments.extend([option.to_owned(), pki.path(file)]);
    }
    arguments.extend(std::iter::repeat_n(format!("https://localhost:{}/", nginx.port), CALLS));
    let arguments: Vec<OsString> = arguments.into_iter().map(OsString::from).collect();
    let cost = measured::cost(program, &arguments, Duration::from_secs(120))?;
    ensure!(cost.code == Some(0), "mtlscope connect ended with {:?}", cost.code);
    Ok(cost.cpu_seconds / CALLS as f64 * 1e6)
}

/// CPU seconds of a process and all that it started, from `/proc`.
pub(super) fn cpu(id: u32) -> Result<f64> {
    let (mut ticks, mut left) = (0, vec![id]);
    while let Some(id) = left.pop() {
        let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).context("the server has ended")?;
        let fields: Vec<&str> =
            stat.rsplit_once(") ").map_or("", |(_, rest)| rest).split_whitespace().collect();
        // User and system time are the fields 14 and 15 of proc(5), the first two gone with the name.
        ticks += [11, 12].iter().filter_map(|at| fields.get(*at)?.parse::<u64>().ok()).sum::<u64>();
        let children = std::fs::read_to_string(format!("/proc/{id}/task/{id}/children")).unwrap_or_default();
        left.extend(children.split_whitespace().filter_map(|child| child.parse::<u32>().ok()));
    }
    // A tick is a hundredth of a second on every Linux of today.
    Ok(ticks as f64 / 100.0)
}

fn print(key: &str, version: &str, servers: &[Server], costs: &BTreeMap<&str, Vec<Cost>>) {
    let of = |name: &str| median(costs.get(name).into_iter().flatten().map(|cost| cost.server));
    println!("\n{key}, TLS {version}, client certificate required");
    println!(
        "| server | rounds | CPU us a handshake | handshakes a CPU second | x nginx | s_time's CPU us |"
    );
    println!("|---|---|---|---|---|---|");
    for server in servers {
        let client = median(costs.get(server.name).into_iter().flatten().map(|cost| cost.client));
        println!(
            "| {} | {} | {:.0} | {:.0} | {:.2} | {client:.0} |",
            server.name,
            costs.get(server.name).map_or(0, Vec::len),
            of(server.name),
            1e6 / of(server.name),
            of(server.name) / of(NGINX),
        );
    }
}

/// The same for all. With the intermediate inside, for s_time sends no more of a file than the first certificate, and
/// completes its chain from here.
const CA_FILE: &str = "ca-chain.pem";
const NGINX: &str = "nginx";
const APACHE: &str = "Apache";
const S_SERVER: &str = "openssl s_server";
const OURS: &str = "mtlscope serve";
