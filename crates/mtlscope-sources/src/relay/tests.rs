//! The relay met in its own process by plain TCP: what passes, how it ends, and that the engine hears the same.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::sync::mpsc::{Receiver, channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use mtlscope_dissect::input::{ChunkKind, Input};
use mtlscope_dissect::side::Side;

use super::*;
use crate::Source;
use crate::feed::FeedSource;

/// Nothing here takes longer, unless something hangs.
const PATIENCE: Duration = Duration::from_secs(20);

/// A relay under test, what it feeds, and how its connections came.
struct Rig {
    relay: Relay,
    source: FeedSource,
    came: Receiver<(FlowId, Came)>,
}

/// What the engine heard of one connection.
#[derive(Default, Debug, PartialEq)]
struct Heard {
    bytes: [Vec<u8>; 2],
    /// Who said nothing more, and how, in order.
    ends: Vec<(Side, &'static str)>,
    server: Option<SocketAddr>,
}

fn rig(mode: Mode, change: impl FnOnce(&mut Settings)) -> Rig {
    let (feed, source) = Feed::new();
    let (tell, came) = channel();
    let mut settings = Settings::new(([127, 0, 0, 1], 0).into(), mode);
    settings.watcher = Some(Arc::new(move |flow, came| tell.send((flow, came.clone())).unwrap()));
    change(&mut settings);
    Rig { relay: Relay::start(settings, &feed).unwrap(), source, came }
}

impl Rig {
    fn call(&self) -> TcpStream {
        let stream = TcpStream::connect(self.relay.address()).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream
    }

    fn came(&self) -> Came {
        self.came.recv_timeout(PATIENCE).unwrap().1
    }

    /// Stops the relay once its connections have ended; what was heard of each, and the notices.
    fn finish(mut self) -> (Vec<Heard>, Vec<String>) {
        self.relay.finish(PATIENCE);
        let (mut heard, mut notices): (Vec<(FlowId, Heard)>, Vec<String>) = Default::default();
        while let Some(input) = self.source.next().unwrap() {
            match input {
                Input::Notice(text) => notices.push(text.to_owned()),
                // A connection of which nothing else is heard is none to the engine.
                Input::Chunk(chunk) if matches!(chunk.what, ChunkKind::End) => {}
                Input::Chunk(chunk) => {
                    if heard.iter().all(|(flow, _)| *flow != chunk.flow) {
                        heard.push((chunk.flow, Heard::default()));
                    }
                    let (_, heard) = heard.iter_mut().find(|(flow, _)| *flow == chunk.flow).unwrap();
                    heard.server = Some(chunk.server);
                    match chunk.what {
                        ChunkKind::Bytes(bytes) => heard.bytes[chunk.side.index()].extend(bytes),
                        ChunkKind::Fin => heard.ends.push((chunk.side, "fin")),
                        ChunkKind::Reset => heard.ends.push((chunk.side, "reset")),
                        other => panic!("{other:?}"),
                    }
                }
                other => panic!("{other:?}"),
            }
        }
        (heard.into_iter().map(|(_, heard)| heard).collect(), notices)
    }
}

/// A server for one connection.
fn server<T: Send + 'static>(
    serve: impl FnOnce(TcpStream) -> T + Send + 'static,
) -> (SocketAddr, JoinHandle<T>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let served = thread::spawn(move || {
        let (stream, _) = listener.accept().unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        serve(stream)
    });
    (address, served)
}

/// A server that reads to the end, then answers with what it got.
fn echo() -> (SocketAddr, JoinHandle<()>) {
    server(|mut stream| {
        let mut got = Vec::new();
        stream.read_to_end(&mut got).unwrap();
        stream.write_all(&got).unwrap();
    })
}

fn fixed(address: SocketAddr) -> Mode {
    Mode::Fixed(target(address))
}

fn target(address: SocketAddr) -> Target {
    Target { host: address.ip().to_string(), port: address.port() }
}

