//! What a probe found out of a server: a table for people, a line of JSON for programs.

mod table;
mod json;
mod words;
#[cfg(test)]
mod samples;

pub use json::write_line;
pub use table::{Summary, write_table};
