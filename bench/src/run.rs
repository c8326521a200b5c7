//! The comparison: a registry and others side by side, driven in turn, and the ratios between them. Absolute
//! numbers say something about the machine, ratios about the registry.

mod copy;
mod peers;
mod pgbench;
mod reads;
mod rows;
mod table;
mod writes;

use std::path::{Path, PathBuf};

use touchmark_registry::config::Settings;

use crate::{
    Done,
    home::Home,
    output::{note, print},
    process::{self, Process},
    seed::{self, Sizes},
    target::Target,
};
use table::Report;

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
    /// A server of PostgreSQL that waits for its disk, with the name of any database of it: measures handshakes
    /// on it beside pgbench, and no reads
    #[arg(long, value_name = "URL")]
    database: Option<String>,
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
    Peers,
    Writes,
}

impl Arguments {
    /// Does it.
    pub(crate) fn run(&self) -> Done {
        let home = Home::make(None, self.database.as_deref())?;
        let settings = home.settings()?;
        let filled = crate::block_on(seed::fill(&settings, &self.sizes))?;
        note(&format!("seeded {filled}"));
        let report = crate::block_on(self.measure(&home, &settings))?;
        print(&report.to_string())?;
        if let Some(file) = &self.json {
            std::fs::write(file, serde_json::to_string_pretty(&report)?)?;
        }
        Ok(())
    }

    fn does(&self, kind: Kind) -> bool {
        self.only.is_none_or(|only| only == kind)
    }

    async fn measure(&self, home: &Home, settings: &Settings) -> Done<Report> {
        let folder = home.folder.as_path();
        let on_sqlite = self.database.is_none();
        // Before anything runs in the folder that is copied.
        let copies = (on_sqlite && self.does(Kind::Reads))
            .then(|| copy::make(settings, folder))
            .transpose()?;
        let registry = self.serve(settings, &["--plain-http"])?;
        let target = Target::sign_in(&registry.address, &settings.data_dir.join("env")).await?;
        let mut report = Report::new(self.seconds, self.sizes.all_versions());
        let stage = Stage {
            arguments: self,
            folder,
            registry: &registry,
            target: &target,
        };
        if let Some(copies) = copies {
            report.cases.append(&mut reads::measure(&stage, &copies)?);
        }
        if on_sqlite && self.does(Kind::Peers) {
            report.cases.append(&mut peers::measure(&stage).await?);
        }
        if self.does(Kind::Writes) {
            let mut cases = match &self.database {
                None => writes::measure(&stage, settings).await?,
                Some(server) => pgbench::measure(&stage, server).await?,
            };
            report.cases.append(&mut cases);
        }
        report.registry_kilobytes = registry.peak_memory()?;
        report.load_average = process::load_average()?;
        registry.stop()?;
        process::require_sound(settings).await?;
        Ok(report)
    }

    fn serve(&self, settings: &Settings, more: &[&str]) -> Done<Process> {
        let mut command = process::serve(self.registry.as_deref(), settings)?;
        command.args(more);
        Process::start(command)
    }
}

/// What every comparison starts from.
struct Stage<'a> {
    arguments: &'a Arguments,
    /// For whatever is written.
    folder: &'a Path,
    registry: &'a Process,
    target: &'a Target,
}