/// Sends, closes its half, and gives what comes back.
fn exchange(mut stream: &TcpStream, words: &[u8]) -> Vec<u8> {
    let mut sender = stream.try_clone().unwrap();
    let words = words.to_vec();
    let sending = thread::spawn(move || {
        sender.write_all(&words).unwrap();
        sender.shutdown(Shutdown::Write).unwrap();
    });
    let mut got = Vec::new();
    stream.read_to_end(&mut got).unwrap();
    sending.join().unwrap();
    got
}

/// Waits until the socket has failed, which it is to do by a reset.
fn is_reset(mut stream: &TcpStream) -> bool {
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let mut rest = Vec::new();
    stream.read_to_end(&mut rest).is_err_and(|error| error.kind() == ErrorKind::ConnectionReset)
}

const PROXY: Mode = Mode::Proxy { http: true, socks: true };

#[test]
fn a_half_close_leaves_the_other_direction_open_and_no_byte_is_changed() {
    // More than all buffers on the way hold.
    let words: Vec<u8> = (0..20_000_000_u32).map(|n| (n / 7) as u8).collect();
    let (address, served) = echo();
    let mut rig = rig(fixed(address), |_| {});
    let client = rig.call();
    let relay = rig.relay;
    let engine = thread::spawn(move || {
        let mut counts = [0, 0];
        let mut ends = Vec::new();
        while let Some(input) = rig.source.next().unwrap() {
            let Input::Chunk(chunk) = input else { panic!("{input:?}") };
            match chunk.what {
                ChunkKind::Bytes(bytes) => counts[chunk.side.index()] += bytes.len(),
                ChunkKind::Fin => ends.push(chunk.side),
                _ => {}
            }
        }
        (counts, ends)
    });
    assert!(exchange(&client, &words) == words);
    served.join().unwrap();
    drop(client);
    relay.finish(PATIENCE);
    assert_eq!(engine.join().unwrap(), ([words.len(); 2], vec![Side::Client, Side::Server]));
}

#[test]
fn what_is_heard_is_what_passed_and_where_to() {
    let (address, served) = echo();
    let rig = rig(fixed(address), |_| {});
    let client = rig.call();
    assert_eq!(exchange(&client, b"words"), b"words");
    served.join().unwrap();
    let came = rig.came();
    assert_eq!((came.way, came.reached), (Way::Fixed, Ok(address)));
    assert_eq!(came.caller, client.local_addr().unwrap());
    let heard = Heard {
        bytes: [b"words".to_vec(), b"words".to_vec()],
        ends: vec![(Side::Client, "fin"), (Side::Server, "fin")],
        server: Some(address),
    };
    assert_eq!(rig.finish(), (vec![heard], vec![]));
}

#[test]
fn a_reset_by_the_server_reaches_the_client_behind_its_last_words() {
    let (address, served) = server(|mut stream| {
        stream.read_exact(&mut [0; 1]).unwrap();
        stream.write_all(b"alert").unwrap();
        reset_when_closed_for_test(&stream);
    });
    let rig = rig(fixed(address), |_| {});
    let mut client = rig.call();
    client.write_all(b"x").unwrap();
    let mut last = [0; 5];
    client.read_exact(&mut last).unwrap();
    assert_eq!(&last, b"alert");
    assert!(is_reset(&client));
    served.join().unwrap();
    let (heard, notices) = rig.finish();
    assert_eq!(heard[0].ends, [(Side::Server, "reset")]);
    assert_eq!((heard[0].bytes[1].as_slice(), notices), (b"alert".as_slice(), vec![]));
}

#[test]
fn a_reset_by_the_client_reaches_the_server_even_behind_the_servers_own_end() {
    let (address, served) = server(|stream| {
        stream.shutdown(Shutdown::Write).unwrap();
        is_reset(&stream)
    });
    let rig = rig(fixed(address), |_| {});
    let mut client = rig.call();
    assert_eq!(client.read(&mut [0; 1]).unwrap(), 0);
    client.write_all(b"x").unwrap();
    reset_when_closed_for_test(&client);
    drop(client);
    assert!(served.join().unwrap());
    assert_eq!(rig.finish().0[0].ends, [(Side::Server, "fin"), (Side::Client, "reset")]);
}

