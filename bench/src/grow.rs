//! How things grow: registries of several sizes, asked the same questions in turn by one caller. What matters
//! is how a row of the table changes from left to right.

mod questions;
mod table;
mod wander;

use std::{path::PathBuf, time::Instant};

use crate::{
    Done,
    home::{self, Home},
    output::{note, print},
    process::{self, Process},
    seed::{self, Sizes},
    summary::percentile,
    target::Target,
};
use questions::{Question, Registry};
use table::{Column, Row, Table};
use touchmark_registry::config::Settings;

/// What `grow` takes.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Versions in the registries, comma-separated
    #[arg(long, value_delimiter = ',', default_value = "1000,100000,1000000")]
    versions: Vec<usize>,
    /// How often each question is asked of each registry
    #[arg(long, default_value_t = 200)]
    times: usize,
    /// Artifacts of each version
    #[arg(long, default_value_t = 10)]
    artifacts: usize,
    /// Seconds for which each server is loaded before its memory is looked at
    #[arg(long, default_value_t = 20)]
    seconds: u32,
    /// Leave out the check of everything that is stored, which reads all of it
    #[arg(long)]
    unchecked: bool,
    /// A server of PostgreSQL to make the registries' databases on, with the name of any database of it
    #[arg(long, value_name = "URL")]
    database: Option<String>,
    /// Where the registries are made [default: the folder for temporary files]
    #[arg(long, value_name = "FOLDER")]
    folder: Option<PathBuf>,
    /// Keep the registries in this folder, and use those that an earlier run has left there; on SQLite only
    #[arg(long, value_name = "FOLDER", conflicts_with_all = ["database", "folder"])]
    keep: Option<PathBuf>,
    /// The registry's program [default: the one beside this program]
    #[arg(long, value_name = "FILE")]
    registry: Option<PathBuf>,
    /// Where to write all numbers as JSON
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

/// The most versions in the one bucket that holds many.
const LARGEST_BUCKET: usize = 100_000;
/// Descendants of the version that is revoked.
const DESCENDANTS: usize = 1_000;
/// How often one registry is asked before it is the next one's turn.
const TURN: usize = 20;

/// A registry of one size.
struct Place {
    _home: Home,
    settings: Settings,
    sizes: Sizes,
}

impl Arguments {
    /// Does it.
    pub(crate) fn run(&self) -> Done {
        let places: Vec<Place> = self
            .versions
            .iter()
            .map(|versions| self.place(*versions))
            .collect::<Done<_>>()?;
        let table = crate::block_on(self.measure(&places))?;
        print(&table.to_string())?;
        if let Some(file) = &self.json {
            std::fs::write(file, serde_json::to_string_pretty(&table)?)?;
        }
        Ok(())
    }

    /// Half of it is in one bucket, but for the largest; a thousand more descend from one version.
    fn sizes(&self, versions: usize) -> Sizes {
        let one_bucket = (versions / 2).min(LARGEST_BUCKET);
        Sizes {
            buckets: (versions / 100).clamp(100, 5_000),
            versions: versions.saturating_sub(one_bucket),
            artifacts: self.artifacts,
            one_bucket,
            chain: 0,
            fan_out: DESCENDANTS,
        }
    }

    fn place(&self, versions: usize) -> Done<Place> {
        let home = match &self.keep {
            Some(folder) => Home::keep(folder.join(versions.to_string()))?,
            None => Home::make(self.folder.as_deref(), self.database.as_deref())?,
        };
        let settings = home.settings()?;
        let sizes = self.sizes(versions);
        if !home.is_filled() {
            let filled = crate::block_on(seed::fill(&settings, &sizes))?;
            note(&format!("seeded {filled}"));
            home.set_filled()?;
        }
        Ok(Place {
            _home: home,
            settings,
            sizes,
        })
    }

    async fn measure(&self, places: &[Place]) -> Done<Table> {
        let mut table = Table::default();
        let mut servers = Vec::new();
        for place in places {
            servers.push(self.serve(place, &[]).await?);
        }
        for question in Question::ALL {
            table.rows.push(self.ask(&servers, question).await?);
        }
        for (place, (server, registry)) in places.iter().zip(&servers) {
            let loaded = wander::drive(registry, self.seconds, place.settings.data_dir.as_path())?;
            table.columns.push(Column {
                versions: place.sizes.all_versions(),
                requests_under_load: loaded,
                peak_kilobytes: server.peak_memory()?,
                bytes_while_served: home::bytes(&place.settings)?,
                bytes: 0,
            });
        }
        end(servers)?;
        let mut servers = Vec::new();
        for place in places {
            servers.push(self.serve(place, &["--cache-mib", "0"]).await?);
        }
        for question in Question::WITHOUT_MEMORY {
            table.rows.push(self.ask(&servers, question).await?);
        }
        end(servers)?;
        for (place, column) in places.iter().zip(&mut table.columns) {
            // By now SQLite's log of writes has gone into the database.
            column.bytes = home::bytes(&place.settings)?;
            if !self.unchecked {
                process::require_sound(&place.settings).await?;
                note(&format!("{} versions are sound", column.versions));
            }
        }
        table.load_average = process::load_average()?;
        Ok(table)
    }

    async fn serve(&self, place: &Place, more: &[&str]) -> Done<(Process, Registry)> {
        let mut command = process::serve(self.registry.as_deref(), &place.settings)?;
        command.arg("--plain-http").args(more);
        let server = Process::start(command)?;
        let env = place.settings.data_dir.join("env");
        let target = Target::sign_in(&server.address, &env).await?;
        let registry = Registry::new(target, place.sizes.clone()).await?;
        Ok((server, registry))
    }

    /// Asks all registries in turn, so that what disturbs one disturbs the others.
    async fn ask(&self, servers: &[(Process, Registry)], question: Question) -> Done<Row> {
        let label = question.label();
        let times = question.times(self.times);
        let mut taken = vec![Vec::with_capacity(times); servers.len()];
        for first in (0..times).step_by(TURN) {
            for ((_, registry), taken) in servers.iter().zip(&mut taken) {
                for number in first..(first + TURN).min(times) {
                    let ask = async || {
                        let asked = registry.ask(question, number).await;
                        asked.map_err(|error| format!("{label}: {error}"))
                    };
                    registry.prepare(question, number).await?;
                    if question.only_reads() {
                        // Else the disk would be measured, and how much of it the system has in memory.
                        ask().await?;
                    }
                    let begun = Instant::now();
                    ask().await?;
                    taken.push(begun.elapsed().as_secs_f64() * 1e3);
                }
            }
        }
        note(label);
        let cells = taken.into_iter().map(|mut taken| {
            taken.sort_by(f64::total_cmp);
            (percentile(&taken, 50), percentile(&taken, 99))
        });
        Ok(Row {
            question: label,
            p50_and_p99: cells.collect(),
        })
    }
}

fn end(servers: Vec<(Process, Registry)>) -> Done {
    servers
        .into_iter()
        .try_for_each(|(server, _)| server.stop())
}
