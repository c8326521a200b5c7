//! Reads beside the limit server, and reads that nothing is kept of beside whoever looks the same up.

use std::{path::Path, process::Command, time::Duration};

use serde_json::json;
use touchmark_wire::paths;

use super::{
    Stage,
    copy::Copies,
    table::{Case, Round, Side},
};
use crate::{
    Done,
    exchange::{self, Ask},
    output::note,
    process::Process,
    script::{Read, Script},
    seed::{READ_BUCKET, READ_CHANNEL},
    wrk,
};

/// A server that is asked, and what it must answer.
pub(super) struct Driven<'a> {
    pub(super) server: &'a Process,
    pub(super) ask: Ask,
    pub(super) body: Vec<u8>,
}

impl Driven<'_> {
    fn drive(&self, folder: &Path, seconds: u32) -> Done<Side> {
        let before = self.server.cpu()?;
        let ask = (&self.ask, self.body.as_slice());
        let counted = wrk::drive(folder, self.server.place(), ask, seconds)?;
        let used = self.server.cpu()?.saturating_sub(before);
        Ok(Side::of(
            counted.requests,
            Duration::from_micros(counted.duration),
            (counted.p50, counted.p99),
            Some(used),
        ))
    }
}

/// Two servers that are asked the same and must answer the same.
fn both<'a>(ask: &Ask, body: &str, servers: [&'a Process; 2]) -> [Driven<'a>; 2] {
    servers.map(|server| Driven {
        server,
        ask: ask.clone(),
        body: body.as_bytes().to_vec(),
    })
}

/// Drives both in turn.
pub(super) fn compare(
    stage: &Stage<'_>,
    (name, against): (&'static str, &'static str),
    [registry, other]: [Driven<'_>; 2],
) -> Done<Case> {
    let mut case = Case::new((name, against), "request");
    let (rounds, seconds) = (stage.arguments.rounds, stage.arguments.seconds);
    for round in 1..=rounds {
        case.push(Round {
            registry: registry.drive(stage.folder, seconds)?,
            other: other.drive(stage.folder, seconds)?,
        });
        note(&format!(
            "{name} beside {against}, round {round} of {rounds}"
        ));
    }
    Ok(case)
}

/// The channel that all read.
pub(super) fn channel(stage: &Stage<'_>) -> Ask {
    Ask::get(stage.target.scope().channel(READ_BUCKET, READ_CHANNEL)).by(&stage.target.token)
}

/// What is asked for, by name.
fn asks(stage: &Stage<'_>) -> Vec<(&'static str, Ask)> {
    let scope = stage.target.scope();
    let version = stage.arguments.sizes.read_version();
    let labels = json!({ "cloud_provider": "aws", "region": "us-east-1", "labels": {} });
    let get = |path: String| Ask::get(path).by(&stage.target.token);
    let artifact = [("platform", "aws"), ("region", "us-east-1")];
    let resolve = paths::own_resolve(READ_BUCKET, READ_CHANNEL);
    let resolve = paths::with_query(&resolve, artifact);
    let search = scope.legacy_search_by_labels(READ_BUCKET, READ_CHANNEL);
    vec![
        ("channel read with token", channel(stage)),
        ("version", get(scope.version(READ_BUCKET, &version))),
        ("resolve", get(resolve)),
        ("channels of a bucket", get(scope.channels(READ_BUCKET))),
        (
            "search by labels",
            Ask::post(search, labels.to_string()).by(&stage.target.token),
        ),
    ]
}

/// Everything that is only read.
pub(super) fn measure(stage: &Stage<'_>, copies: &Copies) -> Done<Vec<Case>> {
    let asks = asks(stage);
    let mut script = Script {
        token: stage.target.token.clone(),
        ..Script::default()
    };
    for (_, ask) in &asks {
        let answer = exchange::send(stage.registry.place(), ask)?;
        script.reads.push(Read {
            path: ask.path.clone(),
            etag: answer.header("etag").unwrap_or_default().to_owned(),
            body: String::from_utf8(answer.body)?,
        });
    }
    let file = stage.folder.join("reads.json");
    std::fs::write(&file, serde_json::to_vec(&script)?)?;
    let limit = limit(stage.folder, &file, &[])?;
    let mut cases = Vec::new();
    for ((name, ask), read) in asks.iter().zip(&script.reads) {
        let sides = both(ask, &read.body, [stage.registry, &limit]);
        cases.push(compare(stage, (name, "the limit"), sides)?);
    }
    let (Some((_, channel)), Some(read)) = (asks.first(), script.reads.first()) else {
        return Ok(cases);
    };
    let known = channel.clone().unless(&read.etag);
    let sides = both(&known, "", [stage.registry, &limit]);
    cases.push(compare(
        stage,
        ("channel that is known (304)", "the limit"),
        sides,
    )?);
    cases.push(over_tls(stage, copies, (&file, channel, read))?);
    cases.push(from_disk(stage, copies, (&file, channel, read))?);
    Ok(cases)
}

/// Starts a limit server.
pub(super) fn limit(folder: &Path, script: &Path, more: &[&str]) -> Done<Process> {
    let mut command = Command::new(std::env::current_exe()?);
    command.arg("limit").arg("--script").arg(script);
    command.arg("--database").arg(folder.join("limit.db"));
    command.args(more);
    Process::start(command)
}

fn over_tls(
    stage: &Stage<'_>,
    copies: &Copies,
    (file, ask, read): (&Path, &Ask, &Read),
) -> Done<Case> {
    let arguments = copies.tls();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let registry = copies.trusting(stage.arguments.serve(&copies.secure, &arguments)?);
    let certificate = copies.certificate.display().to_string();
    let limit = limit(stage.folder, file, &["--tls", &certificate])?;
    let limit = copies.trusting(limit);
    let sides = both(ask, &read.body, [&registry, &limit]);
    let case = compare(
        stage,
        ("channel read over TLS", "the limit over TLS"),
        sides,
    )?;
    registry.stop()?;
    Ok(case)
}

fn from_disk(
    stage: &Stage<'_>,
    copies: &Copies,
    (file, ask, read): (&Path, &Ask, &Read),
) -> Done<Case> {
    let more = ["--plain-http", "--cache-mib", "0"];
    let registry = stage.arguments.serve(&copies.forgetful, &more)?;
    let database = copies.database.display().to_string();
    let lookup = limit(stage.folder, file, &["--lookup", &database])?;
    let sides = both(ask, &read.body, [&registry, &lookup]);
    let names = (
        "channel read, nothing kept in memory",
        "a handler with web::block",
    );
    let case = compare(stage, names, sides)?;
    registry.stop()?;
    Ok(case)
}
