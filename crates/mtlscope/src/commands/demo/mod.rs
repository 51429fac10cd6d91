//! `mtlscope demo`: what there is to see, played live on the loopback interface.
//!
//! The authority, the servers and the client are this program's own, and the engine sees what passes between them. The
//! scenes are those with which articles teach reading mutual TLS in Wireshark. Nothing is left behind, but for a recording
//! where one was asked for.

mod recording;
mod scenes;
mod stage;

use std::cell::RefCell;
use std::io::{self, Write};
use std::path::Path;
use std::rc::Rc;
use std::thread;

use mtlscope_diagnose::connection::Connection;
use mtlscope_diagnose::finding::Finding;
use mtlscope_dissect::Settings;
use mtlscope_dissect::input::Input;
use mtlscope_dissect::notice::Notice;
use mtlscope_sources::feed::Feed;
use mtlscope_sources::{Sink, Source, SourceError};
use mtlscope_views::View;
use mtlscope_views::explain::markdown;
use mtlscope_views::printable::printable;
use mtlscope_views::terminal::{self, Terminal};

use crate::cli;
use crate::closing;
use crate::console::{self, Console};
use crate::exit::Exit;
use crate::pipeline::{Interrupted, Pipeline};
use crate::showing::{Showing, Stop};
use recording::Recording;
use scenes::{SCENES, Scene, Shown};
use stage::{Act, Stage};

/// What a scene came to.
#[derive(Default)]
pub(super) struct Told {
    connections: Vec<Connection>,
    rules: Vec<&'static str>,
    /// What the page said.
    page: String,
}

impl Told {
    fn connection(&self) -> Option<&Connection> {
        self.connections.first()
    }
}

