//! `mtlscope demo`: what there is to see, told on recordings that are part of the program.
//!
//! Apache asks for a client certificate but does not insist, and a PHP page looks at what came: the set-up with which
//! articles teach reading mutual TLS in Wireshark. The recordings are our own; `fixtures/` says how they were made.

use std::io::Cursor;

use mtlscope_dissect::Settings;
use mtlscope_sources::{CaptureFile, KeyLogFile};
use mtlscope_views::explain::markdown;
use mtlscope_views::terminal::{self, Terminal};

use crate::cli;
use crate::console::{self, Console};
use crate::exit::Exit;
use crate::pipeline::{Interrupted, Pipeline};
use crate::showing::{Showing, Stop};

/// A recording, and what to look at in it.
struct Scene {
    /// Markdown.
    introduction: &'static str,
    capture: &'static [u8],
    key_log: Option<&'static [u8]>,
}

/// A file of `fixtures/`.
macro_rules! fixture {
    ($path:literal) => {
        include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/", $path))
    };
}

static SCENES: &[Scene] = &[
    Scene {
        introduction: "\
# Scene 1: TLS 1.2, and the client has no certificate

Apache asks for a client certificate but does not insist; curl has none. TLS 1.2 speaks in clear until the keys are
agreed: look for the CertificateRequest of the server, and for the empty Certificate with which the client answers. The
handshake succeeds all the same; whether the page lets the visitor in is decided later, in HTTP.
",
        capture: fixture!("wireshark-article-tls12-without-certificate/capture.pcap"),
        key_log: None,
    },
    Scene {
        introduction: "\
# Scene 2: TLS 1.2, and the client has a certificate

The same server, the same request. Now the client's Certificate holds a name, and a new message stands behind it:
CertificateVerify, the proof that the client has the key to that certificate.
",
        capture: fixture!("wireshark-article-tls12-with-certificate/capture.pcap"),
        key_log: None,
    },
    Scene {
        introduction: "\
# Scene 3: TLS 1.3, seen from outside

The same exchange, one version later. Everything behind the ServerHello is encrypted, the CertificateRequest and both
certificates too. mtlscope does not guess what it cannot see: unknown is not the same as no.
",
        capture: fixture!("wireshark-article-tls13/capture.pcap"),
        key_log: None,
    },
    Scene {
        introduction: "\
# Scene 4: TLS 1.3, with the keys

The very same packets. This time the key log that curl wrote (SSLKEYLOGFILE) is read with them, and all of it can be
seen: the request, the certificate, its proof, and what the page answered.
",
        capture: fixture!("wireshark-article-tls13/capture.pcap"),
        key_log: Some(fixture!("wireshark-article-tls13/keys.log")),
    },
    Scene {
        introduction: "\
# Scene 5: the server refuses

Another server, which insists; another client, whose certificate comes from an authority that the server does not know.
Below the ladder stands what this program is for: who refused whom, why, what to change, and the frames that prove it.
",
        capture: fixture!("unknown-ca-tls12/capture.pcap"),
        key_log: None,
    },
];

const WHAT_NEXT: &str = "\
# Your turn

```
SSLKEYLOGFILE=keys.log curl https://...        # the keys of your client
sudo tcpdump -i any -U -w trace.pcap tcp       # beside it: the packets
mtlscope read trace.pcap --keylog keys.log     # who refused whom, and why
mtlscope explain                               # the causes it can name
```
";

pub(crate) fn run(typed: &cli::Demo, console: &mut Console<'_>) -> Exit {
    let settings = typed.appearance.settings(console);
    let mut told = Ok(());
    for scene in SCENES {
        told = told.and_then(|()| tell(scene, &settings, console));
    }
    match told.and_then(|()| end(&settings, console)) {
        // A scene may tell of an error: the demo went as it should.
        Ok(()) | Err(Interrupted::Showing(Stop::Enough | Stop::ClosedPipe)) => Exit::Clean,
        Err(Interrupted::Showing(Stop::Output(error))) => {
            console.complain(&console::cannot_write(&error));
            Exit::CouldNotLook
        }
        Err(Interrupted::Source(error)) => {
            console.complain(&error);
            Exit::CouldNotLook
        }
    }
}

fn end(settings: &terminal::Settings, console: &mut Console<'_>) -> Result<(), Interrupted> {
    Ok(markdown(WHAT_NEXT, settings, console.out).map_err(Stop::from)?)
}

fn tell(scene: &Scene, settings: &terminal::Settings, console: &mut Console<'_>) -> Result<(), Interrupted> {
    markdown(scene.introduction, settings, console.out)
        .and_then(|()| writeln!(console.out))
        .map_err(Stop::from)?;
    let mut showing = Showing::new(console.lend(), Box::new(Terminal::new(settings.clone())));
    let mut pipeline = Pipeline::new(Settings::default(), true, &mut showing);
    if let Some(key_log) = scene.key_log {
        let mut key_log = KeyLogFile::from_reader("the demo's key log", Cursor::new(key_log))?;
        pipeline.feed(&mut key_log)?;
    }
    pipeline.feed(&mut CaptureFile::from_reader("the demo's capture", Cursor::new(scene.capture))?)?;
    pipeline.finish()?;
    writeln!(console.out).map_err(Stop::from)?;
    Ok(())
}