#[test]
fn a_reset_behind_a_servers_end_is_noticed_while_the_client_is_silent() {
    let (address, served) = server(|mut stream| {
        stream.shutdown(Shutdown::Write).unwrap();
        stream.read_exact(&mut [0; 1]).unwrap();
        reset_when_closed_for_test(&stream);
    });
    let rig = rig(fixed(address), |_| {});
    let mut client = rig.call();
    client.write_all(b"x").unwrap();
    served.join().unwrap();
    // The end came first, and then nothing more is read: the reset shows in writing.
    assert_eq!(client.read(&mut [0; 1]).unwrap(), 0);
    let (heard, _) = rig.finish();
    assert_eq!(heard[0].ends, [(Side::Server, "fin"), (Side::Server, "reset")]);
    assert!((0..200).any(|_| {
        thread::sleep(Duration::from_millis(5));
        client.write_all(b"y").is_err()
    }));
}

fn reset_when_closed_for_test(stream: &TcpStream) {
    super::pair::reset_when_closed(stream);
}

#[test]
fn a_side_that_does_not_read_holds_the_other_back() {
    let (address, served) = server(|mut stream| {
        thread::sleep(Duration::from_millis(300));
        let mut got = Vec::new();
        stream.read_to_end(&mut got).unwrap();
        got.len()
    });
    let mut rig = rig(fixed(address), |_| {});
    let client = rig.call();
    client.set_nonblocking(true).unwrap();
    let piece = [7; 64 * 1024];
    let (mut sent, mut blocked) = (0, 0);
    let start = std::time::Instant::now();
    let engine = thread::spawn(move || while rig.source.next().unwrap().is_some() {});
    while start.elapsed() < Duration::from_millis(250) {
        match (&client).write(&piece) {
            Ok(length) => sent += length,
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                blocked += 1;
                thread::sleep(Duration::from_millis(1));
            }
            Err(error) => panic!("{error}"),
        }
    }
    // The buffers of four sockets on loopback, and one of ours.
    assert!(blocked > 0 && sent < 64 << 20, "{sent} bytes were taken, {blocked} times none");
    client.set_nonblocking(false).unwrap();
    drop(client);
    assert_eq!(served.join().unwrap(), sent);
    rig.relay.finish(PATIENCE);
    drop(rig.relay);
    engine.join().unwrap();
}

#[test]
fn an_engine_that_takes_nothing_does_not_hold_connections_up_without_end() {
    let (address, served) = echo();
    let (feed, mut source) = Feed::waiting_at_most(Duration::from_millis(50));
    let relay = Relay::start(Settings::new(([127, 0, 0, 1], 0).into(), fixed(address)), &feed).unwrap();
    drop(feed);
    let words = vec![7; 30_000_000];
    let client = TcpStream::connect(relay.address()).unwrap();
    client.set_read_timeout(Some(PATIENCE)).unwrap();
    assert!(exchange(&client, &words) == words);
    served.join().unwrap();
    relay.finish(PATIENCE);
    let (mut passed, mut missing) = ([0, 0], 0);
    while let Some(input) = source.next().unwrap() {
        let Input::Chunk(chunk) = input else { panic!("{input:?}") };
        match chunk.what {
            ChunkKind::Bytes(bytes) => passed[chunk.side.index()] += bytes.len() as u64,
            ChunkKind::Missing(length) => {
                passed[chunk.side.index()] += length;
                missing += length;
            }
            _ => {}
        }
    }
    assert_eq!(passed, [words.len() as u64; 2]);
    assert!(missing > 0 && missing < 2 * words.len() as u64, "{missing}");
}

#[test]
fn a_destination_that_is_not_there_is_a_reset_and_said() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let rig = rig(fixed(free), |_| {});
    let client = rig.call();
    assert!(is_reset(&client));
    assert!(rig.came().reached.unwrap_err().contains("connection refused"));
    let (heard, notices) = rig.finish();
    assert!(heard.is_empty(), "{heard:?}");
    assert!(
        notices[0].contains(&format!("wanted {free}: cannot connect to {free}: connection refused")),
        "{notices:?}"
    );
}

