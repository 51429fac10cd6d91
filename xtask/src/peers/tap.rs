//! Part `tap`: curl calls real servers through `mtlscope tap`, by each way to point a client at it, with and without a key log. What
//! the tap tells is what the servers' logs say.

use std::process::Command;

use anyhow::{Context, Result};

use super::client::{Call, LIMIT, Version};
use super::place::free_port;
use super::rig::at_once;
use super::serve::Serving;
use super::suite::Bench;
use super::table::Row;
use super::{ours, process};
use crate::tally::Tally;

/// Whom curl calls: who refuses in the handshake, and who refuses in HTTP.
const SERVERS: [&str; 2] = ["apache-require", "nginx-on"];
const CERTIFICATES: [&str; 3] = ["none", "good", "leaf-expired"];

/// How curl is led to the tap.
#[derive(Clone, Copy)]
enum Way {
    InPlaceOfTheServer,
    HttpProxy,
    Socks,
}

pub(super) fn run(bench: &Bench<'_>) -> Result<Tally> {
    let mut work = Vec::new();
    for server in SERVERS {
        for way in [Way::InPlaceOfTheServer, Way::HttpProxy, Way::Socks] {
            work.extend([true, false].map(|with_keys| (server, way, with_keys)));
        }
    }
    let mut tally = Tally::default();
    for counted in at_once(&work, |(server, way, with_keys)| {
        calls(bench, server, *way, *with_keys).unwrap_or_else(|error| {
            println!("  tap / {server}, {}: {error:#}", way.name());
            Tally::one(false)
        })
    }) {
        tally += counted;
    }
    Ok(tally)
}

/// All calls of one server through one tap.
fn calls(bench: &Bench<'_>, server: &str, way: Way, with_keys: bool) -> Result<Tally> {
    let to = bench.rig.server(server).context("no such server")?;
    let port = free_port()?;
    let keys = bench.rig.place.join(&format!("tap-{port}.keys"));
    let mut tap = Command::new(bench.program);
    tap.args(["tap", "--json", "--listen", &format!("127.0.0.1:{port}")]);
    match way {
        Way::InPlaceOfTheServer => tap.args(["--to", &format!("localhost:{}", to.port)]),
        Way::HttpProxy => tap.arg("--http-proxy"),
        Way::Socks => tap.arg("--socks"),
    };
    if with_keys {
        tap.arg("--keylog").arg(&keys);
    }
    let mut tap = Serving::of("tap", tap, &bench.rig.place, port)?;
    let mut tally = Tally::default();
    let is_called = |row: &&Row| {
        row.key.server == server
            && row.key.client == "curl"
            && CERTIFICATES.contains(&row.key.certificate.as_str())
    };
    for row in bench.rows.iter().filter(is_called) {
        let call = Call {
            port: to.port,
            path: to.path,
            version: Version::of(&row.key.version)?,
            identity: bench.rig.authority.identity(&row.key.certificate)?,
            root: &bench.rig.authority.root,
        };
        let mut curl = way.curl(&call, port);
        curl.env("SSLKEYLOGFILE", &keys);
        let curl = process::run(&mut curl, "", LIMIT)?;
        let told = tap.told().with_context(|| format!("{}; curl: {}", row.key, curl.text()))?;
        let key = format!("{}, {}, {} keys", row.key, way.name(), if with_keys { "with" } else { "without" });
        // Without keys nobody sees HTTP. Whether TLS itself was refused is seen all the same.
        let is_seen = |column: &str| {
            with_keys
                || matches!(column, "requested" | "answer")
                || column == "outcome" && row.happened.layer == "tls"
        };
        let mut differences = ours::differences(row, &told);
        differences.retain(|one| is_seen(one.column));
        if with_keys != told.decrypted_with.is_some() {
            println!("  tap / {key}: decrypted with {:?}", told.decrypted_with);
        }
        let is_right = with_keys == told.decrypted_with.is_some();
        let is_known = |one: &ours::Difference| {
            let text = format!("the peers say {}; the tap says {}", one.known, one.ours);
            bench.known.accepts("tap", &key, one.column, &text)
        };
        tally += Tally::one(is_right && differences.iter().filter(|one| !is_known(one)).count() == 0);
    }
    tap.stop()?;
    Ok(tally)
}

impl Way {
    fn name(self) -> &'static str {
        match self {
            Self::InPlaceOfTheServer => "in place of the server",
            Self::HttpProxy => "by HTTPS_PROXY",
            Self::Socks => "by ALL_PROXY",
        }
    }

    fn curl(self, call: &Call<'_>, tap: u16) -> Command {
        let mut command = Command::new("curl");
        command.args(["-sS", "--http1.1", "--max-time", "10", "-o", "/dev/null", "--cacert"]).arg(call.root);
        command.arg(format!("--tlsv{}", call.version.number())).args(["--tls-max", call.version.number()]);
        if let Some(identity) = call.identity {
            command.arg("-E").arg(&identity.chain).arg("--key").arg(&identity.key);
        }
        for name in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy"] {
            command.env_remove(name);
        }
        match self {
            Self::InPlaceOfTheServer => command.args(["--connect-to", &format!("::127.0.0.1:{tap}")]),
            Self::HttpProxy => command.env("HTTPS_PROXY", format!("http://127.0.0.1:{tap}")),
            Self::Socks => command.env("ALL_PROXY", format!("socks5h://127.0.0.1:{tap}")),
        };
        command.arg(call.url());
        command
    }
}
