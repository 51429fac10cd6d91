//! `mtlscope read --frames` and `-T fields`, and lines that were written for tshark.

use mtlscope::Exit;

use crate::run::{Given, Ran, accepted, refused, run, run_with};

fn of_refused(arguments: &[&str]) -> Ran {
    let capture = refused().to_str().unwrap().to_owned();
    let arguments = arguments.iter().map(|argument| argument.replace("FILE", &capture));
    run(arguments)
}

#[test]
fn the_packet_list_names_the_messages_of_each_frame() {
    let ran = of_refused(&["read", "--frames", "FILE"]);
    assert_eq!(ran.exit, Exit::Clean, "nothing is judged: {}", ran.err);
    let lines: Vec<&str> = ran.out.lines().collect();
    assert_eq!(lines.len(), 14);
    let syn = "    1   0.000000    10.77.0.2 → 10.77.0.1    TCP 74 48838 → 4403 [SYN] Seq=0 Win=64240 Len=0 \
               MSS=1460 SACK_PERM TSval=3333756050 TSecr=0 WS=1024";
    assert_eq!(lines[0], syn);
    assert!(lines[3].ends_with("TLSv1 289 Client Hello"), "{}", lines[3]);
    let flight = "Certificate, Server Key Exchange, Certificate Request, Server Hello Done";
    assert!(lines[6].ends_with(flight), "{}", lines[6]);
    assert!(lines[10].ends_with("TLSv1.2 73 Alert (Level: Fatal, Description: Unknown CA)"), "{}", lines[10]);
}

#[test]
fn each_of_several_files_has_the_frame_numbers_that_wireshark_shows_for_it() {
    let files = [refused(), accepted()].map(|file| file.to_str().unwrap().to_owned());
    let ran = run(["read", "--frames", "-Y", "tcp.flags.syn == 1"]
        .map(str::to_owned)
        .into_iter()
        .chain(files.clone()));
    let lines: Vec<&str> = ran.out.lines().collect();
    assert_eq!(
        (lines.len(), lines[0], lines[3], lines[4]),
        (7, &*format!("{}:", files[0]), "", &*format!("{}:", files[1]))
    );
    for place in [1, 5] {
        assert!(lines[place].starts_with("    1   0.000000 "), "{}", lines[place]);
    }
    let numbers =
        ["read", "-T", "fields", "-e", "frame.number", "-Y", "tcp.flags.syn == 1"].map(str::to_owned);
    assert_eq!(run(numbers.into_iter().chain(files)).out, "1\n2\n1\n2\n", "a table is rows and nothing else");
}

#[test]
fn two_passes_know_the_version_from_the_first_frame_on() {
    let ran = of_refused(&["read", "-2", "--frames", "FILE", "-Y", "tls.handshake.type == 1"]);
    assert!(ran.out.ends_with("TLSv1.2 289 Client Hello\n"), "{}", ran.out);
}

#[test]
fn a_line_of_tshark_runs_with_the_name_changed() {
    let ran = of_refused(&[
        "-n",
        "-r",
        "FILE",
        "-d",
        "tcp.port==4403,tls",
        "-T",
        "fields",
        "-E",
        "header=y",
        "-E",
        "separator=,",
        "-E",
        "quote=d",
        "-e",
        "frame.number",
        "-e",
        "tcp.port",
        "-e",
        "tls.alert_message.desc",
        "-Y",
        "tls.alert_message",
    ]);
    assert_eq!(
        ran.out, "frame.number,tcp.port,tls.alert_message.desc\n\"11\",\"4403,48838\",\"48\"\n",
        "{}",
        ran.err
    );
    assert_eq!(ran.exit, Exit::Clean);
    let ran = of_refused(&["-r", "FILE", "-T", "fields", "-e", "frame.number", "-c", "7", "tls.handshake"]);
    assert_eq!(ran.out, "4\n6\n7\n");
    let ran = of_refused(&["-r", "FILE", "-Tfields", "-eip.addr", "-c1", "-Eoccurrence=l"]);
    assert_eq!(ran.out, "10.77.0.1\n");
    let ran = of_refused(&["-r", "FILE", "-Tfields", "-eip.addr", "-eeth.type", "-c1", "-Eaggregator=/s"]);
    assert_eq!(ran.out, "10.77.0.2 10.77.0.1\t0x0800\n");
}