#[test]
fn connect_leads_where_it_says_and_the_engine_hears_it() {
    let (address, served) = echo();
    let rig = rig(PROXY, |_| {});
    let mut client = rig.call();
    let request = format!("CONNECT localhost:{0} HTTP/1.1\r\nHost: localhost:{0}\r\n\r\n", address.port());
    client.write_all(request.as_bytes()).unwrap();
    let answer = "HTTP/1.1 200 Connection established\r\n\r\n";
    let mut got = vec![0; answer.len()];
    client.read_exact(&mut got).unwrap();
    assert_eq!(got, answer.as_bytes());
    assert_eq!(exchange(&client, b"words"), b"words");
    served.join().unwrap();
    let came = rig.came();
    assert_eq!(
        (came.way, came.destination.to_string()),
        (Way::HttpConnect, format!("localhost:{}", address.port()))
    );
    let (heard, _) = rig.finish();
    assert_eq!(heard[0].bytes[0], [request.as_bytes(), b"words"].concat());
    assert_eq!(heard[0].bytes[1], [answer.as_bytes(), b"words"].concat());
    assert_eq!(heard[0].server, Some(address));
}

#[test]
fn what_a_client_sends_ahead_of_the_answer_is_not_lost() {
    let (address, served) = echo();
    let rig = rig(PROXY, |_| {});
    let client = rig.call();
    let got = exchange(&client, format!("CONNECT {address} HTTP/1.0\r\n\r\nwords").as_bytes());
    assert!(got.ends_with(b"\r\n\r\nwords"), "{:?}", String::from_utf8_lossy(&got));
    served.join().unwrap();
    rig.finish();
}

#[test]
fn a_plain_request_is_forwarded_and_none_of_the_engines_business() {
    let (address, served) = server(|mut stream| {
        let mut got = [0; 4096];
        let length = stream.read(&mut got).unwrap();
        stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").unwrap();
        String::from_utf8_lossy(&got[..length]).into_owned()
    });
    let rig = rig(PROXY, |_| {});
    let client = rig.call();
    let request =
        format!("GET http://{address}/a HTTP/1.1\r\nHost: {address}\r\nProxy-Connection: Keep-Alive\r\n\r\n");
    assert!(exchange(&client, request.as_bytes()).starts_with(b"HTTP/1.1 204"));
    assert_eq!(
        served.join().unwrap(),
        format!("GET /a HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n")
    );
    assert_eq!(rig.came().way, Way::HttpForward);
    assert_eq!(rig.finish(), (vec![], vec![]));
}

#[test]
fn a_proxy_says_what_is_wrong_in_words_of_http() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    for (request, status) in [
        (format!("CONNECT {free} HTTP/1.1\r\n\r\n"), "502"),
        ("CONNECT nowhere HTTP/1.1\r\n\r\n".to_owned(), "400"),
        ("GET / HTTP/1.1\r\nHost: a\r\n\r\n".to_owned(), "501"),
        ("GET ftp://a/ HTTP/1.1\r\n\r\n".to_owned(), "501"),
        ("GET\r\n\r\n".to_owned(), "400"),
    ] {
        let rig = rig(PROXY, |_| {});
        let got = exchange(&rig.call(), request.as_bytes());
        let got = String::from_utf8(got).unwrap();
        assert!(
            got.starts_with(&format!("HTTP/1.1 {status} ")) && got.contains("mtlscope tap: "),
            "{request}: {got}"
        );
        assert_eq!(rig.finish().1.len(), 1, "{request}");
    }
}

#[test]
fn a_proxy_does_not_lead_to_itself() {
    let rig = rig(PROXY, |_| {});
    let request = format!("CONNECT {} HTTP/1.1\r\n\r\n", rig.relay.address());
    assert!(exchange(&rig.call(), request.as_bytes()).starts_with(b"HTTP/1.1 403"));
    let itself = Settings::new(rig.relay.address(), fixed(rig.relay.address()));
    drop(rig);
    assert!(matches!(Relay::start(itself, &Feed::new().0), Err(RelayError::Itself { .. })));
}

