//! The program as its users meet it: what it prints, where, and with which exit code.

mod run;

mod help;
mod exit_codes;
mod read;
mod options;
mod explain;
mod demo;
mod completions;
mod closed_pipe;
