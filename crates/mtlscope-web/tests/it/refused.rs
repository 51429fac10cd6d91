//! Whoever may not ask is refused, and nobody learns anything by asking.

use super::http::Client;
use super::{opened, page, path};

/// Everything that answers.
const PATHS: [&str; 9] = [
    "/",
    "/assets/main.js",
    "/api/state",
    "/api/events",
    "/api/rows",
    "/api/picture",
    "/api/fields?text=tls",
    "/api/connections/0-1",
    "/no/such/path",
];

#[test]
fn nothing_is_answered_without_the_token() {
    let page = page();
    let client = Client::new(page.address());
    for path in PATHS {
        assert_eq!(client.get(path).status, 403, "{path}");
    }
    for token in ["", "?token=", "?token=00000000000000000000000000000000", "?x=1"] {
        let answer = client.get(&format!("/{token}"));
        assert_eq!(answer.status, 403, "{token}");
        assert!(answer.header("set-cookie").is_none());
    }
    assert_eq!(client.post("/api/keys", b"x").status, 403);
}

#[test]
fn the_token_opens_the_page_once_and_leaves_its_address() {
    let page = page();
    let client = Client::new(page.address());
    let answer = client.get(&path(&page.url()));
    assert_eq!((answer.status, answer.header("location")), (303, Some("/")));
    let cookie = answer.header("set-cookie").unwrap();
    assert!(cookie.contains("; HttpOnly") && cookie.contains("; SameSite=Strict"), "{cookie}");
    assert!(!page.url().contains(cookie.split(['=', ';']).nth(1).unwrap()), "the session is the token");
    assert_eq!(client.get(&path(&page.url())).status, 403, "the token was taken twice");
    // The browser that has the session may use the printed address again.
    let again = Client { cookie: answer.cookie(), ..client };
    assert_eq!(again.get(&path(&page.url())).status, 303);
    assert_eq!(again.get("/").status, 200);
}

#[test]
fn a_session_of_another_page_opens_nothing() {
    let ((_one, client), (_other, stranger)) = (opened(), opened());
    let mixed = Client { cookie: stranger.cookie.clone(), ..client };
    assert_eq!(mixed.get("/").status, 403);
}

#[test]
fn a_foreign_host_is_refused_even_with_the_session() {
    let (_page, mut client) = opened();
    let port = client.host.rsplit(':').next().unwrap().to_owned();
    for host in ["evil.example", "127.0.0.1", "127.0.0.1.evil.example", "localhost", "127.0.0.1:1", "[::1]"] {
        client.host = host.to_owned();
        assert_eq!(client.get("/").status, 403, "{host}");
    }
    client.host = format!("evil.example:{port}");
    assert_eq!(client.get("/").status, 403);
    client.host = format!("localhost:{port}");
    assert_eq!(client.get("/").status, 200);
    let two = format!(
        "GET / HTTP/1.1\r\nHost: localhost:{port}\r\nHost: evil.example\r\nConnection: close\r\nCookie: {}\r\n\r\n",
        client.cookie.clone().unwrap()
    );
    assert_ne!(client.raw(two.as_bytes(), b"").status, 200);
}

#[test]
fn a_foreign_origin_is_refused_even_with_the_session() {
    let (_page, mut client) = opened();
    let home = client.origin.clone().unwrap();
    let foreign = ["http://evil.example", "null", "https://127.0.0.1", "", &home.replace("http:", "https:")];
    for origin in foreign {
        client.origin = Some(origin.to_owned());
        assert_eq!(client.post("/api/keys", b"x").status, 403, "{origin}");
        assert_eq!(
            client.ask("GET", "/api/state", &format!("Origin: {origin}\r\n"), None).status,
            403,
            "{origin}"
        );
    }
    client.origin = None;
    assert_eq!(client.post("/api/keys", b"x").status, 403, "no origin");
    assert_eq!(client.ask("GET", "/", "Sec-Fetch-Site: cross-site\r\n", None).status, 403);
    assert_eq!(client.ask("GET", "/", "Sec-Fetch-Site: same-origin\r\n", None).status, 200);
}

#[test]
fn no_path_leads_out_of_the_page() {
    let (_page, client) = opened();
    for path in [
        "/assets/../Cargo.toml",
        "/assets/..%2f..%2fCargo.toml",
        "/assets/%2e%2e/%2e%2e/etc/passwd",
        "/../../etc/passwd",
        "//etc/passwd",
        "/assets//etc/passwd",
        "/api/connections/..%2f..%2fetc%2fpasswd",
        "/api/connections/0-1",
        "/api/connections/99999-1",
        "/api/connections/0-99999999999999999999",
        "/api/rules/../../x",
        "/api/compare/0-1/0-2",
    ] {
        assert_eq!(client.get(path).status, 404, "{path}");
    }
}

#[test]
fn every_answer_carries_the_policy() {
    let (_page, client) = opened();
    for path in ["/", "/assets/main.js", "/assets/views.css", "/api/state", "/no/such/path"] {
        let answer = client.get(path);
        let policy = answer.header("content-security-policy").unwrap();
        assert!(policy.starts_with("default-src 'none';"), "{policy}");
        assert!(!policy.contains("unsafe") && !policy.contains('*') && !policy.contains("http"), "{policy}");
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{path}");
        assert_eq!(answer.header("cache-control"), Some("no-store"), "{path}");
        assert_eq!(answer.header("access-control-allow-origin"), None, "{path}");
    }
}

#[test]
fn the_page_itself_keeps_the_policy() {
    let (_page, client) = opened();
    let html = client.get("/").body;
    assert!(html.contains("<script type=\"module\" src=\"/assets/main.js\">"));
    assert_eq!(html.matches("<script").count(), 1, "a script stands in the page");
    for never in ["<style", " style=", " onclick=", " onload=", "http://", "https://"] {
        assert!(!html.contains(never), "{never}");
    }
    for name in [
        "main.js",
        "ask.js",
        "table.js",
        "filter.js",
        "picture.js",
        "connection.js",
        "bring.js",
        "page.css",
        "views.css",
    ] {
        let file = client.get(&format!("/assets/{name}"));
        assert_eq!(file.status, 200, "{name}");
        let content = file.body.replace("http://www.w3.org/2000/svg", "");
        assert!(!content.contains("http://") && !content.contains("https://"), "{name} names an address");
        assert!(!content.contains("eval(") && !content.contains("new Function"), "{name}");
    }
}
