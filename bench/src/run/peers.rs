//! What a user would pick instead, from Debian's packages: the same small document, from the same load
//! generator. Neither knows of versions or revocations; who reads from them gets what somebody put there.

mod docker;
mod etcd;

use std::{
    net::TcpListener,
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use super::{
    Stage,
    reads::{self, Driven},
    table::Case,
};
use crate::{
    Done,
    exchange::{self, Answer, Ask, Place},
    output::note,
    process::Process,
};

/// How long one may take to get ready.
const PATIENCE: Duration = Duration::from_secs(15);

/// One that runs, with a document in it.
struct Peer {
    process: Process,
    /// Asks for the document.
    ask: Ask,
}

/// All that are installed.
pub(super) async fn measure(stage: &Stage<'_>) -> Done<Vec<Case>> {
    let channel = reads::channel(stage);
    let body = exchange::send(stage.registry.place(), &channel)?.body;
    let mut cases = Vec::new();
    for (program, package, name) in [
        ("etcd", "etcd-server", "etcd, range over HTTP with a token"),
        (
            "docker-registry",
            "docker-registry",
            "docker-registry, manifest by tag",
        ),
    ] {
        if !is_installed(program) {
            note(&format!(
                "SKIPPED: no {program} (Debian: apt-get install {package})"
            ));
            continue;
        }
        let folder = stage.folder.join(program);
        std::fs::create_dir(&folder)?;
        let peer = match program {
            "etcd" => etcd::start(&folder, body.len())?,
            _ => docker::start(&folder, body.len()).await?,
        };
        let sides = [
            Driven {
                server: stage.registry,
                ask: channel.clone(),
                body: body.clone(),
            },
            Driven {
                server: &peer.process,
                body: exchange::send(peer.process.place(), &peer.ask)?.body,
                ask: peer.ask,
            },
        ];
        cases.push(reads::compare(
            stage,
            ("channel read with token", name),
            sides,
        )?);
    }
    Ok(cases)
}

fn is_installed(program: &str) -> bool {
    let ran = Command::new(program)
        .arg("--version")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    ran.is_ok()
}

/// A port that nobody listens at just now.
fn free_address() -> Done<String> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    Ok(listener.local_addr()?.to_string())
}

/// Asks until it is answered: a server that takes connections may not be ready yet.
fn until_answered(place: Place<'_>, ask: &Ask) -> Done<Answer> {
    let begun = Instant::now();
    loop {
        match exchange::send(place, ask) {
            Ok(answer) => return Ok(answer),
            Err(error) if begun.elapsed() > PATIENCE => return Err(error),
            Err(_) => std::thread::sleep(Duration::from_millis(100)),
        }
    }
}

/// A text argument, from a path.
fn text(path: &Path) -> String {
    path.display().to_string()
}
