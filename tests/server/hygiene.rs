//! Requests that try to be two, or another than they say, and secrets that try to stay.

use std::io::Write as _;

use sha2::{Digest as _, Sha256};
use touchmark_tests::{Machine, Story, TestDatabase};

use crate::http;

/// Sends bytes as they are: the statuses of all answers on that connection, in order.
fn statuses(port: u16, request: &str) -> Vec<u16> {
    let mut stream = http::connect(port);
    stream.write_all(request.as_bytes()).expect("a request");
    stream
        .shutdown(std::net::Shutdown::Write)
        .expect("half of a connection");
    let mut bytes = Vec::new();
    // Who is refused may find the connection closed before all was read.
    let _ = std::io::Read::read_to_end(&mut stream, &mut bytes);
    let text = String::from_utf8_lossy(&bytes).into_owned();
    text.split("HTTP/1.1 ")
        .skip(1)
        .map(|answer| answer.get(..3).unwrap_or_default().parse().unwrap_or(0))
        .collect()
}

#[test]
fn a_request_that_could_be_read_as_two_is_read_as_one_or_refused() {
    let machine = Machine::new();
    let server = machine.serve(&["--plain-http"]);
    let hidden = "GET /livez HTTP/1.1\r\nHost: a\r\n\r\n";
    let post = "POST /oauth2/token HTTP/1.1\r\nHost: a\r\nConnection: close\r\n";
    let form = "Content-Type: application/x-www-form-urlencoded\r\n";
    for (what, request) in [
        (
            "two lengths",
            format!("{post}{form}Content-Length: 0\r\nContent-Length: 34\r\n\r\n{hidden}"),
        ),
        (
            "a length and chunks",
            format!(
                "{post}{form}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{hidden}"
            ),
        ),
        (
            "an encoding that is not one",
            format!("{post}{form}Transfer-Encoding: xchunked\r\nContent-Length: 0\r\n\r\n{hidden}"),
        ),
        (
            "a length that is no number",
            format!("{post}{form}Content-Length: +0\r\n\r\n{hidden}"),
        ),
        (
            "a space before the colon",
            format!("{post}{form}Content-Length : 34\r\n\r\n{hidden}"),
        ),
        (
            "a folded header",
            format!("{post}{form}X-A: b\r\n Content-Length: 34\r\n\r\n{hidden}"),
        ),
        (
            "a line feed alone",
            format!("{post}{form}X-A: b\nContent-Length: 34\r\n\r\n{hidden}"),
        ),
    ] {
        let got = statuses(server.port(), &request);
        // With `Connection: close` nothing behind the first request may be answered.
        assert!(got.len() <= 1, "{what}: {got:?}");
        assert!(
            got.iter().all(|status| (400..500).contains(status)),
            "{what}: {got:?}"
        );
    }
    let after = http::get(server.port(), "/livez", &[]);
    assert_eq!(after.status, 200);
}

#[test]
fn methods_that_show_or_tunnel_are_not_there() {
    let machine = Machine::new();
    let server = machine.serve(&["--plain-http"]);
    for method in ["TRACE", "CONNECT", "PROPFIND", "FOO"] {
        let request = format!(
            "{method} /livez HTTP/1.1\r\nHost: a\r\nConnection: close\r\nX-Canary: c\r\n\r\n"
        );
        let mut stream = http::connect(server.port());
        stream.write_all(request.as_bytes()).expect("a request");
        let answer = http::answer(stream);
        assert!((400..500).contains(&answer.status), "{method}: {answer:?}");
        assert!(!answer.body.contains("canary"), "{method}: {answer:?}");
    }
}

#[tokio::test]
async fn no_secret_can_be_found_in_the_database() {
    let machine = Machine::new();
    let server = machine.serve(&[]);
    let env = machine.sourced();
    let admin = machine.admin();
    admin.bucket("alpine").await;
    admin.complete("alpine", "one").await;
    let key = std::fs::read_to_string(machine.data_dir().join("master.key")).expect("a key");
    let secret = env["HCP_CLIENT_SECRET"].clone();
    let ended = server.terminated();
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let stored = machine.dump();
    let digest = Sha256::digest(secret.as_bytes()).to_vec();
    let holds = |needle: &[u8]| stored.windows(needle.len()).any(|window| window == needle);
    assert!(holds(b"alpine"), "this is not the database");
    if !TestDatabase::is_postgres() {
        // There as bytes, so that what is looked for would be found.
        assert!(holds(&digest), "the digest of the secret is not kept");
    }
    for canary in [secret.as_bytes(), key.trim().as_bytes(), b"PRIVATE KEY"] {
        assert!(!holds(canary), "{}", String::from_utf8_lossy(canary));
    }
}
