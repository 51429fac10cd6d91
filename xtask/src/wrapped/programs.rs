//! The programs that are wrapped, and how each is called.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, ensure};

use super::scene::{ADDRESS, Scene};
use super::{PATIENCE, run_program};
use crate::tshark::on_path;

/// The table's head, as it stands in `docs/run.md`.
pub(super) const HEAD: &str = "\
| program | all means | the library alone | the proxy alone |
|---|---|---|---|";

/// A program that is wrapped.
pub(super) struct Program {
    /// As the table names it.
    pub(super) name: &'static str,
    pub(super) command: fn(&Scene) -> Result<Vec<String>>,
    /// Why it cannot be tried here.
    pub(super) missing: fn() -> Option<String>,
}

pub(super) static PROGRAMS: &[Program] = &[
    Program { name: "curl (OpenSSL)", command: curl, missing: nothing },
    Program { name: "wget (GnuTLS)", command: wget, missing: nothing },
    Program { name: "Python requests", command: python_requests, missing: nothing },
    Program { name: "Python http.client, own SSLContext", command: python_http, missing: nothing },
    Program { name: "Node fetch", command: node, missing: nothing },
    Program { name: "Java HttpClient", command: java, missing: nothing },
    Program { name: "openssl s_client", command: openssl, missing: nothing },
    Program { name: "psql (STARTTLS of PostgreSQL)", command: psql, missing: no_postgres },
    Program { name: "a shell script that calls curl", command: script, missing: nothing },
    Program { name: "statically linked, honours HTTPS_PROXY", command: statically, missing: nothing },
    Program { name: "statically linked, does not", command: statically_deaf, missing: nothing },
    Program { name: "Go net/http", command: go, missing: no_go },
    Program { name: "linked with musl, deaf to HTTPS_PROXY", command: musl, missing: no_musl },
    Program { name: "statically linked with musl", command: musl_statically, missing: no_musl },
    Program { name: "curl, set-user-ID of another user", command: set_uid, missing: no_root },
];

fn nothing() -> Option<String> {
    None
}

fn no_root() -> Option<String> {
    (!is_truly_root()).then(|| "needs root outside the namespace too".to_owned())
}

fn no_postgres() -> Option<String> {
    postgres_programs()
        .is_none()
        .then(|| "needs a PostgreSQL server (postgresql), setpriv, and root".to_owned())
}

/// Neither is installed by `--install`: Go alone is as large as all else together.
fn no_go() -> Option<String> {
    on_path("go").is_none().then(|| "needs Go (golang-go)".to_owned())
}

fn no_musl() -> Option<String> {
    on_path("musl-gcc").is_none().then(|| "needs musl-gcc (musl-tools)".to_owned())
}

/// Whether we are root, and not only by the mapping of a namespace.
fn is_truly_root() -> bool {
    let map = std::fs::read_to_string("/proc/self/uid_map").unwrap_or_default();
    let outside = map.split_whitespace().nth(1).unwrap_or_default();
    nix::unistd::geteuid().is_root() && outside == "0"
}

