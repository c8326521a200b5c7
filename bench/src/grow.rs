//! How things grow: registries of several sizes, one after the other, each asked the same questions by one
//! caller. What matters is how a row of the table changes from left to right.

mod questions;

use std::{
    fmt::Write as _,
    path::{Path, PathBuf},
};

use serde::Serialize;

use crate::{
    Done,
    output::{note, print},
    process::{self, Process},
    seed::{self, Sizes},
    target::Target,
};
use questions::{Answered, Registry};

/// What `grow` takes.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Versions in the registries, comma-separated
    #[arg(long, value_delimiter = ',', default_value = "1000,100000,1000000")]
    versions: Vec<usize>,
    /// How often each question is asked
    #[arg(long, default_value_t = 200)]
    times: usize,
    /// Artifacts of each version
    #[arg(long, default_value_t = 10)]
    artifacts: usize,
    /// Leave out the check of everything that is stored, which reads all of it
    #[arg(long)]
    unchecked: bool,
    /// Where the registries are made [default: the folder for temporary files]
    #[arg(long, value_name = "FOLDER")]
    folder: Option<PathBuf>,
    /// The registry's program [default: the one beside this program]
    #[arg(long, value_name = "FILE")]
    registry: Option<PathBuf>,
    /// Where to write all numbers as JSON
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

/// A registry of one size.
#[derive(Debug, Serialize)]
struct Column {
    versions: usize,
    bytes_on_disk: u64,
    /// With the log of writes as large as it grew.
    bytes_while_served: u64,
    memory_kilobytes: u64,
    answered: Vec<Answered>,
}

/// The most versions in the one bucket that holds many.
const LARGEST_BUCKET: usize = 100_000;
/// Descendants of the version that is revoked.
const DESCENDANTS: usize = 1_000;

impl Arguments {
    /// Does it.
    pub(crate) fn run(&self) -> Done {
        let mut columns = Vec::new();
        for versions in &self.versions {
            columns.push(self.column(*versions)?);
            // What is known so far is not lost when a larger one fails.
            print(&table(&columns)?)?;
            if let Some(file) = &self.json {
                std::fs::write(file, serde_json::to_string_pretty(&columns)?)?;
            }
        }
        Ok(())
    }

    /// A registry of this size. A tenth of it is in one bucket, and a thousand descend from one version.
    fn sizes(&self, versions: usize) -> Sizes {
        let one_bucket = (versions / 10).min(LARGEST_BUCKET);
        let fan_out = DESCENDANTS.min(versions / 2);
        Sizes {
            buckets: (versions / 100).clamp(10, 5_000),
            versions: versions.saturating_sub(one_bucket + fan_out),
            artifacts: self.artifacts,
            one_bucket,
            chain: 0,
            fan_out,
        }
    }

    fn column(&self, versions: usize) -> Done<Column> {
        let folder = match &self.folder {
            Some(folder) => tempfile::tempdir_in(folder)?,
            None => tempfile::tempdir()?,
        };
        let settings = process::settings(&folder.path().join("data"))?;
        let sizes = self.sizes(versions);
        let filled = crate::block_on(seed::fill(&settings, &sizes))?;
        note(&format!("seeded {filled}"));
        crate::block_on(async {
            let server = Process::start(process::serve(self.registry.as_deref(), &settings)?)?;
            let target = Target::sign_in(&server.address, &settings.data_dir.join("env")).await?;
            let registry = Registry::new(target, sizes, self.times)?;
            let answered = registry.ask().await?;
            let memory_kilobytes = server.memory()?;
            let while_served = size_of(&settings.data_dir)?;
            // Then SQLite's log of writes has gone into the database.
            server.stop()?;
            if !self.unchecked {
                process::require_sound(&settings).await?;
            }
            Ok(Column {
                versions,
                bytes_on_disk: size_of(&settings.data_dir)?,
                bytes_while_served: while_served,
                memory_kilobytes,
                answered,
            })
        })
    }
}

/// Bytes of all files in a folder.
fn size_of(folder: &Path) -> Done<u64> {
    let files = std::fs::read_dir(folder)?;
    let sizes = files.map(|file| Ok(file?.metadata()?.len()));
    sizes.sum::<std::io::Result<u64>>().map_err(Into::into)
}

fn table(columns: &[Column]) -> Done<String> {
    let mut text = String::from("| p50 / p99, ms |");
    for column in columns {
        write!(text, " {} versions |", column.versions)?;
    }
    text.push_str("\n| --- |");
    text.extend(std::iter::repeat_n(" ---: |", columns.len()));
    let questions = columns.first().map_or(0, |column| column.answered.len());
    for question in 0..questions {
        let cells = columns
            .iter()
            .filter_map(|column| column.answered.get(question));
        for (number, answered) in cells.enumerate() {
            if number == 0 {
                write!(text, "\n| {} |", answered.question)?;
            }
            write!(text, " {:.2} / {:.2} |", answered.p50, answered.p99)?;
        }
    }
    text.push_str("\n| on disk after / while served, MB |");
    for column in columns {
        let [ended, served] = [column.bytes_on_disk, column.bytes_while_served];
        write!(text, " {} / {} |", ended / 1_000_000, served / 1_000_000)?;
    }
    text.push_str("\n| server's memory, MB |");
    for column in columns {
        write!(text, " {} |", column.memory_kilobytes / 1_000)?;
    }
    Ok(text)
}
