//! Apache with mod_ssl and PHP, configured as the articles configure it: one virtual host a mode.

use std::fmt::Write;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use super::{Certificates, Plan, Server};
use crate::peers::account::{Answer, ServerAccount, Verdict, decisive};
use crate::peers::authority::Authority;
use crate::peers::place::{Place, free_port};
use crate::workspace::sorted_entries;

/// Mode, what is tried, what is asked for, and the directives.
const MODES: &[(&str, Certificates, &str, &str)] = &[
    ("apache-none", Certificates::Two, "/server.php", "SSLVerifyClient none"),
    ("apache-optional", Certificates::Flawed, "/server.php", "SSLVerifyClient optional"),
    ("apache-require", Certificates::Flawed, "/server.php", "SSLVerifyClient require"),
    ("apache-optional-no-ca", Certificates::Flawed, "/server.php", "SSLVerifyClient optional_no_ca"),
    (
        "apache-location",
        Certificates::Flawed,
        "/secure/server.php",
        "SSLVerifyClient none\n<Location /secure/>\nSSLVerifyClient require\nSSLVerifyDepth 3\n</Location>",
    ),
    (
        "apache-elsewhere",
        Certificates::Two,
        "/server.php",
        "SSLVerifyClient none\n<Location /secure/>\nSSLVerifyClient require\nSSLVerifyDepth 3\n</Location>",
    ),
    (
        "apache-crl",
        Certificates::Revoked,
        "/server.php",
        "SSLVerifyClient require\nSSLCARevocationFile CRL\nSSLCARevocationCheck leaf",
    ),
];

const MODULES: &[(&str, &str)] = &[
    ("mpm_prefork_module", "mod_mpm_prefork.so"),
    ("authz_core_module", "mod_authz_core.so"),
    ("mime_module", "mod_mime.so"),
    ("setenvif_module", "mod_setenvif.so"),
    ("ssl_module", "mod_ssl.so"),
];

/// Where Debian keeps them.
const MODULE_FOLDER: &str = "/usr/lib/apache2/modules";

/// The page of the article, and one that prints every variable of mod_ssl.
const SERVER_PHP: &str = r#"<?php

if ($_SERVER['SSL_CLIENT_VERIFY'] != 'SUCCESS') {
    die('SSL client verification failed');
}

echo "Welcome ".$_SERVER["SSL_CLIENT_S_DN_CN"];
"#;
const ENV_PHP: &str = r#"<?php
header('Content-Type: application/json');
$found = array_filter($_SERVER, fn($name) => str_starts_with($name, 'SSL_') || $name === 'HTTPS', ARRAY_FILTER_USE_KEY);
ksort($found);
echo json_encode($found);
"#;

/// Apache's modules and settings, with the pages; without any host.
pub(crate) fn foundation(place: &Place) -> Result<String> {
    let folder = place.folder_for("apache")?;
    let run = folder.display();
    for (name, page) in [("server.php", SERVER_PHP), ("env.php", ENV_PHP)] {
        for under in ["apache/pages", "apache/pages/secure"] {
            place.folder_for(under)?;
            place.write(&format!("{under}/{name}"), page)?;
        }
    }
    let mut conf = format!(
        "ServerRoot {run}\nPidFile {run}/pid\nDefaultRuntimeDir {run}\nServerName localhost\nUser www-data\n\
         Group www-data\nErrorLog {run}/error.log\nMutex file:{run}\nStartServers 2\nMinSpareServers 1\n\
         MaxSpareServers 4\nKeepAlive Off\nTypesConfig /etc/mime.types\nDocumentRoot {run}/pages\n\
         SSLSessionCache none\nSSLSessionTickets off\n<Directory {run}/pages>\nRequire all granted\n</Directory>\n\
         <FilesMatch \"\\.php$\">\nSetHandler application/x-httpd-php\n</FilesMatch>\n"
    );
    for (module, file) in MODULES {
        writeln!(conf, "LoadModule {module} {MODULE_FOLDER}/{file}")?;
    }
    // Its name has PHP's version in it.
    let php = sorted_entries(Path::new(MODULE_FOLDER))?
        .into_iter()
        .find(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("libphp")));
    let php = php.context("Apache has no PHP; install libapache2-mod-php")?;
    writeln!(conf, "LoadModule php_module {}", php.display())?;
    Ok(conf)
}

pub(super) fn plan(place: &Place, authority: &Authority) -> Result<Vec<Plan>> {
    let mut conf = foundation(place)?;
    let mut servers = Vec::new();
    for (name, certificates, path, directives) in MODES {
        let (port, log) = (free_port()?, place.join(&format!("{name}.log")));
        let directives = directives.replace("CRL", &authority.revoked.display().to_string());
        writeln!(
            conf,
            "Listen 127.0.0.1:{port}\n<VirtualHost 127.0.0.1:{port}>\nSSLEngine on\nSSLCertificateFile {}\n\
             SSLCertificateKeyFile {}\nSSLCACertificateFile {}\nSSLVerifyDepth 3\n\
             SSLOptions +StdEnvVars +ExportCertData\nErrorLog {}\nLogLevel info ssl:trace3\n{directives}\n\
             </VirtualHost>",
            authority.server.chain.display(),
            authority.server.key.display(),
            authority.root.display(),
            log.display(),
        )?;
        servers.push(Server { name, port, path, log, certificates: *certificates, account });
    }
    let conf = place.write("apache/apache.conf", conf)?;
    let mut command = Command::new("apache2");
    command.arg("-f").arg(conf).arg("-DFOREGROUND");
    Ok(vec![Plan { command, log: place.join("apache.out"), servers }])
}

/// `LogLevel ssl:trace3` writes each state of the handshake, each certificate looked at, and the end of the connection.
fn account(log: &str) -> Option<ServerAccount> {
    let log = &decisive(log, client, &[&REFUSALS[..], &["AH02034: Initial (No.1) HTTPS request"]].concat());
    // AH02001 with a standard shutdown, AH01998 with another.
    if !log.contains(": Connection closed to child") {
        return None;
    }
    let requested = log.contains("write certificate request");
    let looked_at = log.contains("AH02275: Certificate Verification");
    Some(ServerAccount {
        requested: Some(requested),
        answer: Some(match (requested, looked_at) {
            (false, _) => Answer::None,
            (true, true) => Answer::Certificate,
            (true, false) => Answer::Empty,
        }),
        verdict: REFUSALS.iter().any(|refusal| log.contains(refusal)).then_some(Verdict::RefusedTls),
        complaint: complaint(log),
    })
}

/// The address by which a line names its connection.
fn client(line: &str) -> Option<&str> {
    line.split_once("[client ")?.1.split(']').next()
}

/// The first handshake failed; the renegotiation did, or the request after the handshake, of which only the library's
/// state tells where the proof was wrong.
const REFUSALS: [&str; 3] =
    ["AH02008: SSL library error", "AH02261: Re-negotiation", "OpenSSL: Exit: error in error"];

/// The last part of the line in which it says what it dislikes.
fn complaint(log: &str) -> Option<String> {
    let line = log.lines().find(|line| COMPLAINTS.iter().any(|complaint| line.contains(complaint)))?;
    let line = line.split(" [subject").next().unwrap_or(line);
    Some(line.rsplit_once("] ").map_or(line, |(_, text)| text).to_owned())
}

const COMPLAINTS: [&str; 3] = ["Certificate Verification: Error", "SSL Library Error", "AH02263: "];