#[test]
fn tls_at_the_door_of_a_proxy_is_told_how_to_come() {
    let rig = rig(PROXY, |_| {});
    assert_eq!(exchange(&rig.call(), b"\x16\x03\x01\x00\x05hello"), b"");
    let (heard, notices) = rig.finish();
    assert!(heard.is_empty() && notices[0].contains("name the proxy as http://"), "{notices:?}");
}

/// Says each of these and waits for the answer that stands beside it.
fn talk(mut client: &TcpStream, talk: &[(&[u8], &[u8])]) {
    for (words, answer) in talk {
        client.write_all(words).unwrap();
        let mut got = vec![0; answer.len()];
        client.read_exact(&mut got).unwrap();
        assert_eq!(&got, answer, "after {words:?}");
    }
}

#[test]
fn socks_leads_where_it_says_in_each_of_its_versions() {
    type Way = super::Way;
    for version in ["4", "4a", "5 by name", "5 by address", "5 with a password"] {
        let (address, served) = echo();
        let rig = rig(PROXY, |_| {});
        let mut client = rig.call();
        let [high, low] = address.port().to_be_bytes();
        let granted_4: &[u8] = &[0, 90, 0, 0, 0, 0, 0, 0];
        let by_name: &[u8] = &[&[5, 1, 0, 3, 9], b"localhost".as_slice(), &[high, low]].concat();
        let way = if version.starts_with('4') { Way::Socks4 } else { Way::Socks5 };
        match version {
            "4" => talk(&client, &[(&[4, 1, high, low, 127, 0, 0, 1, b'u', 0], granted_4)]),
            "4a" => {
                let request = [&[4, 1, high, low, 0, 0, 0, 1, 0], b"localhost\0".as_slice()].concat();
                talk(&client, &[(&request, granted_4)]);
            }
            "5 by name" => talk(&client, &[(&[5, 1, 0], &[5, 0]), (by_name, &[5, 0, 0, 1])]),
            "5 by address" => talk(
                &client,
                &[(&[5, 2, 2, 0], &[5, 0]), (&[5, 1, 0, 1, 127, 0, 0, 1, high, low], &[5, 0, 0, 1])],
            ),
            _ => talk(
                &client,
                &[(&[5, 1, 2], &[5, 2]), (&[1, 1, b'u', 1, b'p'], &[1, 0]), (by_name, &[5, 0, 0, 1])],
            ),
        }
        if way == Way::Socks5 {
            client.read_exact(&mut [0; 6]).unwrap();
        }
        assert_eq!(exchange(&client, b"words"), b"words", "{version}");
        served.join().unwrap();
        let came = rig.came();
        assert_eq!((came.way, came.reached), (way, Ok(address)), "{version}");
        assert_eq!(rig.finish().0.len(), 1, "{version}");
    }
}

#[test]
fn socks_says_what_is_wrong() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let [high, low] = free.port().to_be_bytes();
    let refused: &[(&[u8], &[u8])] =
        &[(&[5, 1, 0], &[5, 0]), (&[5, 1, 0, 1, 127, 0, 0, 1, high, low], &[5, 5, 0, 1])];
    let bind: &[(&[u8], &[u8])] =
        &[(&[5, 1, 0], &[5, 0]), (&[5, 2, 0, 1, 127, 0, 0, 1, high, low], &[5, 7, 0, 1])];
    let no_method: &[(&[u8], &[u8])] = &[(&[5, 1, 1], &[5, 0xff])];
    let old: &[(&[u8], &[u8])] = &[(&[4, 1, high, low, 127, 0, 0, 1, 0], &[0, 91])];
    for words in [refused, bind, no_method, old] {
        let rig = rig(PROXY, |_| {});
        talk(&rig.call(), words);
        assert_eq!(rig.finish().1.len(), 1);
    }
}

