//! `cargo xtask test --install`: brings what the suites need and this machine lacks, and says what it did.

use std::path::Path;
use std::process::{Command, Stdio};

use super::suites::{Need, Suite};
use crate::tshark::on_path;

/// Installs the Debian packages of every missing program. Never a failure: a suite that still lacks something says so.
pub(super) fn install(suites: &[&Suite]) {
    let packages = missing_packages(suites);
    if packages.is_empty() {
        println!("install: nothing is missing");
        return;
    }
    let wanted = packages.join(" ");
    if !Path::new("/etc/debian_version").exists() || on_path("apt-get").is_none() {
        println!("install: this is not Debian; install these yourself: {wanted}");
        return;
    }
    if !nix::unistd::geteuid().is_root() {
        println!("install: not root; run `apt-get install {wanted}` as root");
        return;
    }
    println!("install: apt-get install {wanted}");
    let mut install = vec!["install", "--yes", "--no-install-recommends"];
    install.extend(&packages);
    for arguments in [vec!["update"], install] {
        let status = Command::new("apt-get")
            .args(["-qq", "-o", "Dpkg::Use-Pty=0"])
            .args(&arguments)
            .env("DEBIAN_FRONTEND", "noninteractive")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .status();
        if !status.is_ok_and(|status| status.success()) {
            println!("install: apt-get {} failed; going on without", arguments[0]);
            return;
        }
    }
    println!("install: installed {wanted}");
}

fn missing_packages(suites: &[&Suite]) -> Vec<&'static str> {
    let missing = suites.iter().flat_map(|suite| suite.needs).filter_map(|need| match need {
        Need::Program { name, packages } if on_path(name).is_none() => Some(*packages),
        _ => None,
    });
    let mut packages: Vec<&str> = missing.flatten().copied().collect();
    packages.sort_unstable();
    packages.dedup();
    packages
}
