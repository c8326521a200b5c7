//! Whole handshakes beside the limit server.

use std::sync::Arc;

use touchmark_registry::config::{Database, Settings};

use super::{
    Stage, reads, rows,
    table::{Case, Round, Side},
};
use crate::{
    Done,
    handshake::{self, Load, Single},
    output::note,
    process::Process,
    script::{Answer, Script},
};

/// Artifacts of a build that is pushed.
pub(super) const ARTIFACTS: usize = 2;
/// Clients at once.
pub(super) const CLIENTS: usize = 16;
/// The bucket in which the handshake is recorded that the limit server plays.
const SCRIPT_BUCKET: &str = "script";
/// Both ways to push, and whether each client has a bucket of its own.
pub(super) const WAYS: [(&str, bool); 2] = [
    ("handshake, one bucket", false),
    ("handshake, 16 buckets", true),
];

/// Both, on `SQLite`.
pub(super) async fn measure(stage: &Stage<'_>, settings: &Settings) -> Done<Vec<Case>> {
    let steps = Arc::new(record(stage, settings).await?);
    let file = stage.folder.join("writes.json");
    let script = Script {
        token: stage.target.token.clone(),
        reads: Vec::new(),
        steps: steps.to_vec(),
    };
    std::fs::write(&file, serde_json::to_vec(&script)?)?;
    let limit = reads::limit(stage.folder, &file, &[])?;
    let rounds = stage.arguments.rounds;
    let mut cases = Vec::new();
    for (name, apart) in WAYS {
        let mut case = Case::new((name, "the limit"), "handshake");
        for round in 1..=rounds {
            case.push(Round {
                registry: push(stage, stage.registry, (apart, None)).await?,
                other: push(stage, &limit, (apart, Some(Arc::clone(&steps)))).await?,
            });
            note(&format!("{name}, round {round} of {rounds}"));
        }
        cases.push(case);
    }
    Ok(cases)
}

/// The answers of a handshake, with the rows that each step wrote.
async fn record(stage: &Stage<'_>, settings: &Settings) -> Done<Vec<Answer>> {
    let Database::Sqlite(path) = &settings.database else {
        return Err("the limit server writes to SQLite".into());
    };
    let single = Single::new(stage.target, ARTIFACTS, SCRIPT_BUCKET).await?;
    single.push().await?;
    // The second one, since by then the bucket is like any that is in use.
    let mut steps = single.push().await?;
    rows::measure(path, SCRIPT_BUCKET, &mut steps)?;
    Ok(steps)
}

/// Drives one server with handshakes.
pub(super) async fn push(
    stage: &Stage<'_>,
    server: &Process,
    (apart, played): (bool, handshake::Played),
) -> Done<Side> {
    let load = Load {
        clients: CLIENTS,
        seconds: u64::from(stage.arguments.seconds),
        artifacts: ARTIFACTS,
        apart,
    };
    let before = server.cpu()?;
    let target = stage.target.at(&server.address);
    let measured = handshake::drive(&target, &load, played).await?;
    let used = server.cpu()?.saturating_sub(before);
    Ok(Side::of(
        measured.handshakes as u64,
        measured.took,
        (measured.p50 * 1e3, measured.p99 * 1e3),
        Some(used),
    ))
}
