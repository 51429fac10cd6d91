//! nginx with one server block a mode.

use std::fmt::Write;
use std::process::Command;

use anyhow::Result;

use super::{Certificates, Plan, Server};
use crate::peers::account::{Answer, ServerAccount, Verdict, decisive};
use crate::peers::authority::Authority;
use crate::peers::place::{Place, free_port};

const MODES: &[(&str, Certificates, &str)] = &[
    ("nginx-off", Certificates::Two, "ssl_verify_client off;"),
    ("nginx-optional", Certificates::Flawed, "ssl_verify_client optional;"),
    ("nginx-on", Certificates::Flawed, "ssl_verify_client on;"),
    ("nginx-crl", Certificates::Revoked, "ssl_verify_client on; ssl_crl CRL;"),
];

pub(super) fn plan(place: &Place, authority: &Authority) -> Result<Vec<Plan>> {
    let folder = place.folder_for("nginx")?;
    let run = folder.display();
    let mut conf = format!(
        "pid {run}/pid; error_log stderr info; worker_processes 1; daemon off; master_process off;\n\
         events {{ worker_connections 256; }}\nhttp {{ access_log off; client_body_temp_path {run}/b; \
         proxy_temp_path {run}/p; fastcgi_temp_path {run}/f; uwsgi_temp_path {run}/u; scgi_temp_path {run}/s;\n\
         ssl_protocols TLSv1.2 TLSv1.3; ssl_session_cache off; ssl_session_tickets off; keepalive_timeout 0;\n"
    );
    let mut servers = Vec::new();
    for (name, certificates, directives) in MODES {
        let (port, log) = (free_port()?, place.join(&format!("{name}.log")));
        let directives = directives.replace("CRL", &authority.revoked.display().to_string());
        writeln!(
            conf,
            "server {{ listen 127.0.0.1:{port} ssl; server_name localhost; ssl_certificate {}; \
             ssl_certificate_key {}; ssl_client_certificate {}; ssl_verify_depth 3; error_log {} debug; \
             {directives}\n location / {{ default_type text/plain; \
             return 200 \"verify=$ssl_client_verify dn=$ssl_client_s_dn\\n\"; }} }}",
            authority.server.chain.display(),
            authority.server.key.display(),
            authority.root.display(),
            log.display(),
        )?;
        servers.push(Server { name, port, path: "/", log, certificates: *certificates, account });
    }
    conf.push_str("}\n");
    let conf = place.write("nginx/nginx.conf", conf)?;
    let mut command = Command::new("nginx");
    command.args(["-e", "stderr", "-c"]).arg(conf);
    Ok(vec![Plan { command, log: place.join("nginx.out"), servers }])
}

/// `error_log ... debug` writes each certificate looked at, what nginx answers, and the end of the connection.
fn account(log: &str) -> Option<ServerAccount> {
    let log = &decisive(log, connection, &["http request line", "SSL_do_handshake() failed"]);
    if !log.contains("close http connection") {
        return None;
    }
    let looked_at = log.lines().any(|line| line.contains(" verify:"));
    let missing = log.contains("client sent no required SSL certificate");
    let bad = log.contains("client SSL certificate verify error");
    let failed = log.contains("SSL_do_handshake() failed");
    Some(ServerAccount {
        // It says that it asked only where it complains.
        requested: (looked_at || missing).then_some(true),
        answer: match (looked_at, missing) {
            (true, _) => Some(Answer::Certificate),
            (false, true) => Some(Answer::Empty),
            (false, false) => None,
        },
        verdict: if failed {
            Some(Verdict::RefusedTls)
        } else {
            (missing || bad).then_some(Verdict::RefusedHttp)
        },
        complaint: complaint(log),
    })
}

/// The number by which a line names its connection.
fn connection(line: &str) -> Option<&str> {
    line.split_once(": *")?.1.split(' ').next()
}

fn complaint(log: &str) -> Option<String> {
    let line = log.lines().find(|line| {
        line.contains("SSL certificate verify error")
            || line.contains("no required SSL certificate")
            || line.contains("SSL_do_handshake() failed")
    })?;
    // Behind the number of the connection.
    let text =
        line.split_once(": *").and_then(|(_, text)| text.split_once(' ')).map_or(line, |(_, text)| text);
    Some(text.split(" while ").next().unwrap_or(text).to_owned())
}