pub(crate) fn run(typed: &cli::Demo, console: &mut Console<'_>) -> Exit {
    let ready = Recording::new(typed.write.as_deref())
        .map_err(|error| error.to_string())
        .and_then(|recording| Ok((recording, Stage::set()?)));
    let (recording, stage) = match ready {
        Ok(ready) => ready,
        Err(why) => {
            console.complain(&why);
            return Exit::CouldNotLook;
        }
    };
    let settings = typed.appearance.settings(console);
    let mut demo =
        Demo { stage, recording, settings, last: Vec::new(), page: String::new(), exit: Exit::Clean };
    match demo.play(typed.write.as_deref(), console) {
        Ok(()) | Err(Interrupted::Showing(Stop::Enough | Stop::ClosedPipe)) => demo.exit,
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

struct Demo {
    stage: Stage,
    /// Of all scenes.
    recording: Recording,
    settings: terminal::Settings,
    /// The recording of one scene, for the next.
    last: Vec<u8>,
    page: String,
    exit: Exit,
}

impl Demo {
    fn play(&mut self, kept: Option<&Path>, console: &mut Console<'_>) -> Result<(), Interrupted> {
        for (place, scene) in SCENES.iter().enumerate() {
            self.introduce(scene.introduction, console)?;
            let amiss = match self.scene(scene, console) {
                Ok(told) => (scene.amiss)(&told).map(str::to_owned),
                Err(Amiss::Interrupted(interrupted)) => return Err(interrupted),
                Err(Amiss::NoConnection(why)) => Some(why),
            };
            if let Some(amiss) = amiss {
                self.exit = self.exit.max(Exit::Trouble);
                console.complain(&format_args!("scene {} did not go as told: {amiss}", place + 1));
            }
            writeln!(console.out).map_err(Stop::from)?;
        }
        self.read_back(kept, console)
    }

    fn introduce(&self, text: &str, console: &mut Console<'_>) -> Result<(), Stop> {
        markdown(text, &self.settings, console.out)?;
        Ok(writeln!(console.out)?)
    }

    fn scene(&mut self, scene: &Scene, console: &mut Console<'_>) -> Result<Told, Amiss> {
        match &scene.shown {
            Shown::Live(act) => {
                let (feed, mut source) = Feed::new();
                let keep = self.recording.clone();
                let settings = &self.settings;
                let stage = &self.stage;
                let (told, page) = thread::scope(|scope| {
                    let playing = scope.spawn(move || play(stage, *act, feed));
                    let told =
                        tell(settings, console, |pipeline| pipeline.feed(&mut source), vec![Box::new(keep)]);
                    (told, playing.join())
                });
                let mut told = told?;
                told.page = page_of(page)?;
                self.say_page(&told.page, console)?;
                Ok(told)
            }
            Shown::Recorded(act) => {
                let (feed, mut source) = Feed::new();
                let mut one = Recording::new(None)?;
                let stage = &self.stage;
                let recording = &mut self.recording;
                let (kept, page) = thread::scope(|scope| {
                    let playing = scope.spawn(move || play(stage, *act, feed));
                    let kept = keep(&mut source, &mut [&mut one, recording]);
                    (kept, playing.join())
                });
                kept?;
                self.page = page_of(page)?;
                self.last = one.bytes();
                let bytes = &self.last;
                Ok(tell(&self.settings, console, |pipeline| without_secrets(bytes, pipeline), Vec::new())?)
            }
            Shown::Again => {
                let mut capture = recording::open(&self.last)?;
                let mut told =
                    tell(&self.settings, console, |pipeline| pipeline.feed(&mut capture), Vec::new())?;
                told.page = std::mem::take(&mut self.page);
                self.say_page(&told.page, console)?;
                Ok(told)
            }
        }
    }

    fn say_page(&self, page: &str, console: &mut Console<'_>) -> Result<(), Stop> {
        match page.trim() {
            "" => Ok(()),
            page => Ok(writeln!(console.out, "\n  The page says: {}", printable(page))?),
        }
    }

    /// The last scene: the recording of all the others.
    fn read_back(&mut self, kept: Option<&Path>, console: &mut Console<'_>) -> Result<(), Interrupted> {
        let bytes = match (self.recording.finish(), kept) {
            (Err(error), _) => return Err(error.into()),
            (Ok(()), None) => self.recording.bytes(),
            (Ok(()), Some(path)) => std::fs::read(path)
                .map_err(|cause| SourceError::Read { name: path.display().to_string(), cause })?,
        };
        let mut nowhere = io::sink();
        let unseen = Console { out: &mut nowhere, ..console.lend() };
        let view = Watching { view: None, told: Rc::default() };
        let mut showing = Showing::new(unseen, Box::new(view));
        showing.tally.inputs = 1;
        let mut pipeline = Pipeline::new(Settings::default(), false, &mut showing);
        pipeline.feed(&mut recording::open(&bytes)?)?;
        pipeline.finish()?;
        let tally = showing.tally;
        self.introduce(&last_scene(kept, &closing::words(&tally, None)), console)?;
        let expected = SCENES.iter().filter(|scene| !matches!(scene.shown, Shown::Again)).count() as u64;
        if (tally.connections, tally.opened) != (expected, expected) {
            self.exit = self.exit.max(Exit::Trouble);
            console.complain(&format_args!(
                "the recording is not as told: it should hold {expected} connections, each opened with its secrets"
            ));
        }
        Ok(())
    }
}

/// Why a scene cannot be told.
enum Amiss {
    Interrupted(Interrupted),
    /// The client came to nothing.
    NoConnection(String),
}

impl<E: Into<Interrupted>> From<E> for Amiss {
    fn from(error: E) -> Self {
        Self::Interrupted(error.into())
    }
}

/// Plays an act; the feed goes with it, and so its source ends. The page that came.
fn play(stage: &Stage, act: Act, feed: Feed) -> Result<String, String> {
    let report = stage.play(act, &feed)?;
    Ok(report
        .response
        .map(|response| String::from_utf8_lossy(&response.body).into_owned())
        .unwrap_or_default())
}

fn page_of(played: thread::Result<Result<String, String>>) -> Result<String, Amiss> {
    played.unwrap_or_else(|_| Err("the client panicked".to_owned())).map_err(Amiss::NoConnection)
}

/// Shows what is poured into the engine, and tells what it came to.
fn tell(
    settings: &terminal::Settings,
    console: &mut Console<'_>,
    pour: impl FnOnce(&mut Pipeline<'_, '_>) -> Result<(), Interrupted>,
    sinks: Vec<Box<dyn Sink>>,
) -> Result<Told, Interrupted> {
    let told = Rc::new(RefCell::new(Told::default()));
    let view = Watching { view: Some(Terminal::new(settings.clone())), told: Rc::clone(&told) };
    let mut showing = Showing::new(console.lend(), Box::new(view));
    let mut pipeline = Pipeline::new(Settings::default(), true, &mut showing).keeping(sinks);
    pour(&mut pipeline)?;
    pipeline.finish()?;
    Ok(told.take())
}

/// Pours a recording as one sees it who has no keys.
fn without_secrets(bytes: &[u8], pipeline: &mut Pipeline<'_, '_>) -> Result<(), Interrupted> {
    let mut capture = recording::open(bytes)?;
    while let Some(input) = capture.next()? {
        if !matches!(input, Input::Secret(_)) {
            pipeline.push(input)?;
        }
    }
    Ok(())
}

/// Only keeps what a source yields.
fn keep(source: &mut dyn Source, sinks: &mut [&mut Recording]) -> Result<(), SourceError> {
    while let Some(input) = source.next()? {
        for sink in &mut *sinks {
            sink.take(&input)?;
        }
    }
    sinks.iter_mut().try_for_each(|sink| sink.finish())
}

/// A view that also remembers what was told; without one to show it, only that.
struct Watching {
    view: Option<Terminal>,
    told: Rc<RefCell<Told>>,
}

impl View for Watching {
    fn file(&mut self, name: &str, out: &mut dyn Write) -> io::Result<()> {
        self.view.as_mut().map_or(Ok(()), |view| view.file(name, out))
    }

    fn connection(
        &mut self,
        connection: &Connection,
        findings: &[Finding],
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let mut told = self.told.borrow_mut();
        told.connections.push(connection.clone());
        told.rules.extend(findings.iter().map(|finding| finding.rule.id));
        self.view.as_mut().map_or(Ok(()), |view| view.connection(connection, findings, out))
    }

    fn notice(&mut self, notice: &Notice, out: &mut dyn Write) -> io::Result<()> {
        self.view.as_mut().map_or(Ok(()), |view| view.notice(notice, out))
    }
}

fn last_scene(kept: Option<&Path>, closing: &str) -> String {
    let (name, how) = match kept {
        Some(path) => {
            let name = path.display().to_string();
            (name.clone(), format!("It is in {name}, with the secrets inside: Wireshark opens it as it is."))
        }
        None => (
            "demo.pcapng".to_owned(),
            "It was kept in memory alone. `mtlscope demo -w demo.pcapng` leaves it in a file, with the secrets inside, \
             which Wireshark opens as it is."
                .to_owned(),
        ),
    };
    let commands = [
        (format!("mtlscope read {name}"), "the recording: who refused whom, and why"),
        (
            "mtlscope pki init my-authority".to_owned(),
            "an authority of your own, and certificates that are wrong",
        ),
        ("mtlscope serve --help".to_owned(), "a server that explains each client it meets"),
        ("mtlscope connect https://...".to_owned(), "connect as curl would, and see inside"),
        ("mtlscope probe HOST".to_owned(), "does a server ask for a certificate, and insist?"),
        ("mtlscope explain".to_owned(), "the causes it can name"),
    ];
    let widest = commands.iter().map(|(command, _)| command.len()).max().unwrap_or(0);
    let commands: String =
        commands.iter().map(|(command, what)| format!("{command:<widest$}   # {what}\n")).collect();
    format!(
        "\
# The recording

All of this was recorded, and has just been read back. {closing}
{how}

# Your turn

```
{commands}```
"
    )
}
