//! The end of a server: readiness fails first, requests are answered, then it is gone.

use std::{
    io::Write,
    net::TcpStream,
    thread,
    time::{Duration, Instant},
};

use touchmark_tests::{Machine, Process, Story};

use crate::http;

/// A server over plain HTTP that has said that it is ready.
fn ready(machine: &Machine, arguments: &[&str]) -> Process {
    let server = machine.serve(&[&["--plain-http"], arguments].concat());
    assert_eq!(http::get(server.port(), "/readyz", &[]).status, 200);
    server
}

/// Waits until readiness says no; gives that answer.
fn not_ready(server: &Process) -> http::Answer {
    let until = Instant::now() + Duration::from_secs(5);
    loop {
        let answer = http::get(server.port(), "/readyz", &[]);
        if answer.status != 200 {
            return answer;
        }
        assert!(Instant::now() < until, "readiness never failed");
        thread::sleep(Duration::from_millis(2));
    }
}

const FORM: &str = "grant_type=client_credentials&client_id=a&client_secret=b";

/// A token request of which only the head and half of the body are sent.
fn half_a_request(server: &Process) -> TcpStream {
    let mut stream = http::connect(server.port());
    let head = format!(
        "POST /oauth2/token HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{}",
        FORM.len(),
        &FORM[..20]
    );
    stream.write_all(head.as_bytes()).expect("a request");
    stream.flush().expect("a request");
    stream
}

#[test]
fn readiness_fails_first_while_requests_are_still_answered() {
    let machine = Machine::new();
    let server = ready(&machine, &[]);
    server.signal("TERM");
    let answer = not_ready(&server);
    assert_eq!(answer.status, 503);
    assert_eq!(answer.header("retry-after"), Some("1"));
    // A new connection, a request that is no health check.
    let path = "/iam/2019-12-10/caller-identity";
    assert_eq!(http::get(server.port(), path, &[]).status, 401);
    let port = server.port();
    let ended = server.ended();
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(ended.stderr.contains("stopping"), "{}", ended.stderr);
    assert!(TcpStream::connect(("127.0.0.1", port)).is_err());
}

#[test]
fn ctrl_c_ends_it_as_well() {
    let machine = Machine::new();
    let server = ready(&machine, &[]);
    server.signal("INT");
    assert_eq!(server.ended().code, Some(0));
}

#[test]
fn a_signal_right_after_the_greeting_ends_it_well() {
    let machine = Machine::new();
    let server = machine.serve(&["--plain-http"]);
    server.signal("INT");
    assert_eq!(server.ended().code, Some(0));
}

#[test]
fn a_request_in_flight_is_answered() {
    let machine = Machine::new();
    let server = ready(&machine, &[]);
    let mut stream = half_a_request(&server);
    server.signal("TERM");
    not_ready(&server);
    // Past the moment in which the server only gives notice.
    let until = Instant::now() + Duration::from_secs(1);
    while Instant::now() < until && TcpStream::connect(("127.0.0.1", server.port())).is_ok() {
        thread::sleep(Duration::from_millis(50));
    }
    stream.write_all(&FORM.as_bytes()[20..]).expect("the rest");
    let answer = http::answer(stream);
    assert_eq!(answer.status, 401, "{answer:?}");
    assert_eq!(server.ended().code, Some(0));
}

#[test]
fn an_idle_connection_does_not_hold_up_the_end() {
    let machine = Machine::new();
    let server = machine.serve(&["--plain-http"]);
    let mut idle = http::connect(server.port());
    idle.write_all(b"GET /livez HTTP/1.1\r\nHost: h\r\n\r\n")
        .expect("a request");
    let mut first = [0; 12];
    std::io::Read::read_exact(&mut idle, &mut first).expect("an answer");
    assert_eq!(&first, b"HTTP/1.1 200");
    let begun = Instant::now();
    assert_eq!(server.terminated().code, Some(0));
    assert!(
        begun.elapsed() < Duration::from_secs(8),
        "{:?}",
        begun.elapsed()
    );
}

#[tokio::test]
async fn an_idle_connection_over_http_2_does_not_hold_up_the_end() {
    let machine = Machine::new();
    let server = machine.serve(&["--shutdown-grace", "25s"]);
    let admin = machine.admin();
    admin.bucket("alpine").await;
    let begun = Instant::now();
    // The client stays, as a Terraform run that thinks does.
    assert_eq!(server.terminated().code, Some(0));
    assert!(
        begun.elapsed() < Duration::from_secs(8),
        "{:?}",
        begun.elapsed()
    );
    drop(admin);
}

#[test]
fn a_request_that_never_ends_is_given_the_grace_and_no_more() {
    let machine = Machine::new();
    let server = ready(&machine, &["--shutdown-grace", "1s"]);
    let _stream = half_a_request(&server);
    let begun = Instant::now();
    assert_eq!(server.terminated().code, Some(0));
    assert!(
        begun.elapsed() < Duration::from_secs(10),
        "{:?}",
        begun.elapsed()
    );
}

#[test]
fn a_second_signal_ends_it_at_once() {
    let machine = Machine::new();
    let server = ready(&machine, &["--shutdown-grace", "25s"]);
    let _stream = half_a_request(&server);
    server.signal("TERM");
    not_ready(&server);
    let begun = Instant::now();
    server.terminated();
    assert!(
        begun.elapsed() < Duration::from_secs(5),
        "{:?}",
        begun.elapsed()
    );
}
