//! The certificates of the suite, in the forms that the peers want.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, ensure};

use super::place::Place;
use super::process;

/// The authority that the servers trust, the servers' own certificate, and the clients' good and flawed ones.
pub(crate) struct Authority {
    /// The root, which every server and every client trusts.
    pub(crate) root: PathBuf,
    /// The servers' certificate with what stands between it and the root, and its key.
    pub(crate) server: Identity,
    /// The lists of revoked certificates of all authorities of the chain, in one file.
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

/// The flaws, in the order of the table.
pub(crate) const FLAWS: [&str; 8] = [
    "expired",
    "wrong-authority",
    "self-signed",
    "missing-intermediate",
    "server-auth-only",
    "impostor",
    "wrong-key",
    "revoked",
];

/// Of every PKCS#12 file here. It protects nothing: the keys live as long as the test.
pub(crate) const PASSWORD: &str = "changeit";

impl Authority {
    pub(crate) fn make(place: &Place, shared: &Path) -> Result<Self> {
        let lab = shared.join("lab/pki");
        let folder = place.folder_for("pki")?;
        let copy = |from: &str, to: &str| -> Result<PathBuf> {
            let path = folder.join(to);
            std::fs::copy(lab.join(from), &path).with_context(|| format!("cannot copy {from}"))?;
            Ok(path)
        };
        let identity = |name: &str, from: &str| -> Result<Identity> {
            Identity::gather(
                name,
                &folder,
                copy(&format!("{from}.pem"), &format!("{name}.pem"))?,
                copy(&format!("{from}.key"), &format!("{name}.key"))?,
            )
        };
        Ok(Self {
            root: copy("root.pem", "root.pem")?,
            server: identity("server", "server")?,
            revoked: copy("root.crl", "revoked.crl")?,
            identities: vec![
                identity(GOOD, "good")?,
                identity("expired", "expired")?,
                identity("wrong-authority", "wrongca")?,
                identity("self-signed", "selfsigned")?,
                identity("missing-intermediate", "intmissing")?,
                identity("server-auth-only", "srveku")?,
                identity("impostor", "impostor")?,
                identity("revoked", "revoked")?,
            ],
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

    /// Each of the clients' certificates.
    pub(crate) fn identities(&self) -> &[Identity] {
        &self.identities
    }
}

impl Identity {
    /// Makes the other forms of a chain and its key.
    fn gather(name: &str, folder: &Path, chain: PathBuf, key: PathBuf) -> Result<Self> {
        let both = folder.join(format!("{name}.both.pem"));
        let text = [std::fs::read(&chain)?, std::fs::read(&key)?].concat();
        std::fs::write(&both, text)?;
        let p12 = folder.join(format!("{name}.p12"));
        let mut command = Command::new("openssl");
        command.args(["pkcs12", "-export", "-name", name, "-passout", &format!("pass:{PASSWORD}"), "-in"]);
        command.arg(&chain).arg("-inkey").arg(&key).arg("-out").arg(&p12);
        let ended = process::run(&mut command, "", Duration::from_secs(20))?;
        ensure!(ended.code == Some(0), "openssl pkcs12 of {name}: {}", ended.text().trim());
        Ok(Self { name: name.to_owned(), chain, key, p12, both })
    }
}
