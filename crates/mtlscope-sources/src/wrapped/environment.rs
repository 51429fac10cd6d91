//! What a command's environment must say so that its programs come to us and let us have their secrets.
//!
//! What the user set already is never overwritten: it is added to, or left as it is and said so.

use std::ffi::{OsStr, OsString};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use super::traces::{KEY_LOG, NODE_KEY_LOG};
use super::{Means, preload};

/// Variables by which programs are told of a proxy. curl reads them in lower case, others in upper.
const PROXY: [&str; 4] = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];
/// Variables that name what goes past a proxy.
const NO_PROXY: [&str; 2] = ["NO_PROXY", "no_proxy"];

/// Where the relays listen.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Relays {
    /// The HTTP proxy.
    pub proxy: Option<SocketAddr>,
    /// Where the preload library leads connections, on 127.0.0.1.
    pub port4: Option<u16>,
    /// The same on ::1.
    pub port6: Option<u16>,
}

/// What changes in the environment.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Environment {
    /// Variables and their new values; `None`: the command does not have it.
    pub changes: Vec<(&'static str, Option<OsString>)>,
    /// A key log that the user named, which is followed in place of one of ours.
    pub own_key_log: Option<PathBuf>,
    /// What the user should know of it, a sentence each.
    pub remarks: Vec<String>,
}

impl Environment {
    /// `present`: the environment as it is, by name.
    pub(super) fn new(
        means: Means,
        directory: &Path,
        relays: &Relays,
        present: &dyn Fn(&str) -> Option<OsString>,
    ) -> Self {
        let mut environment = Self::default();
        let present = |name: &str| present(name).filter(|value| !value.is_empty());
        if let Some(proxy) = relays.proxy.filter(|_| means.proxy) {
            environment.name_proxy(proxy, &present);
            environment.name_proxy_to_java(proxy, &present);
        }
        if means.key_log {
            environment.name_key_log(directory, &present);
            environment.name_key_log_to_node(directory, &present);
        }
        if means.preload {
            environment.load_library(directory, relays, &present);
        }
        environment
    }

    fn name_proxy(&mut self, proxy: SocketAddr, present: &dyn Fn(&str) -> Option<OsString>) {
        if let Some(name) = PROXY.into_iter().find(|name| present(name).is_some()) {
            self.remark(format!(
                "{name} is set already and stays, so what only a proxy can reach goes there and past us (`env -u {name} mtlscope \
                 run ...` gives it up)"
            ));
            return;
        }
        let url = OsString::from(format!("http://{proxy}"));
        self.changes.extend(PROXY.map(|name| (name, Some(url.clone()))));
        // What they name would go past us.
        self.changes
            .extend(NO_PROXY.into_iter().filter(|name| present(name).is_some()).map(|name| (name, None)));
    }

    fn name_proxy_to_java(&mut self, proxy: SocketAddr, present: &dyn Fn(&str) -> Option<OsString>) {
        const NAME: &str = "JAVA_TOOL_OPTIONS";
        let own = present(NAME);
        if own.as_ref().is_some_and(|own| own.to_string_lossy().contains("proxyHost")) {
            self.remark(format!("{NAME} names a proxy already and stays as it is"));
            return;
        }
        // No host goes past the proxy: without the last one, Java's own loopback does.
        let ours = format!(
            "-Dhttps.proxyHost={} -Dhttps.proxyPort={} -Dhttp.nonProxyHosts=",
            proxy.ip(),
            proxy.port()
        );
        self.changes.push((NAME, Some(joined(own, " ", ours.as_ref()))));
    }

    fn name_key_log(&mut self, directory: &Path, present: &dyn Fn(&str) -> Option<OsString>) {
        const NAME: &str = "SSLKEYLOGFILE";
        match present(NAME) {
            Some(own) => self.own_key_log = Some(PathBuf::from(own)),
            None => self.changes.push((NAME, Some(directory.join(KEY_LOG).into_os_string()))),
        }
    }

    fn name_key_log_to_node(&mut self, directory: &Path, present: &dyn Fn(&str) -> Option<OsString>) {
        const NAME: &str = "NODE_OPTIONS";
        let own = present(NAME);
        if own.as_ref().is_some_and(|own| own.to_string_lossy().contains("--tls-keylog")) {
            self.remark(format!("{NAME} names a key log already, so Node's secrets go there and not to us"));
            return;
        }
        // Node takes blanks only in quotes, and then a backslash before a quote or another.
        let path = directory.join(NODE_KEY_LOG).to_string_lossy().replace('\\', "\\\\").replace('"', "\\\"");
        let ours = format!("--tls-keylog=\"{path}\"");
        self.changes.push((NAME, Some(joined(own, " ", ours.as_ref()))));
    }

