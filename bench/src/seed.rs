//! Fills an empty registry in bulk, in this process: the rows of many builds in one transaction, no commit
//! waits for the disk, and the largest indices are made at the end. What is there afterwards is what the same
//! builds, published one by one, would have left behind, events included.

mod plan;
#[cfg(test)]
mod tests;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use touchmark_registry::{
    config::{Database, Flags, Settings},
    domain::time::Clock,
    ops::{
        Access,
        bulk::{self, Entry},
    },
    server::Server,
    store::{Store, bulk as tables, organizations},
};

pub(crate) use plan::{
    FAN, LARGE_BUCKET, READ_BUCKET, READ_CHANNEL, Sizes, artifact_id, bucket, descendant,
    fingerprint, home,
};

use crate::{Done, output::note};

/// Transactions under way at once. Each has buckets of its own, so none waits for another's lock.
fn lanes(database: &Database) -> usize {
    match database {
        Database::Postgres(_) => 8,
        // Its writer would take several into one commit, each in a savepoint: what that needs to undo a large
        // one by itself is looked through at the end of every statement.
        Database::Sqlite(_) => 1,
    }
}

/// How often it is told how far things are.
const REPORT: Duration = Duration::from_secs(10);

/// What `seed` takes.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    sizes: Sizes,
    #[command(flatten)]
    flags: Flags,
}

impl Arguments {
    /// Does it.
    pub(crate) fn run(&self) -> Done {
        let (settings, _) = Settings::from_process(&self.flags)?;
        let filled = crate::block_on(fill(&settings, &self.sizes))?;
        note(&filled.to_string());
        Ok(())
    }
}

/// How much was filled in, and how long that took.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Filled {
    versions: usize,
    took: Duration,
}

impl std::fmt::Display for Filled {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let seconds = self.took.as_secs_f64();
        #[expect(clippy::cast_precision_loss, reason = "a rate to read")]
        let rate = self.versions as f64 / seconds.max(f64::EPSILON);
        let versions = self.versions;
        write!(f, "{versions} versions in {seconds:.1} s: {rate:.0}/s")
    }
}

/// Makes the registry of these settings, if it is not there, and fills it.
pub(crate) async fn fill(settings: &Settings, sizes: &Sizes) -> Done<Filled> {
    make(settings).await?;
    let begun = Instant::now();
    let filler = Filler::open(settings).await?;
    let indices = tables::drop_indices(&settings.database)?;
    let recorded = filler.all(sizes, lanes(&settings.database)).await;
    note(&format!(
        "rows after {:.1} s",
        begun.elapsed().as_secs_f64()
    ));
    // Also when that went wrong: a registry without indices looks whole and is slow.
    tables::make_indices(&settings.database, &indices)?;
    recorded?;
    drop(filler);
    flush(&settings.database)?;
    Ok(Filled {
        versions: sizes.all_versions(),
        took: begun.elapsed(),
    })
}

/// Starts a server and ends it: everything that a first start makes is there then.
async fn make(settings: &Settings) -> Done {
    let server = Server::bind(settings, Clock::System).await?;
    let stopper = server.stopper();
    let running = actix_web::rt::spawn(server.run_without_jobs());
    stopper.stop().await;
    Ok(running.await??)
}

/// Lets the disk have what was written without waiting for it. `PostgreSQL` does that by itself, soon.
fn flush(database: &Database) -> Done {
    if let Database::Sqlite(path) = database {
        std::fs::File::open(path)?.sync_all()?;
    }
    Ok(())
}

/// What the lanes share.
#[derive(Clone)]
struct Filler {
    store: Store,
    access: Arc<Access>,
}

impl Filler {
    async fn open(settings: &Settings) -> Done<Self> {
        let store = Store::open_for_filling(&settings.database)?;
        let project = store.read(|conn| match organizations::first(conn)? {
            Some(first) => Ok(organizations::projects(conn, &first.id)?.into_iter().next()),
            None => Ok(None),
        });
        let project = project.await?.ok_or("the registry has no project")?;
        Ok(Self {
            store,
            access: Arc::new(Access::system(project)),
        })
    }

    async fn record(&self, entries: Vec<Entry>) -> Done<Vec<String>> {
        let access = Arc::clone(&self.access);
        Ok(bulk::record(&self.store, access, entries, Clock::System.now()).await?)
    }

    async fn all(&self, sizes: &Sizes, lanes: usize) -> Done {
        self.lanes(sizes, lanes).await?;
        for steps in sizes.families() {
            self.family(steps).await?;
        }
        Ok(())
    }

    /// All that does not descend from anything.
    async fn lanes(&self, sizes: &Sizes, lanes: usize) -> Done {
        let lanes = (0..lanes).map(|lane| {
            let (filler, sizes) = (self.clone(), sizes.clone());
            actix_web::rt::spawn(async move { filler.lane(&sizes, (lane, lanes)).await })
        });
        // All are begun before the first is waited for.
        let lanes: Vec<_> = lanes.collect();
        for lane in lanes {
            lane.await??;
        }
        Ok(())
    }

    async fn lane(&self, sizes: &Sizes, (lane, lanes): (usize, usize)) -> Done {
        let (mut told, mut count) = (Instant::now(), 0);
        for entries in sizes.lane(lane, lanes) {
            count += entries.len();
            self.record(entries).await?;
            if lane == 0 && told.elapsed() > REPORT {
                note(&format!("lane 1 of {lanes}: {count} entries"));
                told = Instant::now();
            }
        }
        Ok(())
    }

    /// What descends from one version: each step may name what came before it as its parent.
    async fn family(&self, family: plan::Family) -> Done {
        self.record(family.buckets()).await?;
        let mut ids: Vec<String> = Vec::new();
        for child in family.children() {
            let parent = child.parent.and_then(|parent| ids.get(parent)).cloned();
            let entry = family.entry(&child, parent.unwrap_or_default());
            ids.append(&mut self.record(vec![entry]).await?);
        }
        Ok(())
    }
}