#[test]
fn a_library_announces_where_a_connection_leads_and_strangers_do_not_get_through() {
    let directory = tempfile::tempdir().unwrap();
    let socket = directory.path().join("control");
    let (address, served) = echo();
    let rig = rig(Mode::Announced { socket: socket.clone() }, |settings| {
        settings.client = ClientAddress::Outgoing;
        settings.listen.push((std::net::Ipv6Addr::LOCALHOST, 0).into());
    });
    let mut wish = [0; 64];
    wish[..8].copy_from_slice(b"mtlscop1");
    wish[8] = 4;
    wish[10..12].copy_from_slice(&address.port().to_be_bytes());
    wish[16..20].copy_from_slice(&[127, 0, 0, 1]);
    wish[32..36].copy_from_slice(&7_u32.to_be_bytes());
    wish[36..40].copy_from_slice(b"curl");
    let mut control = UnixStream::connect(&socket).unwrap();
    control.write_all(&wish).unwrap();
    let mut answer = [9; 4];
    control.read_exact(&mut answer).unwrap();
    assert_eq!(answer, [0; 4]);
    let client = rig.call();
    let [high, low] = client.local_addr().unwrap().port().to_be_bytes();
    control.write_all(&[4, 0, high, low]).unwrap();
    drop(control);
    assert_eq!(exchange(&client, b"words"), b"words");
    served.join().unwrap();
    assert_eq!(rig.came().way, Way::Announced { pid: 7, program: "curl".to_owned() });

    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    wish[10..12].copy_from_slice(&free.port().to_be_bytes());
    let mut control = UnixStream::connect(&socket).unwrap();
    control.write_all(&wish).unwrap();
    control.read_exact(&mut answer).unwrap();
    assert_eq!(u32::from_be_bytes(answer), 111);

    let stranger = rig.call();
    rig.relay.stop();
    assert_eq!((&stranger).read(&mut [0; 1]).unwrap_or(0), 0);
    let (heard, notices) = rig.finish();
    assert_eq!((heard.len(), notices.len()), (1, 0));
    assert_eq!(heard[0].server, Some(address));
}

#[test]
fn no_more_are_taken_than_there_are_places() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let rig = rig(fixed(address), |settings| settings.limits.connections = 1);
    let mut first = rig.call();
    let (mut first_served, _) = listener.accept().unwrap();
    first_served.write_all(b"1").unwrap();
    first.read_exact(&mut [0; 1]).unwrap();
    let mut second = rig.call();
    listener.set_nonblocking(true).unwrap();
    thread::sleep(Duration::from_millis(100));
    assert_eq!(listener.accept().unwrap_err().kind(), ErrorKind::WouldBlock);
    listener.set_nonblocking(false).unwrap();
    drop((first, first_served));
    let (mut second_served, _) = listener.accept().unwrap();
    second_served.write_all(b"2").unwrap();
    second.read_exact(&mut [0; 1]).unwrap();
    drop((second, second_served));
    let (heard, notices) = rig.finish();
    assert_eq!(heard.len(), 2);
    assert!(notices.len() == 1 && notices[0].contains("1 connections are open"), "{notices:?}");
}

#[test]
fn what_is_silent_for_too_long_is_closed_and_said() {
    let (address, served) = server(|mut stream| stream.read(&mut [0; 1]).unwrap_or(0));
    let rig = rig(fixed(address), |settings| settings.limits.idle = Duration::from_millis(100));
    let mut client = rig.call();
    assert_eq!(client.read(&mut [0; 1]).unwrap(), 0);
    assert_eq!(served.join().unwrap(), 0);
    let (heard, notices) = rig.finish();
    assert!(heard.iter().all(|heard| heard.ends.is_empty()), "nobody closed: {heard:?}");
    assert!(notices[0].contains("nothing passed for"), "{notices:?}");
}

#[test]
fn stopping_ends_what_is_open_and_lays_it_to_nobody() {
    let (address, served) = server(|mut stream| {
        stream.write_all(b"hello").unwrap();
        stream.read(&mut [0; 1]).unwrap_or(0)
    });
    let rig = rig(fixed(address), |_| {});
    let mut client = rig.call();
    client.read_exact(&mut [0; 5]).unwrap();
    rig.relay.stop();
    assert_eq!(client.read(&mut [0; 1]).unwrap_or(0), 0);
    assert_eq!(served.join().unwrap(), 0);
    let (heard, notices) = rig.finish();
    assert_eq!(
        (heard[0].bytes[1].as_slice(), heard[0].ends.len(), notices.len()),
        (b"hello".as_slice(), 0, 0)
    );
}