    fn load_library(
        &mut self,
        directory: &Path,
        relays: &Relays,
        present: &dyn Fn(&str) -> Option<OsString>,
    ) {
        const NAME: &str = "LD_PRELOAD";
        if !preload::is_there() {
            self.remark("the preload library is there for Linux alone".to_owned());
            return;
        }
        let library = directory.join(preload::NAME);
        if !preload::can_be_named(&library) {
            self.remark(format!(
                "{NAME} cannot name a path with a blank, a colon or a $ in it, as {} has: set TMPDIR to another directory",
                crate::error::printable(directory)
            ));
            return;
        }
        // Last, so that what the user loads (a sanitizer insists on it) stays first.
        self.changes.push((NAME, Some(joined(present(NAME), ":", library.as_os_str()))));
        self.changes.push(("MTLSCOPE_RUN_DIRECTORY", Some(directory.into())));
        for (name, port) in [
            ("MTLSCOPE_RUN_PORT4", relays.port4),
            ("MTLSCOPE_RUN_PORT6", relays.port6),
            // Whoever goes there by itself need not be led.
            ("MTLSCOPE_RUN_PROXY", relays.proxy.map(|proxy| proxy.port())),
        ] {
            self.changes.push((name, port.map(|port| port.to_string().into())));
        }
        // By this the library knows whether it is in the network that we are in.
        let network = std::fs::read_link("/proc/self/ns/net").ok().map(PathBuf::into_os_string);
        self.changes.push(("MTLSCOPE_RUN_NETWORK", network));
    }

    fn remark(&mut self, text: String) {
        self.remarks.push(text);
    }
}

/// What was there, and ours behind it.
fn joined(own: Option<OsString>, separator: &str, ours: &OsStr) -> OsString {
    match own {
        Some(mut own) => {
            own.push(separator);
            own.push(ours);
            own
        }
        None => ours.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: Means = Means { proxy: true, key_log: true, preload: true };

    fn made(means: Means, present: &[(&str, &str)]) -> Environment {
        let relays = Relays { proxy: Some(([127, 0, 0, 1], 4001).into()), port4: Some(4002), port6: None };
        Environment::new(means, Path::new("/tmp/mtlscope-run-x"), &relays, &|name| {
            present.iter().find(|(known, _)| *known == name).map(|(_, value)| OsString::from(value))
        })
    }

    fn value(environment: &Environment, name: &str) -> Option<String> {
        let (_, value) = environment.changes.iter().find(|(known, _)| *known == name)?;
        Some(value.as_ref().map_or("(removed)".to_owned(), |value| value.to_string_lossy().into_owned()))
    }

    #[test]
    fn an_empty_environment_names_everything() {
        let made = made(ALL, &[]);
        for (name, expected) in [
            ("HTTPS_PROXY", "http://127.0.0.1:4001"),
            ("all_proxy", "http://127.0.0.1:4001"),
            ("JAVA_TOOL_OPTIONS", "-Dhttps.proxyHost=127.0.0.1 -Dhttps.proxyPort=4001 -Dhttp.nonProxyHosts="),
            ("SSLKEYLOGFILE", "/tmp/mtlscope-run-x/ssl.keys"),
            ("NODE_OPTIONS", "--tls-keylog=\"/tmp/mtlscope-run-x/node.keys\""),
        ] {
            assert_eq!(value(&made, name).as_deref(), Some(expected), "{name}");
        }
        assert_eq!(value(&made, "NO_PROXY"), None, "there is nothing to take away");
        assert!(made.remarks.iter().all(|remark| remark.contains("Linux")), "{:?}", made.remarks);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn the_library_is_loaded_last() {
        let made = made(ALL, &[("LD_PRELOAD", "/lib/libasan.so")]);
        assert_eq!(
            value(&made, "LD_PRELOAD").as_deref(),
            Some("/lib/libasan.so:/tmp/mtlscope-run-x/libmtlscope-run.so")
        );
        assert_eq!(value(&made, "MTLSCOPE_RUN_PORT4").as_deref(), Some("4002"));
        assert_eq!(
            value(&made, "MTLSCOPE_RUN_PORT6").as_deref(),
            Some("(removed)"),
            "one of an outer run would be wrong"
        );
    }

    #[test]
    fn what_the_user_set_is_kept_or_added_to() {
        let made = made(
            ALL,
            &[
                ("https_proxy", "http://proxy.example:3128"),
                ("NO_PROXY", "localhost"),
                ("SSLKEYLOGFILE", "/home/me/keys"),
                ("NODE_OPTIONS", "--max-old-space-size=100"),
                ("JAVA_TOOL_OPTIONS", "-Dhttps.proxyHost=proxy.example"),
            ],
        );
        for name in
            ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "NO_PROXY", "SSLKEYLOGFILE", "JAVA_TOOL_OPTIONS"]
        {
            assert_eq!(value(&made, name), None, "{name} is left alone");
        }
        assert!(value(&made, "NODE_OPTIONS").unwrap().starts_with("--max-old-space-size=100 --tls-keylog="));
        assert_eq!(made.own_key_log.as_deref(), Some(Path::new("/home/me/keys")));
        let remarks = made.remarks.join("\n");
        assert!(remarks.contains("https_proxy is set already"), "{remarks}");
        assert!(!remarks.contains("proxy.example"), "a proxy's URL may hold a password: {remarks}");
    }

    #[test]
    fn what_goes_past_proxies_comes_to_us() {
        let made = made(ALL, &[("NO_PROXY", "localhost"), ("no_proxy", "")]);
        assert_eq!(value(&made, "NO_PROXY").as_deref(), Some("(removed)"));
        assert_eq!(value(&made, "no_proxy"), None);
    }

    #[test]
    fn means_that_are_not_wanted_change_nothing() {
        assert_eq!(made(Means { proxy: false, key_log: false, preload: false }, &[]), Environment::default());
    }
}
