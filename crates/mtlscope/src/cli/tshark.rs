//! tshark's command line, as far as it makes sense here: a line written for tshark runs with the program's name changed.

use std::ffi::{OsStr, OsString};
use std::num::NonZeroU64;
use std::path::PathBuf;

/// Frames instead of connections, and what tshark calls things.
#[derive(clap::Args, Clone, Debug, Default)]
#[command(next_help_heading = "Frames, as tshark shows them")]
pub(crate) struct Tshark {
    /// Show the packet list: a line a frame, with the handshake messages named
    ///
    /// Of several files each is read for itself, its name above it: its frames have the numbers that Wireshark gives them when
    /// it opens that file. To count over all of them, join them first: `mergecap -w all.pcapng cap_*.pcapng`.
    ///
    /// Example: `mtlscope read --frames -Y tls.alert_message trace.pcapng`
    #[arg(long, conflicts_with_all = ["table", "json", "tree", "hex", "certs", "save_certs"])]
    pub(crate) frames: bool,

    /// Show fields, a line a frame; the only FORMAT is `fields`
    ///
    /// Of several files the lines follow each other, and frames are numbered in each from 1.
    ///
    /// Example: `mtlscope read -T fields -e frame.number -e tls.handshake.type trace.pcapng`
    #[arg(short = 'T', value_name = "FORMAT", id = "table")]
    #[arg(conflicts_with_all = ["json", "tree", "hex", "certs", "save_certs"])]
    pub(crate) table: Option<String>,

    /// A field to show, by Wireshark's name; may be given more than once
    #[arg(short = 'e', value_name = "FIELD", id = "field", requires = "table", allow_hyphen_values = true)]
    pub(crate) fields: Vec<String>,

    /// How to write the fields: header=y, separator=, occurrence=f, ...
    ///
    /// header=y|n, separator=/t|/s|CHARACTER, occurrence=f|l|a, aggregator=,|/s|CHARACTER, quote=d|s|n, bom=y|n
    #[arg(short = 'E', value_name = "SETTING", requires = "table", hide_short_help = true)]
    pub(crate) format: Vec<String>,

    /// Stop after so many packets
    #[arg(short = 'c', value_name = "N", hide_short_help = true)]
    pub(crate) packets: Option<NonZeroU64>,

    /// A preference of Wireshark: `tls.keylog_file:FILE`
    #[arg(short = 'o', value_name = "NAME:VALUE", hide_short_help = true)]
    pub(crate) preferences: Vec<String>,

    /// Taken for tshark's sake: `tcp.port==8443,tls`; TLS is found on any port
    #[arg(short = 'd', value_name = "LAYER==PORT,PROTOCOL", hide_short_help = true)]
    pub(crate) decode_as: Vec<String>,

    /// Read the file twice, so that each frame is shown with what only later ones tell
    #[arg(short = '2', hide_short_help = true)]
    pub(crate) two_passes: bool,

    /// Taken for tshark's sake: names are never looked up
    #[arg(short = 'n', hide_short_help = true)]
    pub(crate) numeric: bool,

    /// Taken for tshark's sake: names are never looked up
    #[arg(short = 'N', value_name = "FLAGS", hide = true)]
    pub(crate) resolves: Option<String>,

    /// Taken for tshark's sake: the only TIME is `r`, seconds since the first frame
    #[arg(short = 't', value_name = "TIME", hide = true)]
    pub(crate) time: Option<String>,

    /// Taken for tshark's sake: lines are always printed
    #[arg(short = 'P', hide = true)]
    pub(crate) prints: bool,

    /// Write out each line at once
    #[arg(short = 'l', hide_short_help = true)]
    pub(crate) line_by_line: bool,

    /// Say nothing of oddities of the input
    #[arg(short = 'Q', hide_short_help = true)]
    pub(crate) quiet: bool,

    /// Taken to say that it is not here
    #[arg(short = 'q', hide = true)]
    pub(crate) without_packets: bool,

    /// Taken to say that it is not here
    #[arg(short = 'z', hide = true, value_name = "STATISTICS")]
    pub(crate) statistics: Vec<String>,
}

/// What is shown of a capture.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Shows {
    Connections,
    PacketList,
    Fields,
}

/// A line of tshark's, understood.
#[derive(Debug, Default)]
pub(crate) struct Understood {
    /// Key logs given as preferences.
    pub(crate) key_logs: Vec<PathBuf>,
    /// What was taken and changes nothing.
    pub(crate) remarks: Vec<String>,
}

/// Preferences that say how to do what is always done here.
const ALWAYS_SO: [&str; 8] = [
    "tcp.desegment_tcp_streams",
    "tcp.reassemble_out_of_order",
    "tcp.relative_sequence_numbers",
    "tcp.analyze_sequence_numbers",
    "tls.desegment_ssl_records",
    "tls.desegment_ssl_application_data",
    "ip.defragment",
    "ipv6.defragment",
];

