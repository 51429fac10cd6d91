//! The certificates of the suite, in the forms that the peers want.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

use super::place::Place;
use super::process;

/// The authority that the servers trust, the servers' own certificate, and the clients' good and flawed ones.
pub(crate) struct Authority {
    /// The root, which every server and every client trusts.
    pub(crate) root: PathBuf,
    /// The servers' certificate with what stands between it and the root, and its key.
    pub(crate) server: Identity,
    /// The lists of revoked certificates of every authority of the chain, in one file.
    pub(crate) revoked: PathBuf,
    /// The clients' certificates.
    identities: Vec<Identity>,
}

/// A certificate with its chain and its key.
pub(crate) struct Identity {
    /// Its name in the table: `good`, or its one flaw.
    pub(crate) name: String,
    /// The chain that is sent, in PEM.
    pub(crate) chain: PathBuf,
    pub(crate) key: PathBuf,
    /// All of it in PKCS#12, with [`PASSWORD`].
    pub(crate) p12: PathBuf,
    /// Chain and key in one PEM file.
    pub(crate) both: PathBuf,
}

/// No certificate at all.
pub(crate) const NONE: &str = "none";
/// The one without a flaw.
pub(crate) const GOOD: &str = "good";

/// The flaws, in the order of the table, named as the zoo names them.
pub(crate) const FLAWS: [&str; 8] = [
    "leaf-expired",
    "eku-missing-clientauth",
    "unknown-ca",
    "leaf-signature-invalid",
    "self-signed-client-cert",
    "chain-incomplete-intermediate-missing",
    "wrong-private-key",
    REVOKED,
];

/// The flaw that only a server with a list of revoked certificates can see.
pub(crate) const REVOKED: &str = "leaf-revoked";

/// Of every PKCS#12 file here. It protects nothing: the keys live as long as the test.
pub(crate) const PASSWORD: &str = "changeit";

impl Authority {
    /// Lets the program make an authority with its zoo, and gathers what the suite needs of it.
    pub(crate) fn make(place: &Place, program: &Path) -> Result<Self> {
        let folder = place.join("pki");
        let mut command = Command::new(program);
        command.args(["pki", "init", "--pass", PASSWORD]).arg(&folder);
        let ended = process::run(&mut command, "", Duration::from_secs(60))?;
        ensure!(ended.code == Some(0), "mtlscope pki init: {}", ended.text().trim());
        let manifest =
            std::fs::read(folder.join("manifest.json")).context("mtlscope pki init wrote no manifest")?;
        let manifest: Manifest =
            serde_json::from_slice(&manifest).context("the manifest is not as expected")?;
        let client = manifest.clients.first().context("the authority has no client")?;
        let mut identities = vec![Identity::gather(GOOD, &folder, client)?];
        for flaw in FLAWS {
            let specimen = manifest.zoo.iter().find(|specimen| specimen.name == flaw);
            let specimen = specimen.with_context(|| format!("there is no {flaw} in the zoo"))?;
            identities.push(Identity::gather(flaw, &folder, specimen)?);
        }
        Ok(Self {
            root: folder.join(&manifest.trust.root),
            server: Identity::gather("server", &folder, &manifest.server)?,
            revoked: folder.join(&manifest.trust.revocation_lists),
            identities,
        })
    }

    /// The certificate with this name in the table; none for [`NONE`].
    pub(crate) fn identity(&self, name: &str) -> Result<Option<&Identity>> {
        if name == NONE {
            return Ok(None);
        }
        let found = self.identities.iter().find(|identity| identity.name == name);
        found.map(Some).with_context(|| format!("there is no certificate {name}"))
    }
}

impl Identity {
    /// Finds the files of one certificate, and makes the form that the program does not.
    fn gather(name: &str, folder: &Path, entry: &Entry) -> Result<Self> {
        let (chain, key) = (folder.join(&entry.certificate), folder.join(&entry.key));
        let both = folder.join(format!("{name}.both.pem"));
        let text = [std::fs::read(&chain)?, std::fs::read(&key)?].concat();
        std::fs::write(&both, text)?;
        let p12 = folder.join(&entry.pkcs12);
        Ok(Self { name: name.to_owned(), chain, key, p12, both })
    }
}

/// What `manifest.json` says, as far as it is needed here.
#[derive(Deserialize)]
struct Manifest {
    trust: Trust,
    server: Entry,
    clients: Vec<Entry>,
    zoo: Vec<Entry>,
}

#[derive(Deserialize)]
struct Trust {
    root: String,
    revocation_lists: String,
}

#[derive(Deserialize)]
struct Entry {
    name: String,
    certificate: String,
    key: String,
    pkcs12: String,
}
