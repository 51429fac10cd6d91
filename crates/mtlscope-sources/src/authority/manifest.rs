//! What is in the directory and how to try it: `manifest.json` for programs, `README.txt` for people.

use std::fmt::Write;

use serde_json::{Value, json};

use super::directory::ZOO;
use super::zoo::LEVEL_0;
use super::{AuthorityError, Identity, Pki, Specimen, Zoo};

/// Where the examples have the server.
const URL: &str = "https://localhost:8443/";

/// The manifest as JSON text.
pub(super) fn json(pki: &Pki, zoo: Option<&Zoo>) -> Result<String, AuthorityError> {
    let manifest = json!({
        "made_by": format!("mtlscope {}", env!("CARGO_PKG_VERSION")),
        "trust": { "root": "ca.pem", "chain": "ca-chain.pem", "revocation_lists": "crl.pem" },
        "server": identity("", &pki.server),
        "clients": pki.clients.iter().map(|client| identity("", client)).collect::<Vec<_>>(),
        "zoo": zoo.iter().flat_map(|zoo| &zoo.specimens).map(specimen).collect::<Vec<_>>(),
    });
    Ok(format!("{manifest:#}\n"))
}

fn identity(folder: &str, identity: &Identity) -> Value {
    let name = &identity.name;
    json!({
        "name": name,
        "subject": subject(identity),
        "certificate": format!("{folder}{name}.pem"),
        "key": format!("{folder}{name}.key"),
        "pkcs12": format!("{folder}{name}.p12"),
    })
}

fn specimen(specimen: &Specimen) -> Value {
    let mut value = identity(&format!("{ZOO}/"), &specimen.identity);
    let commands = Commands::of(specimen);
    let answers: serde_json::Map<String, Value> = [("OpenSSL", answer_of_openssl(specimen).as_str())]
        .iter()
        .chain(specimen.others)
        .map(|(stack, answer)| ((*stack).to_owned(), (*answer).into()))
        .collect();
    for (key, more) in [
        ("flaw", json!(specimen.flaw)),
        ("openssl_alert", json!(specimen.openssl_alert)),
        ("answers", Value::Object(answers)),
        (
            "server",
            json!({
                "trusted": specimen.server.trusted,
                "revoked": specimen.server.revoked,
                "named": specimen.server.named,
            }),
        ),
        ("try", json!({ "serve": commands.serve, "connect": commands.connect, "curl": commands.curl })),
    ] {
        value[key] = more;
    }
    value
}

/// The commands that show a specimen.
struct Commands {
    serve: String,
    connect: String,
    curl: String,
}

impl Commands {
    fn of(specimen: &Specimen) -> Self {
        let mut serve = format!(
            "mtlscope serve --cert server.pem --key server.key --verify-client require --ca-certificate {}",
            specimen.server.trusted
        );
        if let Some(list) = specimen.server.revoked {
            serve.push_str(&format!(" --ca-revocation {list}"));
        }
        if let Some(list) = specimen.server.named {
            serve.push_str(&format!(" --ca-dn-request {list}"));
        }
        let client = client_options(&format!("{ZOO}/{}", specimen.name));
        let level = if specimen.weak { format!("OPENSSL_CONF={LEVEL_0} ") } else { String::new() };
        Self {
            serve,
            connect: format!("mtlscope connect {URL} {client}"),
            curl: format!("{level}curl {URL} {client}"),
        }
    }
}

fn client_options(stem: &str) -> String {
    format!("--cacert ca.pem --cert {stem}.pem --key {stem}.key")
}

fn answer_of_openssl(specimen: &Specimen) -> String {
    match specimen.openssl_alert {
        Some(alert) => format!("alert {alert}"),
        None => "accepted".to_owned(),
    }
}

/// The words for people.
pub(super) fn readme(pki: &Pki, zoo: Option<&Zoo>, passphrase: &str) -> String {
    let mut text = format!(
        "A test authority, made by `mtlscope pki init`. Its keys protect nothing: never trust ca.pem outside tests.\n\
         \n\
         ca.pem            the root: what servers and clients are to trust (ca.key: its key)\n\
         intermediate.pem  signed by the root; signed all others (intermediate.key: its key)\n\
         ca-chain.pem      both\n\
         crl.pem           the revocation lists of both\n\
         \n\
         Each of the following is NAME.pem (the certificate and the intermediate), NAME.key (its key, not encrypted) and\n\
         NAME.p12 (all of it as PKCS#12, passphrase: {passphrase}).\n\
         \n"
    );
    for known in [&pki.server].into_iter().chain(&pki.clients) {
        let _ = writeln!(text, "{:<17} {}", known.name, subject(known));
    }
    let client = pki.clients.first().map_or("client", |client| client.name.as_str());
    let _ = write!(
        text,
        "\n\
         Try, in this directory:\n\
         \n  \
           mtlscope serve --cert server.pem --key server.key --verify-client require --ca-certificate ca.pem\n  \
           mtlscope connect {URL} {options}\n  \
           curl {URL} {options}\n  \
           mtlscope pki show {client}.pem {client}.key --cacert ca.pem\n",
        options = client_options(client),
    );
    let Some(zoo) = zoo else { return text };
    text.push_str(
        "\n\
         The zoo: one flaw each, all else right. The number is the alert with which servers of the OpenSSL family (Apache,\n\
         HAProxy, Python) refuse it. nginx finishes the handshake and answers HTTP 400, but for wrong-private-key.\n\
         manifest.json has what other stacks answer, and the commands to try each.\n\n",
    );
    for specimen in &zoo.specimens {
        let answer = specimen.openssl_alert.map_or("-".to_owned(), |alert| alert.to_string());
        let _ = writeln!(text, "{ZOO}/{}.pem  [{answer}]\n    {}", specimen.name, specimen.flaw);
    }
    text
}

/// `O=mtlscope test, CN=TestClient`
fn subject(identity: &Identity) -> String {
    let parts = identity.certificate.subject_name().entries().map(|entry| {
        let name = entry.object().nid().short_name().unwrap_or("?");
        let value = entry.data().to_string().unwrap_or_default();
        format!("{name}={value}")
    });
    parts.collect::<Vec<_>>().join(", ")
}
