//! Where the programs play: addresses of documentation ranges on the loopback interface of a namespace, our own test server, and
//! where it can be had a PostgreSQL server.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

use super::{PATIENCE, Process, run_program};
use crate::peers::Place;

/// Where the servers are.
pub(crate) const ADDRESS: &str = "192.0.2.1";
pub(crate) const ADDRESS6: &str = "2001:db8::1";
/// Our own server's port.
const PORT: u16 = 8443;
/// PostgreSQL's.
const POSTGRES: u16 = 5432;

/// The scene, which is gone when dropped.
pub(crate) struct Scene {
    place: Place,
    bin: PathBuf,
    postgres: Option<Process>,
    _server: Process,
}

impl Scene {
    /// Sets it up, in the namespace that we are in.
    pub(super) fn set(bin: &Path) -> Result<Self> {
        for arguments in [
            &["link", "set", "lo", "up"][..],
            &["address", "add", &format!("{ADDRESS}/32"), "dev", "lo"],
            &["address", "add", &format!("{ADDRESS6}/128"), "dev", "lo", "nodad"],
        ] {
            let done = run_program(Command::new("ip").args(arguments), "", PATIENCE)?;
            ensure!(done.code == Some(0), "ip {arguments:?}: {}", done.text());
        }
        let place = Place::make()?;
        let pki = place.join("pki");
        let mut init = Command::new(bin);
        init.args(["pki", "init", "--no-zoo", "--server-name", ADDRESS, "--server-name", ADDRESS6]).arg(&pki);
        let made = run_program(&mut init, "", PATIENCE)?;
        ensure!(made.code == Some(0), "mtlscope pki init: {}", made.text());
        let mut serve = Command::new(bin);
        serve.args(["serve", "--listen", &format!("[::]:{PORT}"), "--pki"]).arg(&pki);
        let mut server = Process::start("mtlscope serve", &mut serve, &place.join("serve.log"))?;
        server.ready(&[PORT])?;
        let postgres = postgres(&place, &pki)?;
        Ok(Self { place, bin: bin.to_owned(), postgres, _server: server })
    }

    pub(super) fn url(&self) -> String {
        format!("https://{ADDRESS}:{PORT}/")
    }

    /// A file of the authority.
    pub(super) fn pki(&self, name: &str) -> String {
        self.place.join("pki").join(name).display().to_string()
    }

    pub(super) fn write(&self, name: &str, content: &str) -> Result<String> {
        Ok(self.place.write(name, content)?.display().to_string())
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.place.join(name)
    }

    /// Whether a PostgreSQL server runs.
    pub(super) fn has_postgres(&self) -> bool {
        self.postgres.is_some()
    }

    /// What `mtlscope run` tells of a command.
    pub(super) fn told(&self, command: &[String], without: Option<&str>) -> Result<String> {
        let file = self.place.join("told.txt");
        let mut run = Command::new(&self.bin);
        run.arg("run").arg("--output").arg(&file);
        run.env("NODE_EXTRA_CA_CERTS", self.pki("ca.pem"));
        if let Some(without) = without {
            run.args(["--without", without]);
        }
        let ended = run_program(run.arg("--").args(command), "", PATIENCE)?;
        let told = std::fs::read_to_string(&file).unwrap_or_default();
        if ended.code != Some(0) {
            bail!("mtlscope run {command:?}: exit code {:?}\n{}\n{told}", ended.code, ended.text());
        }
        if !ended.stderr.is_empty() {
            std::fs::write(self.place.join("stderr.txt"), &ended.stderr)?;
        }
        Ok(told)
    }

    /// What `mtlscope run --capture` tells of a command, and its exit code.
    pub(super) fn captured(&self, command: &[String]) -> Result<(String, Option<i32>)> {
        let file = self.place.join("captured.txt");
        let mut run = Command::new(&self.bin);
        run.args(["run", "--capture", "--interface", "lo", "--output"]).arg(&file);
        let ended = run_program(run.arg("--").args(command), "", PATIENCE)?;
        Ok((std::fs::read_to_string(&file).unwrap_or_default() + &ended.text(), ended.code))
    }

    /// What a command prints under `mtlscope run` by the library alone.
    pub(super) fn printed(&self, command: &[String]) -> Result<String> {
        let mut run = Command::new(&self.bin);
        run.args(["run", "--without", "proxy", "--output"]).arg(self.place.join("told.txt"));
        Ok(run_program(run.arg("--").args(command), "", PATIENCE)?.text())
    }
}

/// A PostgreSQL server with TLS, where there is one and we may become its user: it does not run as root.
fn postgres(place: &Place, pki: &Path) -> Result<Option<Process>> {
    let Some(programs) = super::programs::postgres_programs() else { return Ok(None) };
    let data = place.join("postgres");
    std::fs::create_dir(&data)?;
    for (from, to) in [("server.pem", "server.crt"), ("server.key", "server.key")] {
        std::fs::copy(pki.join(from), data.join(to))?;
    }
    let own = Command::new("chown").args(["-R", "postgres"]).arg(&data).status()?;
    ensure!(own.success(), "cannot give {} to postgres", data.display());
    let as_postgres = |program: &str| {
        let mut command = Command::new("setpriv");
        command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups"]).arg(programs.join(program));
        command.current_dir(&data);
        command
    };
    let tables = data.join("tables");
    let mut init = as_postgres("initdb");
    let made = run_program(init.args(["--auth=trust", "--no-sync", "--pgdata"]).arg(&tables), "", PATIENCE)?;
    ensure!(made.code == Some(0), "initdb: {}", made.text());
    std::fs::write(tables.join("pg_hba.conf"), "hostssl all all all trust\n")?;
    let key = data.join("server.key");
    let private = Command::new("chmod").arg("600").arg(&key).status()?;
    ensure!(private.success(), "cannot make {} private", key.display());
    let mut serve = as_postgres("postgres");
    serve.arg("-D").arg(&tables);
    for setting in [
        format!("listen_addresses={ADDRESS}"),
        format!("port={POSTGRES}"),
        "ssl=on".to_owned(),
        format!("ssl_cert_file={}", data.join("server.crt").display()),
        format!("ssl_key_file={}", key.display()),
        format!("unix_socket_directories={}", data.display()),
        "fsync=off".to_owned(),
    ] {
        serve.args(["-c", &setting]);
    }
    let log = place.join("postgres.log");
    let process = Process::start("postgres", &mut serve, &log)?;
    let begin = Instant::now();
    while std::net::TcpStream::connect((ADDRESS, POSTGRES)).is_err() {
        ensure!(
            begin.elapsed() < PATIENCE,
            "postgres does not listen: {}",
            std::fs::read_to_string(&log).context("and says nothing")?
        );
        std::thread::sleep(Duration::from_millis(50));
    }
    Ok(Some(process))
}