/// Where PostgreSQL's programs are, if its server can be started.
pub(super) fn postgres_programs() -> Option<PathBuf> {
    let user = std::fs::read_to_string("/etc/passwd").ok()?.lines().any(|line| line.starts_with("postgres:"));
    if !is_truly_root() || !user {
        return None;
    }
    let versions = Path::new("/usr/lib/postgresql").read_dir().ok()?;
    versions.flatten().map(|version| version.path().join("bin")).find(|bin| bin.join("postgres").is_file())
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

pub(super) fn curl(scene: &Scene) -> Result<Vec<String>> {
    Ok(words(&[
        "curl",
        "--silent",
        "--show-error",
        "--cacert",
        &scene.pki("ca.pem"),
        "--cert",
        &scene.pki("client.pem"),
        "--key",
        &scene.pki("client.key"),
        &scene.url(),
    ]))
}

fn wget(scene: &Scene) -> Result<Vec<String>> {
    let authority = format!("--ca-certificate={}", scene.pki("ca.pem"));
    Ok(words(&["wget", "--quiet", "--output-document=-", &authority, &scene.url()]))
}

fn python_requests(scene: &Scene) -> Result<Vec<String>> {
    let script = scene.write("requests_get.py", include_str!("requests_get.py"))?;
    Ok(words(&["python3", &script, &scene.url(), &scene.pki("ca.pem")]))
}

fn python_http(scene: &Scene) -> Result<Vec<String>> {
    let script = scene.write("http_get.py", include_str!("http_get.py"))?;
    Ok(words(&["python3", &script, &scene.url(), &scene.pki("ca.pem")]))
}

fn node(scene: &Scene) -> Result<Vec<String>> {
    Ok(words(&["node", &scene.write("get.mjs", include_str!("get.mjs"))?, &scene.url()]))
}

fn java(scene: &Scene) -> Result<Vec<String>> {
    let program = scene.write("Get.java", include_str!("Get.java"))?;
    Ok(words(&["java", "-XX:TieredStopAtLevel=1", &program, &scene.url(), &scene.pki("ca.pem")]))
}

fn openssl(scene: &Scene) -> Result<Vec<String>> {
    let server = scene.url().replace("https://", "").replace('/', "");
    Ok(words(&["openssl", "s_client", "-connect", &server, "-CAfile", &scene.pki("ca.pem")]))
}

fn psql(scene: &Scene) -> Result<Vec<String>> {
    ensure!(scene.has_postgres(), "the PostgreSQL server did not start");
    let to = format!("host={ADDRESS} user=postgres sslmode=verify-full sslrootcert={}", scene.pki("ca.pem"));
    Ok(words(&["psql", "--no-psqlrc", "--command", "select 1", &to]))
}

fn script(scene: &Scene) -> Result<Vec<String>> {
    Ok(words(&["sh", "-c", &format!("true; {}; true", curl(scene)?.join(" "))]))
}

fn statically(scene: &Scene) -> Result<Vec<String>> {
    client_in_c(scene, "static-client", "cc", &["-static"])
}

fn statically_deaf(scene: &Scene) -> Result<Vec<String>> {
    Ok([statically(scene)?, words(&["deaf"])].concat())
}

fn musl(scene: &Scene) -> Result<Vec<String>> {
    Ok([client_in_c(scene, "musl-client", "musl-gcc", &[])?, words(&["deaf"])].concat())
}

fn musl_statically(scene: &Scene) -> Result<Vec<String>> {
    client_in_c(scene, "static-musl-client", "musl-gcc", &["-static"])
}

/// The program of `static_client.c`, made so.
fn client_in_c(scene: &Scene, name: &str, compiler: &str, options: &[&str]) -> Result<Vec<String>> {
    let source = scene.write("static_client.c", include_str!("static_client.c"))?;
    let program = scene.path(name).display().to_string();
    let mut make = Command::new(compiler);
    let made = run_program(make.args(options).args(["-o", &program, &source]), "", PATIENCE)?;
    ensure!(made.code == Some(0), "{compiler} {options:?}: {}", made.text());
    Ok(words(&[&program, ADDRESS, "8443"]))
}

fn go(scene: &Scene) -> Result<Vec<String>> {
    let source = scene.write("get.go", include_str!("get.go"))?;
    let program = scene.path("go-client").display().to_string();
    let mut make = Command::new("go");
    // Nothing is looked for in the net, and nothing is left in the home.
    make.env("GOTOOLCHAIN", "local").env("GOCACHE", scene.path("go-cache")).env("GOPATH", scene.path("go"));
    let made = run_program(make.args(["build", "-o", &program, &source]), "", PATIENCE)?;
    ensure!(made.code == Some(0), "go build: {}", made.text());
    Ok(words(&[&program, &scene.url(), &scene.pki("ca.pem")]))
}

fn set_uid(scene: &Scene) -> Result<Vec<String>> {
    let program = scene.path("set-uid-curl").display().to_string();
    let curl = curl(scene)?;
    let copy =
        format!("cp \"$(command -v curl)\" {program} && chown 65534 {program} && chmod 4755 {program}");
    let made = run_program(Command::new("sh").args(["-c", &copy]), "", PATIENCE)?;
    ensure!(made.code == Some(0), "{}", made.text());
    // It may not read the client's key.
    let mut words = words(&[&program, "--silent", "--show-error", "--cacert", &scene.pki("ca.pem")]);
    words.extend(curl.last().cloned());
    Ok(words)
}
