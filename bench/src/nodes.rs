//! Whether nodes add up: registries of one, two and three nodes, each on a database of its own, are driven in
//! turn with reads that are answered from memory. What a read costs a node must not depend on how many there
//! are, and the database must not hear of it.

mod database;
mod table;

use std::{
    path::{Path, PathBuf},
    thread,
    time::Duration,
};

use tempfile::TempDir;
use touchmark_registry::config::{Flags, Settings};

use crate::{
    Done,
    exchange::{self, Ask, Place},
    output::{note, print},
    process::{self, Process},
    seed::{self, READ_BUCKET, READ_CHANNEL, Sizes},
    target::Target,
    wrk,
};
use database::Database;
use table::{Report, Round};

/// How many nodes the registries have.
const NODES: [usize; 3] = [1, 2, 3];
/// Versions of each registry.
const VERSIONS: usize = 100;
/// Seconds for which each node is asked before anything counts.
const WARM: u32 = 1;

/// What `nodes` takes.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// A PostgreSQL database, whose role may make others
    #[arg(long, value_name = "URL")]
    database: String,
    /// Rounds, in each of which every registry is driven once
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Seconds for which a registry is driven
    #[arg(long, default_value_t = 5)]
    seconds: u32,
    /// The registry's program [default: the one beside this program]
    #[arg(long, value_name = "FILE")]
    registry: Option<PathBuf>,
    /// Where to write all numbers as JSON
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

impl Arguments {
    /// Does it.
    pub(crate) fn run(&self) -> Done {
        let registries = NODES.iter().map(|count| Registry::start(self, *count));
        let registries = registries.collect::<Done<Vec<_>>>()?;
        let mut rounds = Vec::new();
        for round in 1..=self.rounds {
            let driven = registries.iter().map(|one| one.drive(self.seconds));
            rounds.push(driven.collect::<Done<Vec<_>>>()?);
            note(&format!("round {round} of {}", self.rounds));
        }
        for registry in registries {
            registry.stop()?;
        }
        let report = Report::new(&NODES, rounds);
        print(&report.to_string())?;
        if let Some(file) = &self.json {
            std::fs::write(file, serde_json::to_string_pretty(&report)?)?;
        }
        Ok(())
    }
}

/// Several nodes on one database.
struct Registry {
    nodes: Vec<Node>,
    ask: Ask,
    body: Vec<u8>,
    // Last: it goes when nobody uses it any more.
    database: Database,
}

/// A node with a folder of its own.
struct Node {
    process: Process,
    folder: TempDir,
}

impl Node {
    fn start(arguments: &Arguments, folder: TempDir, settings: &Settings) -> Done<Self> {
        let mut command = process::serve(arguments.registry.as_deref(), settings)?;
        command.arg("--plain-http");
        Ok(Self {
            process: Process::start(command)?,
            folder,
        })
    }
}

/// What a node is set to that keeps its files in this folder.
fn settings(folder: &Path, url: &str) -> Done<Settings> {
    let flags = Flags {
        listen: Some("127.0.0.1:0".into()),
        data_dir: Some(folder.display().to_string()),
        database: Some(url.to_owned()),
        plain_http: true,
        workers: Some("1".into()),
        ..Flags::default()
    };
    Ok(Settings::load(&flags, [])?.0)
}

impl Registry {
    fn start(arguments: &Arguments, count: usize) -> Done<Self> {
        let database = Database::create(&arguments.database, count)?;
        let first = tempfile::tempdir()?;
        let filled = settings(first.path(), &database.url)?;
        let sizes = Sizes {
            buckets: 10,
            versions: VERSIONS,
            artifacts: 10,
            one_bucket: 0,
            chain: 0,
            fan_out: 0,
        };
        crate::block_on(seed::fill(&filled, &sizes))?;
        let key = std::fs::read(filled.data_dir.join("master.key"))?;
        let env = filled.data_dir.join("env");
        let mut nodes = vec![Node::start(arguments, first, &filled)?];
        while nodes.len() < count {
            let folder = tempfile::tempdir()?;
            // All nodes share one master key.
            touchmark_registry::private_file::create(&folder.path().join("master.key"), &key)?;
            let settings = settings(folder.path(), &database.url)?;
            nodes.push(Node::start(arguments, folder, &settings)?);
        }
        let address = nodes.first().map_or("", |node| &node.process.address);
        let target = crate::block_on(Target::sign_in(address, &env))?;
        let place = Place {
            address,
            authority: None,
        };
        let path = target.scope().channel(READ_BUCKET, READ_CHANNEL);
        let ask = Ask::get(path).by(&target.token);
        Ok(Self {
            body: exchange::send(place, &ask)?.body,
            ask,
            nodes,
            database,
        })
    }

    /// Leaves all nodes in peace for a while, then drives all of them at once.
    fn drive(&self, seconds: u32) -> Done<Round> {
        // What a node is asked first it has to look up.
        self.read(WARM)?;
        let quiet = self.database.transactions_within(|| {
            thread::sleep(Duration::from_secs(seconds.into()));
            Ok(())
        })?;
        let before = self.cpu()?;
        let mut reads = 0;
        let driven = self.database.transactions_within(|| {
            reads = self.read(seconds)?;
            Ok(())
        })?;
        let used = self.cpu()?.saturating_sub(before);
        Ok(Round::of(reads, seconds, used, [quiet, driven]))
    }

    /// Processor time of all nodes.
    fn cpu(&self) -> Done<Duration> {
        self.nodes.iter().map(|node| node.process.cpu()).sum()
    }

    /// Reads from all nodes at once; says how many answers there were.
    fn read(&self, seconds: u32) -> Done<u64> {
        let ask = (&self.ask, self.body.as_slice());
        thread::scope(|scope| {
            let driven = self.nodes.iter().map(|node| {
                let (folder, place) = (node.folder.path(), node.process.place());
                scope.spawn(move || wrk::drive(folder, place, ask, seconds))
            });
            // All are begun before the first is waited for.
            let driven: Vec<_> = driven.collect();
            let counted = driven.into_iter().map(|driven| {
                let counted = driven.join().map_err(|_| "a thread that drives panicked")?;
                Ok(counted?.requests)
            });
            counted.sum()
        })
    }

    fn stop(self) -> Done {
        self.nodes
            .into_iter()
            .try_for_each(|node| node.process.stop())
    }
}
