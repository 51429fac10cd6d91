//! What a wrapped command left in the private directory: in which programs the preload library was loaded, and by which way the
//! secrets of each connection came.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use crate::growing_key_log::{GrowingKeyLog, News};

/// What stacks write that honour `SSLKEYLOGFILE`.
pub(super) const KEY_LOG: &str = "ssl.keys";
/// What Node writes.
pub(super) const NODE_KEY_LOG: &str = "node.keys";
/// What the preload library writes.
pub(super) const OPENSSL_KEY_LOG: &str = "openssl.keys";
/// A line for each program that loaded the library: its process and its name.
pub(super) const LOADED: &str = "loaded";

/// Programs that are remembered; a build runs thousands.
const PROGRAMS: usize = 1000;

/// By which way secrets came.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum SecretsFrom {
    /// The program honours `SSLKEYLOGFILE`.
    KeyLogFile,
    /// Node, by `NODE_OPTIONS`.
    Node,
    /// The preload library asked OpenSSL for them.
    Preload,
}

/// What was left.
#[derive(Clone, Debug, Default)]
pub struct Traces {
    /// The programs in which the preload library was loaded, each once: its process and its name.
    pub loaded: Vec<(u32, String)>,
    secrets: HashMap<[u8; 32], SecretsFrom>,
}

impl Traces {
    /// Reads what is in the private directory. What cannot be read was not left.
    pub(super) fn read(directory: &Path, own_key_log: Option<&Path>) -> Self {
        let mut traces = Self::default();
        let loaded = fs::read_to_string(directory.join(LOADED)).unwrap_or_default();
        for line in loaded.lines().take(PROGRAMS) {
            let Some((process, name)) = line.split_once(' ') else { continue };
            let Ok(process) = process.parse() else { continue };
            // A program that becomes another keeps its process.
            traces.loaded.retain(|(known, _)| *known != process);
            traces.loaded.push((process, name.to_owned()));
        }
        let key_log = directory.join(KEY_LOG);
        // The best known way is named where secrets came by several.
        for (path, from) in [
            (directory.join(OPENSSL_KEY_LOG).as_path(), SecretsFrom::Preload),
            (directory.join(NODE_KEY_LOG).as_path(), SecretsFrom::Node),
            (own_key_log.unwrap_or(&key_log), SecretsFrom::KeyLogFile),
        ] {
            let mut log = GrowingKeyLog::whole(path);
            while let Some(News::Lines(lines)) = log.look() {
                let randoms = lines.split(|&byte| byte == b'\n').filter_map(client_random);
                traces.secrets.extend(randoms.map(|random| (random, from)));
            }
        }
        traces
    }

    /// By which way the secrets of the connection came whose client said this random; `None`: they did not come.
    pub fn secrets_from(&self, client_random: &[u8; 32]) -> Option<SecretsFrom> {
        self.secrets.get(client_random).copied()
    }
}

/// The second word of a line of a key log.
fn client_random(line: &[u8]) -> Option<[u8; 32]> {
    let word = line.split(u8::is_ascii_whitespace).nth(1)?;
    let mut random = [0; 32];
    if word.len() != 64 {
        return None;
    }
    for (byte, digits) in random.iter_mut().zip(word.chunks(2)) {
        *byte = u8::from_str_radix(str::from_utf8(digits).ok()?, 16).ok()?;
    }
    Some(random)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_which_programs_were_reached_and_whose_secrets_came_how() {
        let directory = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| fs::write(directory.path().join(name), text).unwrap();
        write(LOADED, "10 bash\n11 curl\n10 env\nnonsense\n");
        let line = |byte: &str| format!("CLIENT_RANDOM {} 00\n", byte.repeat(32));
        write(KEY_LOG, &line("01"));
        write(OPENSSL_KEY_LOG, &(line("01") + &line("02")));
        let traces = Traces::read(directory.path(), None);
        assert_eq!(traces.loaded, [(11, "curl".to_owned()), (10, "env".to_owned())]);
        assert_eq!(traces.secrets_from(&[1; 32]), Some(SecretsFrom::KeyLogFile));
        assert_eq!(traces.secrets_from(&[2; 32]), Some(SecretsFrom::Preload));
        assert_eq!(traces.secrets_from(&[3; 32]), None);
    }
}
