//! So many handshakes of our client in one process, one after the other, to be measured against `openssl s_time -new`:
//!
//! ```sh
//! cargo run --release -p mtlscope-sources --example handshakes -- localhost 8443 1000 ca.pem [client.pem client.key]
//! ```

use std::env;
use std::error::Error;
use std::io::Write;
use std::path::PathBuf;
use std::thread;

use mtlscope_sources::Source;
use mtlscope_sources::client::{
    CredentialFiles, Credentials, Limits, Plan, Route, Target, Tls, TlsPlan, Trust, attempt,
};
use mtlscope_sources::feed::Feed;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [host, port, number, authorities, files @ ..] = &arguments[..] else {
        return Err("wanted: HOST PORT NUMBER CA-FILE [CERTIFICATE KEY]".into());
    };
    let credentials = match files {
        [certificate, key] => Some(Credentials::read(&CredentialFiles {
            certificate: certificate.into(),
            certificate_type: None,
            key: Some(key.into()),
            key_type: None,
            passphrase: None,
        })?),
        _ => None,
    };
    let trust = Trust::Files { file: Some(PathBuf::from(authorities)), folder: None };
    let tls = Tls::new(&TlsPlan { credentials, trust, ..TlsPlan::default() })?;
    let zero = std::time::Duration::ZERO;
    let plan = Plan {
        target: Target { host: host.clone(), port: port.parse()? },
        route: Route::default(),
        proxy: None,
        starttls: None,
        tls,
        http: None,
        // As s_time, which does not wait for a late refusal.
        limits: Limits { grace: zero, late: zero, ..Limits::default() },
    };
    let (feed, mut source) = Feed::new();
    let engine = thread::spawn(move || while let Ok(Some(_)) = source.next() {});
    let number: u32 = number.parse()?;
    let mut complete = 0;
    for _ in 0..number {
        complete += u32::from(attempt(&plan, &feed)?.shaken.is_some());
    }
    drop(feed);
    let _ = engine.join();
    writeln!(std::io::stdout(), "{complete} of {number} handshakes complete")?;
    Ok(())
}
