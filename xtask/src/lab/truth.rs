//! What is known of a recording: `truth.json` and `meta.json` of `../shared/lab/cases/NAME`.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::Deserialize;

/// `truth.json`, as far as it is scored.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Truth {
    pub(crate) feature: Option<String>,
    /// One a conversation, as tshark read it with the keys.
    pub(crate) observed: Vec<Observed>,
    /// `accepted`, `refused by server: alert unknown_ca`, `refused by HTTP status 400`, `see scenario`, ...
    pub(crate) outcome: String,
    #[serde(default)]
    pub(crate) refusing_alert: Option<Alert>,
    #[serde(default)]
    pub(crate) server: Option<End>,
    #[serde(default)]
    pub(crate) client: Option<End>,
    #[serde(default)]
    pub(crate) configured: Option<Configuration>,
    /// `sent` or `none`, as both ends say.
    #[serde(default)]
    pub(crate) client_certificate_by_endpoints: Option<String>,
}

/// One of the two programs.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct End {
    pub(crate) stack: Option<String>,
    /// The client's: `good`, `wrongca`, `none`, ...
    pub(crate) certificate_configured: Option<String>,
}

/// What the server was told to do.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Configuration {
    /// True, false, or a sentence on when it asks.
    requested: serde_json::Value,
}

impl Configuration {
    /// Whether the server asks in the handshake, where that is all there is to say.
    pub(crate) fn requested(&self) -> Option<bool> {
        self.requested.as_bool()
    }
}

/// One conversation. Null and `not decrypted` say that no key exists to know it by.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Observed {
    /// `10.77.0.2:46744`; none where the packets are cut too short to tell.
    pub(crate) client: Option<String>,
    pub(crate) server: Option<String>,
    pub(crate) proto: String,
    /// Whether tshark could read all of it: nothing was sealed, or there are keys.
    pub(crate) decrypted: bool,
    pub(crate) requested: Option<bool>,
    /// `sent`, `empty message`, `no message` or `not decrypted`.
    pub(crate) client_certificate: String,
    pub(crate) client_certificate_messages: Option<Vec<CertificateMessage>>,
    pub(crate) alerts: Option<Vec<Alert>>,
    /// Frame, side and name of every handshake message that could be read; some kinds of case write it otherwise.
    pub(crate) handshake: Option<Vec<serde_json::Value>>,
}

/// One Certificate message of the client.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct CertificateMessage {
    /// In DER order: `C=IT,O=Lab,CN=x`.
    pub(crate) subjects: Option<Vec<String>>,
    pub(crate) sha256: Option<Vec<String>>,
}

/// One alert.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(default)]
pub(crate) struct Alert {
    pub(crate) frame: u64,
    /// `client` or `server`.
    pub(crate) sender: String,
    /// `warning` or `fatal`.
    pub(crate) level: Option<String>,
    pub(crate) desc: Option<u8>,
}

impl Observed {
    /// The alert that refused this connection: the one the lab names if it is in this conversation, else its first fatal one.
    pub(crate) fn refusing_alert<'t>(&'t self, truth: &'t Truth) -> Option<&'t Alert> {
        let alerts = self.alerts.as_deref().unwrap_or_default();
        let named = truth.refusing_alert.as_ref().filter(|named| alerts.contains(named));
        named.or_else(|| alerts.iter().find(|alert| alert.level.as_deref() == Some("fatal")))
    }

    /// The subjects of the client's last Certificate message.
    pub(crate) fn last_certificates(&self) -> Option<&CertificateMessage> {
        self.client_certificate_messages.as_deref()?.last()
    }

    /// Whether no handshake message and no alert could be read at all, so that nothing is known.
    pub(crate) fn is_blank(&self) -> bool {
        self.handshake.as_deref().unwrap_or_default().is_empty()
            && self.alerts.as_deref().unwrap_or_default().is_empty()
    }

    /// Whether a handshake message of this name was read.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.handshake.iter().flatten().any(|message| message[2] == name)
    }
}

/// One recording.
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) capture: PathBuf,
    /// None if the file is empty.
    pub(crate) key_log: Option<PathBuf>,
    pub(crate) truth: Truth,
}

impl Case {
    /// Reads the folder of one case.
    pub(crate) fn read(folder: &Path) -> Result<Self> {
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let text =
            std::fs::read_to_string(folder.join("truth.json")).with_context(|| format!("case {name}"))?;
        let truth = serde_json::from_str(&text).with_context(|| format!("truth.json of {name}"))?;
        let capture = ["capture.pcap", "capture.pcapng"]
            .map(|file| folder.join(file))
            .into_iter()
            .find(|path| path.is_file());
        let key_log = folder.join("keys.log");
        let has_keys = std::fs::metadata(&key_log).is_ok_and(|metadata| metadata.len() > 0);
        Ok(Self {
            capture: capture.with_context(|| format!("case {name} has no capture"))?,
            key_log: has_keys.then_some(key_log),
            name,
            truth,
        })
    }

    /// Whether there are keys, beside the capture or in it.
    pub(crate) fn has_keys(&self) -> bool {
        self.key_log.is_some() || self.carries_its_secrets()
    }

    /// Whether the capture itself carries the secrets, so that nothing can be hidden from the reader.
    pub(crate) fn carries_its_secrets(&self) -> bool {
        self.truth.feature.as_deref() == Some("derived: pcapng_dsb")
    }
}
