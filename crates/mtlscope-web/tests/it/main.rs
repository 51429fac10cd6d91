//! The page as whoever asks meets it: over HTTP, with a reader that stands for captures.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod http;
mod refused;
mod taken;

use std::sync::Arc;

use mtlscope_web::{Hear, Limits, Page, Reader, Reading, Settings};

use http::Client;

/// Reads what begins with `capture`, and finds nothing in it.
struct Stub;

impl Reader for Stub {
    fn read(&self, reading: &Reading<'_>, hearer: &Arc<dyn Hear>) -> Result<usize, String> {
        let bytes = std::fs::read(reading.files[0]).map_err(|error| error.to_string())?;
        if !bytes.starts_with(b"capture") {
            return Err("it is no capture".to_owned());
        }
        hearer.notice(&format!("{} bytes, {} key logs", bytes.len(), reading.keys.len()));
        hearer.notice(&format!("it lies at {} today", reading.files[0].display()));
        Ok(1)
    }
}

/// A page that takes little.
fn page() -> Page {
    let limits = Limits { upload: 100_000, keys: 1_000, ..Limits::default() };
    Page::serve(Settings { port: 0, limits }, Stub).unwrap()
}

/// A page, and a client that has opened it.
fn opened() -> (Page, Client) {
    let page = page();
    let mut client = Client::new(page.address());
    let answer = client.get(&path(&page.url()));
    client.cookie = answer.cookie();
    assert!(client.cookie.is_some());
    (page, client)
}

/// The path of an address, with its query.
fn path(url: &str) -> String {
    let (_, rest) = url.split_once("://").unwrap();
    format!("/{}", rest.split_once('/').unwrap().1)
}
