//! `touchmark events --follow`: what happens while it runs.

use std::{
    io::{BufRead as _, BufReader, Read},
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use touchmark_tests::{Network, Proxy, Story as _, TestServer};

use crate::{program::Cli, seed::seeded};

/// How long somebody waits for a line.
const PATIENCE: Duration = Duration::from_secs(30);

/// A process that follows the log. It is killed when this is dropped.
struct Following {
    child: Child,
    stdout: UnboundedReceiver<String>,
    stderr: UnboundedReceiver<String>,
}

impl Following {
    /// One with these arguments, which has looked at the log once.
    async fn of(cli: &Cli, arguments: &str) -> Self {
        let mut command = cli.process(&format!("events --follow --debug {arguments}"));
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("a process");
        let stdout = lines(child.stdout.take().expect("a pipe"));
        let stderr = lines(child.stderr.take().expect("a pipe"));
        let mut following = Self {
            child,
            stdout,
            stderr,
        };
        following.complaint("GET /api/v1/events").await;
        following
    }

    /// The next line of its result.
    async fn line(&mut self) -> String {
        let line = tokio::time::timeout(PATIENCE, self.stdout.recv()).await;
        line.expect("a line in time").expect("a line")
    }

    /// The next line of its messages that has this in it.
    async fn complaint(&mut self, part: &str) -> String {
        loop {
            let line = tokio::time::timeout(PATIENCE, self.stderr.recv()).await;
            let line = line.expect("a line in time").expect("a line");
            if line.contains(part) {
                return line;
            }
        }
    }

    /// Its exit code, and the lines that nobody has read yet.
    fn ended(mut self) -> (Option<i32>, Vec<String>) {
        let status = self.child.wait().expect("a process that ends");
        let mut rest = Vec::new();
        while let Some(line) = self.stdout.blocking_recv() {
            rest.push(line);
        }
        (status.code(), rest)
    }

    /// The same, after ctrl-C.
    async fn interrupted(self) -> (Option<i32>, Vec<String>) {
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args(["-INT", &id]).status();
        assert!(sent.expect("kill").success());
        let ended = tokio::task::spawn_blocking(|| self.ended()).await;
        ended.expect("a process that ends")
    }
}

impl Drop for Following {
    fn drop(&mut self) {
        // It has mostly ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn lines(from: impl Read + Send + 'static) -> UnboundedReceiver<String> {
    let (send, receive) = unbounded_channel();
    thread::spawn(move || {
        for line in BufReader::new(from).lines().map_while(Result::ok) {
            let _ = send.send(line);
        }
    });
    receive
}

#[tokio::test]
async fn what_happens_is_shown_until_interrupted() {
    let (server, cli) = seeded().await;
    let mut following = Following::of(&cli, "").await;
    let admin = server.admin();
    admin.bucket("debian").await;
    let first = following.line().await;
    insta::assert_snapshot!(first, @"2026-01-02T03:04:09Z  bucket.created          bucket    debian  admin");
    insta::assert_snapshot!(following.line().await, @"2026-01-02T03:04:09Z  channel.created         channel   latest  admin");
    admin.channel("debian", "testing", "").await;
    let next = following.line().await;
    assert!(next.contains("channel.created"), "{next}");
    assert!(next.contains("testing"), "{next}");
    let (code, rest) = following.interrupted().await;
    assert_eq!((code, rest), (Some(130), vec![]));
}

#[tokio::test]
async fn some_of_what_happened_before_is_shown_first() {
    let (server, cli) = seeded().await;
    let action = "--action channel.assigned --bucket alpine";
    let mut following = Following::of(&cli, &format!("-n 2 {action} --json=resource")).await;
    server.admin().assign("alpine", "staging", "alpine-1").await;
    for expected in ["production", "staging", "staging"] {
        let event: serde_json::Value =
            serde_json::from_str(&following.line().await).expect("an object");
        assert_eq!(event["resource"]["name"], expected);
        assert_eq!(event.as_object().expect("an object").len(), 1);
    }
    let all = cli.json(&format!("events {action}")).await;
    let all = all.as_array().expect("an array").len();
    let since = "--since 2026-01-01T00:00:00Z";
    let mut following = Following::of(&cli, &format!("{since} {action}")).await;
    for _ in 0..all {
        following.line().await;
    }
    let (code, rest) = following.interrupted().await;
    assert_eq!((code, rest), (Some(130), vec![]));
}

#[tokio::test]
async fn a_registry_that_is_away_is_waited_for() {
    let server = TestServer::start().await;
    let port = server.url.rsplit(':').next().expect("a port").to_owned();
    let network = Proxy::to(format!("127.0.0.1:{port}"));
    let url = format!("http://localhost:{}", network.port);
    let cli = Cli::admin(&server).with("TOUCHMARK_URL", &url);
    let mut following = Following::of(&cli, "--action bucket.created").await;
    network.set(Network::IsCut);
    let said = following.complaint("when the registry is back").await;
    assert!(said.starts_with("touchmark: localhost:"), "{said}");
    server.admin().bucket("alpine").await;
    // It has not given up after more than one look.
    following.complaint("GET /api/v1/events").await;
    network.set(Network::Passes);
    let line = following.line().await;
    assert!(line.contains("alpine"), "{line}");
    server.admin().bucket("debian").await;
    let line = following.line().await;
    assert!(line.contains("debian"), "{line}");
    while let Ok(said) = following.stderr.try_recv() {
        assert!(!said.contains("when the registry is back"), "{said}");
    }
}

#[tokio::test]
async fn what_cannot_be_followed_ends_at_once() {
    let (_server, cli) = seeded().await;
    insta::assert_snapshot!(cli.run("events --follow --bucket nowhere").await, @r#"
    exit 5
    stderr:
    touchmark: bucket with identifier nowhere does not exist
      touchmark bucket list
    "#);
    insta::assert_snapshot!(cli.run("events --follow -n 1 --json=when").await, @r#"
    exit 2
    stderr:
    touchmark: the result has no field "when"; it has action, actor, at, bucket_id, digest, id, payload, project_id, request_id, resource, revision, sequence
    "#);
    let away = cli.with("TOUCHMARK_URL", "http://localhost:1");
    let shown = away.run("events --follow").await;
    assert!(shown.starts_with("exit 7"), "{shown}");
}

#[tokio::test]
async fn it_ends_when_nobody_reads_along() {
    let (server, cli) = seeded().await;
    let mut following = Following::of(&cli, "").await;
    let mut command = cli.process("events --follow -n 1");
    let mut child = command.stdout(Stdio::piped()).spawn().expect("a process");
    let mut line = String::new();
    let stdout = child.stdout.take().expect("a pipe");
    BufReader::new(stdout).read_line(&mut line).expect("a line");
    server.admin().bucket("debian").await;
    following.line().await;
    let status = tokio::task::spawn_blocking(move || child.wait()).await;
    let status = status.expect("a thread").expect("an end");
    assert_eq!(status.code(), Some(0));
}
