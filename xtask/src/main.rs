//! What a developer runs: `cargo xtask test`, `docs`, `bench`, `captures`, `conformance`, `lab`, `peers`, `live`, `recipes`, `fixtures`. One file a task; this one
//! only declares the command line and hands over.

// A task talks to the person who started it; there is no view to write to.
#![allow(clippy::print_stdout, clippy::print_stderr)]

mod bench;
mod browser;
mod captures;
mod conformance;
mod docs;
mod fixtures;
mod lab;
mod live;
mod peers;
mod recipes;
mod test;
mod tshark;
mod wrapped;

mod connection;
mod known_differences;
mod measured;
mod tally;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use workspace::Workspace;

/// Developer tasks of mtlscope.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Run every test: formatting, lints, unit, documentation and tidy tests, then the suites that need peers.
    Test(test::Arguments),
    /// Write docs/rules/*.md from the rules themselves.
    Docs(docs::Arguments),
    /// Measure `mtlscope read` beside the floor and, if asked, tshark, on generated traffic.
    Bench(bench::Arguments),
    /// Look at the page in a real Chromium: every view, on real captures.
    Browser(browser::Arguments),
    /// Compare what we read in the real captures of ../shared/captures with tshark's reading.
    Captures(captures::Arguments),
    /// Compare our filters and fields with Wireshark's over every capture of ../shared.
    Conformance(conformance::Arguments),
    /// Score what we read in the recordings of ../shared/lab against what is known of them.
    Lab(lab::Arguments),
    /// Let our client and server meet real ones, or real ones each other.
    Peers(peers::Arguments),
    /// Capture between two hosts, and measure how many packets a second are kept up with.
    Live(live::Arguments),
    /// Let `mtlscope run` watch real programs, by each of its means.
    Wrapped(wrapped::Arguments),
    /// Play what each rule page says of how to reproduce its trouble, and see whether the rule speaks.
    Recipes(recipes::Arguments),
    /// Copy the chosen recordings of ../shared/lab into fixtures/.
    Fixtures,
    /// Run one command and write what it cost to a file; the other tasks use this.
    #[command(hide = true)]
    Measured(measured::Arguments),
}

fn main() -> ExitCode {
    match run(Cli::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            eprintln!("cargo xtask: {error:#}");
            ExitCode::from(2)
        }
    }
}

/// Runs the task; false if it did its work and the answer is "not good".
fn run(cli: Cli) -> anyhow::Result<bool> {
    if let Task::Measured(arguments) = cli.task {
        return measured::run(arguments);
    }
    let workspace = Workspace::find()?;
    match cli.task {
        Task::Test(arguments) => test::run(&workspace, arguments),
        Task::Docs(arguments) => docs::run(&workspace, arguments),
        Task::Bench(arguments) => bench::run(&workspace, arguments),
        Task::Browser(arguments) => browser::run(&workspace, arguments),
        Task::Captures(arguments) => captures::run(&workspace, arguments),
        Task::Conformance(arguments) => conformance::run(&workspace, arguments),
        Task::Lab(arguments) => lab::run(&workspace, arguments),
        Task::Peers(arguments) => peers::run(&workspace, arguments),
        Task::Live(arguments) => live::run(&workspace, arguments),
        Task::Wrapped(arguments) => wrapped::run(&workspace, arguments),
        Task::Recipes(arguments) => recipes::run(&workspace, &arguments),
        Task::Fixtures => fixtures::run(&workspace),
        Task::Measured(_) => Ok(true),
    }
}