impl Tshark {
    /// What is to be shown.
    pub(crate) fn shows(&self) -> Shows {
        match (self.frames, &self.table) {
            (true, _) => Shows::PacketList,
            (false, Some(_)) => Shows::Fields,
            (false, None) => Shows::Connections,
        }
    }

    /// Understands what is more than a flag. Fails with one line that says what to do.
    pub(crate) fn understood(&self) -> Result<Understood, String> {
        if self.without_packets || !self.statistics.is_empty() {
            return Err("tshark's -q and -z are not here; --json has what statistics are made of".to_owned());
        }
        match self.table.as_deref() {
            None | Some("fields") => {}
            Some("json" | "ek" | "pdml" | "jsonraw") => {
                return Err("-T has only `fields`; --json writes connections as JSON".to_owned());
            }
            Some(other) => {
                return Err(format!("-T {other} is not here: use -T fields -e FIELD, or --frames"));
            }
        }
        if self.table.is_some() && self.fields.is_empty() {
            return Err(
                "-T fields shows the fields that -e names: give -e FIELD, as often as you like".to_owned()
            );
        }
        let has_column = self.fields.iter().any(|field| field.eq_ignore_ascii_case("_ws.col.Time"));
        if let Some(time) = self.time.as_deref().filter(|time| *time != "r")
            && (self.table.is_none() || has_column)
        {
            return Err(format!(
                "-t {time} is not here: the list counts seconds from the first frame; -T fields -e frame.time has the date"
            ));
        }
        let mut understood = Understood::default();
        for preference in &self.preferences {
            understood.preference(preference)?;
        }
        for rule in &self.decode_as {
            decode_as(rule)?;
        }
        Ok(understood)
    }
}

impl Understood {
    fn preference(&mut self, preference: &str) -> Result<(), String> {
        let Some((name, value)) = preference.split_once(':') else {
            return Err(format!("-o {preference}: write NAME:VALUE, as in -o tls.keylog_file:keys.log"));
        };
        let (name, value) = (name.trim(), value.trim());
        let name = match name.strip_prefix("ssl.") {
            Some(rest) => format!("tls.{rest}"),
            None => name.to_owned(),
        };
        match name.as_str() {
            "tls.keylog_file" => self.key_logs.push(value.into()),
            "tcp.check_checksum" | "ip.check_checksum" | "udp.check_checksum"
                if !value.eq_ignore_ascii_case("true") => {}
            name if ALWAYS_SO.contains(&name) => {
                if value.eq_ignore_ascii_case("false") {
                    self.remarks.push(format!("-o {preference} changes nothing: it is always done here"));
                }
            }
            "tls.keys_list" | "uat" => {
                return Err(format!(
                    "-o {preference}: give the server's key with --rsa-key FILE (its passphrase with --rsa-key-pass)"
                ));
            }
            // TLS is found on any port.
            name if name.ends_with(".tls.port") || name.ends_with(".ssl.port") => {}
            name if name.starts_with("gui.") || name.starts_with("nameres.") => {
                self.remarks.push(format!("-o {preference} changes nothing here"));
            }
            _ => {
                return Err(format!(
                    "-o {preference}: no such preference here; only tls.keylog_file:FILE does something"
                ));
            }
        }
        Ok(())
    }
}

/// `tcp.port==8443,tls`: TLS is found on any port, so there is nothing to do.
fn decode_as(rule: &str) -> Result<(), String> {
    let protocol = rule.split_once("==").and_then(|(_, behind)| behind.rsplit_once(','));
    match protocol {
        Some((_, "tls" | "ssl")) => Ok(()),
        Some((_, protocol)) => {
            Err(format!("-d {rule}: {protocol} is not read here; only tls is, on any port"))
        }
        None => Err(format!("-d {rule}: write LAYER==PORT,PROTOCOL, as in -d tcp.port==8443,tls")),
    }
}

/// A line of tshark's becomes one of ours: `mtlscope -r FILE` is `mtlscope read FILE`, and what stands alone in it is a
/// filter.
pub(super) fn translated(arguments: Vec<OsString>) -> Vec<OsString> {
    let is_ours = arguments.get(1).is_none_or(|first| !is_short(first));
    let reads = |argument: &OsString| {
        argument.to_str().is_some_and(|text| {
            let flags = text.strip_prefix('-').unwrap_or_default();
            !flags.starts_with('-')
                && flags.trim_start_matches(['n', '2', 'l', 'Q', 'q', 'x', 'V']).starts_with('r')
        })
    };
    if is_ours || !arguments.iter().skip(1).any(reads) {
        return arguments;
    }
    let mut translated = arguments;
    translated.insert(1, "read".into());
    translated
}

/// Whether this is a short option.
fn is_short(argument: &OsStr) -> bool {
    argument.to_str().is_some_and(|text| text.len() > 1 && text.starts_with('-') && !text.starts_with("--"))
}
