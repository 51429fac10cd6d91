//! The program as its users meet it: what it prints, where, and with which exit code.

// What a test cannot unwrap has failed it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod rules;
mod run;
mod running;

mod help;
mod exit_codes;
mod read;
mod report;
mod capture;
mod rotated;
mod connect;
mod diff;
mod share;
mod inject_secrets;
mod options;
mod explain;
mod filters;
mod frames;
mod tls_fields;
mod web;
mod probe;
mod demo;
mod serve;
mod wrapped;
mod tap;
mod pki;
mod printout;
mod completions;
mod closed_pipe;
mod hostile;
mod keyless;
mod late_keys;
mod contents;
mod endless;
mod made;
mod threads;