#[test]
fn a_field_of_the_connection_stands_in_every_frame_of_it() {
    let ran = of_refused(&["-r", "FILE", "-T", "fields", "-e", "frame.number", "-e", "outcome.result"]);
    assert_eq!(ran.out.lines().filter(|line| line.ends_with("\trefused")).count(), 14, "{}", ran.out);
    let ran = of_refused(&["-r", "FILE", "--frames", "outcome.result == \"accepted\""]);
    assert_eq!((ran.out.as_str(), ran.exit), ("", Exit::Clean));
}

#[test]
fn what_is_read_only_once_cannot_be_asked_for_its_end() {
    let given = Given { input: std::fs::read(refused()).unwrap(), ..Given::default() };
    let ran = run_with(["-r", "-", "-T", "fields", "-e", "outcome.result"], given.clone());
    assert_eq!((ran.exit, ran.out.as_str()), (Exit::CouldNotLook, ""));
    let says = "outcome.result is known only at a connection's end, and standard input can be read only once";
    assert!(ran.err.contains(says), "{}", ran.err);
    let ran = run_with(["-r", "-", "-T", "fields", "-e", "frame.len", "-c", "2"], given);
    assert_eq!((ran.exit, ran.out.as_str()), (Exit::Clean, "74\n74\n"));
}

#[test]
fn what_is_not_here_is_refused_with_a_word() {
    let cases = [
        (&["-r", "FILE", "-q", "-z", "io,stat,1"][..], "-q and -z are not here"),
        (&["-r", "FILE", "-T", "pdml", "-e", "ip.src"], "-T has only `fields`"),
        (&["-r", "FILE", "-T", "fields", "-e", "tls.handshake.typ"], "did you mean tls.handshake.type?"),
        (
            &["-r", "FILE", "-T", "fields", "-e", "ip.src", "-E", "separator=ab"],
            "-E separator=ab makes no sense",
        ),
        (&["-r", "FILE", "-o", "tls.psk:00"], "no such preference here"),
        (&["-r", "FILE", "-o", "nonsense"], "write NAME:VALUE"),
        (&["-r", "FILE", "-T", "fields"], "give -e FIELD"),
        (&["-r", "FILE", "-T", "json"], "--json writes connections as JSON"),
        (
            &["-r", "FILE", "-o", "ssl.keys_list:,443,http,/key.pem"],
            "give the server's key with --rsa-key FILE",
        ),
        (
            &["-r", "FILE", "-o", "uat:rsa_keys:\"/key.pem\",\"\""],
            "give the server's key with --rsa-key FILE",
        ),
        (&["-r", "FILE", "--frames", "-t", "ad"], "-T fields -e frame.time has the date"),
        (&["-r", "FILE", "-R", "tls", "-2"], "-R of tshark is not here: use -Y FILTER"),
        (
            &["-r", "FILE", "-w", "-"],
            "-w of tshark is not here: `mtlscope share FILE -o OUT` writes a capture",
        ),
        (&["-r", "FILE", "-Otls"], "-O of tshark is not here"),
        (&["-i", "eth0", "-Y", "tls"], "`mtlscope capture -i INTERFACE` captures"),
        (&["-G", "fields"], "`mtlscope read --fields [PATTERN]`"),
        (&["-r", "FILE", "-d", "tcp.port==80,http"], "http is not read here"),
        (&["-r", "FILE", "--frames", "-Y", "ip.src ="], "`=` has no place in a filter"),
    ];
    for (arguments, says) in cases {
        let ran = of_refused(arguments);
        assert_eq!((ran.exit, ran.out.as_str()), (Exit::CouldNotLook, ""), "{arguments:?}");
        assert!(ran.err.contains(says), "{arguments:?}: {}", ran.err);
        assert!(ran.err.lines().count() == 1 || ran.err.contains('^'), "{arguments:?}: {}", ran.err);
    }
    for taken in [
        &["-N", "n"][..],
        &["-P"],
        &["-t", "r"],
        &["-o", "http.ssl.port:8443"],
        &["-d", "tcp.port==4403,ssl"],
    ] {
        let ran =
            of_refused(&[&["-r", "FILE", "-c", "1", "-T", "fields", "-e", "frame.number"], taken].concat());
        assert_eq!((ran.exit, ran.out.as_str(), ran.err.as_str()), (Exit::Clean, "1\n", ""), "{taken:?}");
    }
    let ran = of_refused(&["-r", "FILE", "--frames", "-c", "1", "-o", "tcp.desegment_tcp_streams:FALSE"]);
    assert_eq!(ran.exit, Exit::Clean);
    assert!(ran.err.contains("changes nothing: it is always done here"), "{}", ran.err);
}
