//! Handshakes on `PostgreSQL`, beside a bare client that issues the same statements one by one: pgbench, with
//! each statement prepared, on a database of its own with the same content.

use std::{
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

use diesel::{
    Connection as _, PgConnection, QueryableByName, RunQueryDsl as _, sql_query,
    sql_types::{BigInt, Text},
};
use touchmark_registry::config::{Database, Settings};

use super::{
    Stage,
    table::{Case, Round, Side},
    writes::{self, ARTIFACTS, CLIENTS, WAYS},
};
use crate::{
    Done, handshake::Single, home::Home, output::note, process, seed, summary::percentile,
    target::Target,
};

const SCRIPT: &str = include_str!("pgbench.sql");
/// The bucket that clients push to, or before the number of each when they have their own.
const BUCKET: &str = "push";

/// Both.
pub(super) async fn measure(stage: &Stage<'_>, server: &str) -> Done<Vec<Case>> {
    let home = Home::make(None, Some(server))?;
    let settings = home.settings()?;
    seed::fill(&settings, &stage.arguments.sizes).await?;
    let bare = Bare::prepare(stage, &settings).await?;
    let rounds = stage.arguments.rounds;
    let mut cases = Vec::new();
    for (name, apart) in WAYS {
        let mut case = Case::new((name, "pgbench"), "handshake");
        for round in 1..=rounds {
            case.push(Round {
                registry: writes::push(stage, stage.registry, (apart, None)).await?,
                other: bare.drive(&home.folder, stage.arguments.seconds, apart)?,
            });
            note(&format!("{name}, round {round} of {rounds}"));
        }
        cases.push(case);
    }
    Ok(cases)
}

/// What pgbench is told.
struct Bare {
    url: String,
    given: Vec<(String, String)>,
}

#[derive(QueryableByName)]
struct Event {
    #[diesel(sql_type = Text)]
    action: String,
    #[diesel(sql_type = BigInt)]
    size: i64,
}

impl Bare {
    /// Makes the buckets with a registry, which then ends, and looks how large its events are.
    async fn prepare(stage: &Stage<'_>, settings: &Settings) -> Done<Self> {
        let Database::Postgres(url) = &settings.database else {
            return Err("pgbench speaks to PostgreSQL".into());
        };
        let registry = stage.arguments.serve(settings, &["--plain-http"])?;
        let env = settings.data_dir.join("env");
        let target = Target::sign_in(&registry.address, &env).await?;
        for number in 0..=CLIENTS {
            let single = Single::new(&target, ARTIFACTS, &bucket(number)).await?;
            single.push().await?;
        }
        registry.stop()?;
        process::require_sound(settings).await?;
        let query = "SELECT action, max(length(payload))::bigint AS size FROM events \
             WHERE bucket_id <> '' GROUP BY action";
        let events: Vec<Event> = sql_query(query).load(&mut PgConnection::establish(url)?)?;
        let payload = |event: Event| -> Done<(String, String)> {
            let size = usize::try_from(event.size)?;
            Ok((event.action.replace('.', "_"), "x".repeat(size)))
        };
        let mut given: Vec<_> = events.into_iter().map(payload).collect::<Done<_>>()?;
        given.push(("organization".into(), target.organization_id));
        given.push(("project".into(), target.project_id));
        given.push(("digest".into(), "0".repeat(64)));
        given.push(("now".into(), "0".into()));
        Ok(Self {
            url: url.clone(),
            given,
        })
    }

    /// Drives for so many seconds.
    fn drive(&self, folder: &Path, seconds: u32, apart: bool) -> Done<Side> {
        // Only what is written in the script may differ from client to client.
        let script = folder.join("handshake.sql");
        let name = if apart {
            format!("('{BUCKET}-' || (:client_id + 1)::text)")
        } else {
            format!("'{}'", bucket(0))
        };
        std::fs::write(&script, SCRIPT.replace(":bucket_name", &name))?;
        let log = folder.join("pgbench");
        let mut command = Command::new(program()?);
        command.args(["--no-vacuum", "--protocol=prepared", "--log"]);
        command.arg(format!("--client={CLIENTS}"));
        command.arg(format!("--time={seconds}"));
        command.arg(format!("--log-prefix={}", log.display()));
        command.arg("--file").arg(&script);
        for (name, value) in &self.given {
            command.arg("--define").arg(format!("{name}={value}"));
        }
        let output = command.arg(&self.url).stdin(Stdio::null()).output()?;
        let said = String::from_utf8_lossy(&output.stdout);
        let problem = String::from_utf8_lossy(&output.stderr);
        if !output.status.success() || problem.contains("aborted") {
            return Err(format!("pgbench: {said}{problem}").into());
        }
        let times = times(folder)?;
        let (p50, p99) = (percentile(&times, 50), percentile(&times, 99));
        let took = Duration::from_secs(u64::from(seconds));
        Ok(Side::of(times.len() as u64, took, (p50, p99), None))
    }
}

fn bucket(number: usize) -> String {
    format!("{BUCKET}-{number}")
}

/// What each handshake took, in microseconds, sorted; the log is gone afterwards.
fn times(folder: &Path) -> Done<Vec<f64>> {
    let mut times = Vec::new();
    for file in std::fs::read_dir(folder)? {
        let file = file?;
        if !file.file_name().to_string_lossy().starts_with("pgbench.") {
            continue;
        }
        let text = std::fs::read_to_string(file.path())?;
        let took = |line: &str| line.split(' ').nth(2)?.parse::<f64>().ok();
        times.extend(text.lines().filter_map(took));
        std::fs::remove_file(file.path())?;
    }
    times.sort_by(f64::total_cmp);
    Ok(times)
}

/// Debian keeps it beside the server, not in the path.
fn program() -> Done<std::path::PathBuf> {
    let folders = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten();
    let found = folders.filter_map(|folder| Some(folder.ok()?.path().join("bin/pgbench")));
    let newest = found.filter(|path| path.exists()).max();
    Ok(newest.ok_or("no pgbench (Debian: apt-get install postgresql)")?)
}
