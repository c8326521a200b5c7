//! The comparison: a registry and the limit server side by side, driven in turn, and the ratios between them.
//! Absolute numbers say something about the machine, ratios about the registry.

mod rows;
mod table;

use std::{path::PathBuf, process::Command, sync::Arc, time::Duration};

use tempfile::TempDir;
use touchmark_registry::config::{Database, Settings};

use crate::{
    Done, exchange,
    handshake::{self, Load, Single},
    output::{note, print},
    process::{self, Process},
    script::{Answer, Script},
    seed::{self, READ_BUCKET, READ_CHANNEL, Sizes},
    target::Target,
    wrk,
};
use table::{Case, Report, Round, Side};

/// What `run` takes.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    sizes: Sizes,
    /// Rounds, in each of which every server is driven once
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Seconds for which a server is driven
    #[arg(long, default_value_t = 10)]
    seconds: u32,
    /// Measure only this
    #[arg(long, value_enum)]
    only: Option<Kind>,
    /// The registry's program [default: the one beside this program]
    #[arg(long, value_name = "FILE")]
    registry: Option<PathBuf>,
    /// Where to write all numbers as JSON
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Kind {
    Reads,
    Writes,
}

impl Arguments {
    /// Does it.
    pub(crate) fn run(&self) -> Done {
        let folder = tempfile::tempdir()?;
        let settings = process::settings(&folder.path().join("data"))?;
        let filled = crate::block_on(seed::fill(&settings, &self.sizes))?;
        note(&format!("seeded {filled}"));
        let report = crate::block_on(async {
            let pair = Pair::start(self, &folder, &settings).await?;
            let report = self.measure(&pair).await?;
            pair.stop()?;
            process::require_sound(&settings).await?;
            Ok(report)
        })?;
        print(&report.to_string())?;
        if let Some(file) = &self.json {
            std::fs::write(file, serde_json::to_string_pretty(&report)?)?;
        }
        Ok(())
    }

    fn does(&self, kind: Kind) -> bool {
        self.only.is_none_or(|only| only == kind)
    }

    async fn measure(&self, pair: &Pair) -> Done<Report> {
        let mut cases = Vec::new();
        if self.does(Kind::Reads) {
            let mut case = Case::new("channel read with token", "request");
            for round in 1..=self.rounds {
                case.push(pair.read(self.seconds)?);
                note(&format!("reads, round {round} of {}", self.rounds));
            }
            cases.push(case);
        }
        if self.does(Kind::Writes) {
            for (name, apart) in [
                ("handshake, one bucket", false),
                ("handshake, 16 buckets", true),
            ] {
                let mut case = Case::new(name, "handshake");
                for round in 1..=self.rounds {
                    case.push(pair.push(u64::from(self.seconds), apart).await?);
                    note(&format!("{name}, round {round} of {}", self.rounds));
                }
                cases.push(case);
            }
        }
        Ok(Report {
            seconds: self.seconds,
            versions: self.sizes.all_versions(),
            answer_bytes: pair.body.len(),
            registry_kilobytes: pair.registry.memory()?,
            limit_kilobytes: pair.limit.memory()?,
            load_average: std::fs::read_to_string("/proc/loadavg")?.trim().to_owned(),
            cases,
        })
    }
}

/// Both servers.
struct Pair {
    folder: PathBuf,
    registry: Process,
    limit: Process,
    target: Target,
    read_path: String,
    body: Vec<u8>,
    steps: Arc<Vec<Answer>>,
}

/// Artifacts of a build that is pushed.
const ARTIFACTS: usize = 2;
/// The bucket in which the handshake is recorded that the limit server plays.
const SCRIPT_BUCKET: &str = "script";

impl Pair {
    async fn start(arguments: &Arguments, folder: &TempDir, settings: &Settings) -> Done<Self> {
        let registry = Process::start(process::serve(arguments.registry.as_deref(), settings)?)?;
        let env = settings.data_dir.join("env");
        let target = Target::sign_in(&registry.address, &env).await?;
        let read_path = target.scope().channel(READ_BUCKET, READ_CHANNEL);
        let body = exchange::get(&registry.address, &read_path, &target.token)?.body;
        let mut steps = Vec::new();
        if let (true, Database::Sqlite(path)) = (arguments.does(Kind::Writes), &settings.database) {
            let single = Single::new(&target, ARTIFACTS, SCRIPT_BUCKET).await?;
            single.push().await?;
            // The second one, since by then the bucket is like any that is in use.
            steps = single.push().await?;
            rows::measure(path, SCRIPT_BUCKET, &mut steps)?;
        }
        let script = Script {
            token: target.token.clone(),
            read_path: read_path.clone(),
            read: String::from_utf8(body.clone())?,
            steps: steps.clone(),
        };
        let folder = folder.path().to_owned();
        std::fs::write(folder.join("script.json"), serde_json::to_vec(&script)?)?;
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("limit");
        command.arg("--script").arg(folder.join("script.json"));
        command.arg("--database").arg(folder.join("limit.db"));
        Ok(Self {
            limit: Process::start(command)?,
            folder,
            registry,
            target,
            read_path,
            body,
            steps: Arc::new(steps),
        })
    }

    /// Both servers once, with reads.
    fn read(&self, seconds: u32) -> Done<Round> {
        Ok(Round {
            registry: self.read_from(&self.registry, seconds)?,
            limit: self.read_from(&self.limit, seconds)?,
        })
    }

    fn read_from(&self, server: &Process, seconds: u32) -> Done<Side> {
        let read = wrk::Read {
            path: &self.read_path,
            token: &self.target.token,
            body: &self.body,
        };
        let before = server.cpu()?;
        let counted = wrk::drive(&self.folder, &server.address, read, seconds)?;
        let used = server.cpu()?.saturating_sub(before);
        Ok(Side::of(
            counted.requests,
            Duration::from_micros(counted.duration),
            (counted.p50, counted.p99),
            used,
        ))
    }

    /// Both servers once, with handshakes.
    async fn push(&self, seconds: u64, apart: bool) -> Done<Round> {
        Ok(Round {
            registry: self.push_to(&self.registry, (seconds, apart), None).await?,
            limit: {
                let played = Some(Arc::clone(&self.steps));
                self.push_to(&self.limit, (seconds, apart), played).await?
            },
        })
    }

    async fn push_to(
        &self,
        server: &Process,
        (seconds, apart): (u64, bool),
        played: handshake::Played,
    ) -> Done<Side> {
        let load = Load {
            clients: 16,
            seconds,
            artifacts: ARTIFACTS,
            apart,
        };
        let before = server.cpu()?;
        let target = self.target.at(&server.address);
        let measured = handshake::drive(&target, &load, played).await?;
        let used = server.cpu()?.saturating_sub(before);
        Ok(Side::of(
            measured.handshakes as u64,
            measured.took,
            (measured.p50 * 1e3, measured.p99 * 1e3),
            used,
        ))
    }

    fn stop(self) -> Done {
        // The limit server knows no draining, and there is nothing that it must keep.
        drop(self.limit);
        self.registry.stop()
    }
}
