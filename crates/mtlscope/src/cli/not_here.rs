//! Options of tshark that are not here, each with what to do instead: who changes the program's name in a line is told in one.

use std::ffi::OsString;

use clap::error::{ContextKind, ContextValue, ErrorKind};

/// An option, and what to do instead of it.
const INSTEAD: &[(&str, &str)] = &[
    ("-i", "`mtlscope capture -i INTERFACE` captures"),
    ("-D", "`mtlscope capture -D` lists the interfaces"),
    ("-f", "`mtlscope capture --host HOST --port PORT` chooses packets while it captures; -Y chooses here"),
    ("-p", "leave it out; `mtlscope capture` is not promiscuous unless asked"),
    ("-I", "`mtlscope capture` takes the interface as it is"),
    ("-y", "`mtlscope capture` takes the interface as it is"),
    ("-B", "`mtlscope capture -B MIB` sizes the kernel's buffer"),
    ("-s", "leave it out; packets are always taken whole"),
    ("-a", "`mtlscope capture --duration` and `-c N` end a capture; -c N ends reading"),
    ("-b", "`mtlscope capture -w FILE -b filesize:KB` records in several files"),
    (
        "-w",
        "`mtlscope share FILE -o OUT` writes a capture, `mtlscope capture -w FILE` records one; editcap cuts",
    ),
    ("-F", "`mtlscope share` and `capture -w` write pcapng; editcap converts"),
    ("-W", "leave it out"),
    ("-H", "leave it out; names are never looked up"),
    ("-R", "use -Y FILTER"),
    ("-O", "`mtlscope read -V -Y FILTER FILE` shows every field of the TLS messages"),
    ("-S", "leave it out; lines stand one below the other"),
    ("-j", "`--json` writes connections; -T fields -e FIELD chooses fields"),
    ("-J", "`--json` writes connections; -T fields -e FIELD chooses fields"),
    ("-u", "leave it out; spans are in seconds"),
    ("-g", "leave it out"),
    ("-C", "leave it out; there are no profiles"),
    ("-K", "leave it out; Kerberos is not read"),
    ("-X", "leave it out; there are no scripts"),
    ("-L", "leave it out"),
    ("-G", "`mtlscope read --fields [PATTERN]` lists the fields"),
    ("-v", "`mtlscope --version`"),
    ("--disable-protocol", "leave it out; only TLS and what is below it is read"),
    ("--enable-protocol", "leave it out; only TLS and what is below it is read"),
    ("--only-protocols", "leave it out; only TLS and what is below it is read"),
    ("--disable-heuristic", "leave it out; TLS is found by its bytes"),
    ("--enable-heuristic", "leave it out; TLS is found by its bytes"),
    ("--no-duplicate-keys", "leave it out; `--json` has each key once"),
    ("--export-tls-session-keys", "use --export-keys FILE"),
    (
        "--export-objects",
        "application data is not saved; Wireshark does, with the keys of --export-keys FILE",
    ),
    ("--read-file", "use -r FILE"),
    ("--read-filter", "use -Y FILTER"),
    ("--display-filter", "use -Y FILTER"),
    ("--decode-as", "leave it out; TLS is found on any port"),
    ("--interface", "`mtlscope capture -i INTERFACE` captures"),
    ("--list-interfaces", "`mtlscope capture -D` lists the interfaces"),
];

/// What to say of a line that clap does not take, if it is one of tshark's: one line.
pub(super) fn instead(arguments: &[OsString], error: &clap::Error) -> Option<String> {
    let first = arguments.get(1)?.to_str()?;
    if error.kind() != ErrorKind::UnknownArgument || !(first == "read" || first.starts_with('-')) {
        return None;
    }
    let Some(ContextValue::String(unknown)) = error.get(ContextKind::InvalidArg) else { return None };
    let (option, instead) = INSTEAD.iter().find(|(option, _)| option == unknown)?;
    Some(format!("{option} of tshark is not here: {instead}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_option_that_is_here_is_said_not_to_be() {
        let command = crate::cli::command();
        let read = command.find_subcommand("read").unwrap();
        for argument in read.get_arguments() {
            let short = argument.get_short().map(|short| format!("-{short}"));
            let long = argument.get_long().map(|long| format!("--{long}"));
            for name in short.into_iter().chain(long) {
                assert!(INSTEAD.iter().all(|(option, _)| *option != name), "{name}");
            }
        }
    }
}
