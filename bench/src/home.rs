//! Where a registry that is measured keeps its data: a folder, which goes with the run unless somebody wants to
//! keep it, and a database in it or, of its own, on a server of `PostgreSQL`.

use std::{
    path::{Path, PathBuf},
    sync::atomic::{AtomicU32, Ordering},
};

use diesel::{
    Connection as _, PgConnection, QueryableByName, RunQueryDsl as _,
    connection::SimpleConnection as _, sql_query, sql_types::BigInt,
};
use tempfile::TempDir;
use touchmark_registry::config::{Database, Flags, Settings};

use crate::{Done, output::note};

/// A folder, and perhaps a database.
pub(crate) struct Home {
    pub(crate) folder: PathBuf,
    database: Option<OnServer>,
    _temporary: Option<TempDir>,
}

/// The file in a folder that is kept which says that the registry in it is filled.
const FILLED: &str = "filled";

impl Home {
    /// Makes it in a folder, else in that for temporary files.
    pub(crate) fn make(parent: Option<&Path>, server: Option<&str>) -> Done<Self> {
        let folder = match parent {
            Some(parent) => tempfile::tempdir_in(parent)?,
            None => tempfile::tempdir()?,
        };
        let database = server.map(OnServer::make).transpose()?;
        Ok(Self {
            folder: folder.path().to_owned(),
            database,
            _temporary: Some(folder),
        })
    }

    /// A folder that stays, with a database in it.
    pub(crate) fn keep(folder: PathBuf) -> Done<Self> {
        std::fs::create_dir_all(&folder)?;
        Ok(Self {
            folder,
            database: None,
            _temporary: None,
        })
    }

    /// Whether an earlier run has filled it.
    pub(crate) fn is_filled(&self) -> bool {
        self.folder.join(FILLED).exists()
    }

    /// Notes that it is filled.
    pub(crate) fn set_filled(&self) -> Done {
        Ok(std::fs::write(self.folder.join(FILLED), [])?)
    }

    /// The settings of the registry. Nothing of what the shell is set to reaches it.
    pub(crate) fn settings(&self) -> Done<Settings> {
        let flags = Flags {
            listen: Some("127.0.0.1:0".into()),
            data_dir: Some(self.folder.join("data").display().to_string()),
            database: self.database.as_ref().map(OnServer::url),
            plain_http: true,
            workers: Some("1".into()),
            ..Flags::default()
        };
        Ok(Settings::load(&flags, [])?.0)
    }
}

/// Bytes that a registry's database takes.
pub(crate) fn bytes(settings: &Settings) -> Done<u64> {
    match &settings.database {
        Database::Sqlite(_) => {
            let files = std::fs::read_dir(&settings.data_dir)?;
            let sizes = files.map(|file| Ok(file?.metadata()?.len()));
            Ok(sizes.sum::<std::io::Result<u64>>()?)
        }
        Database::Postgres(url) => {
            #[derive(QueryableByName)]
            struct Size {
                #[diesel(sql_type = BigInt)]
                size: i64,
            }
            let query = sql_query("SELECT pg_database_size(current_database()) AS size");
            let size: Size = query.get_result(&mut PgConnection::establish(url)?)?;
            Ok(size.size.try_into()?)
        }
    }
}

/// A database that is dropped in the end.
struct OnServer {
    server: String,
    name: String,
}

static NEXT: AtomicU32 = AtomicU32::new(1);

impl OnServer {
    fn make(server: &str) -> Done<Self> {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let made = Self {
            server: server.to_owned(),
            name: format!("touchmark_bench_{}_{number}", std::process::id()),
        };
        made.say("CREATE DATABASE")?;
        Ok(made)
    }

    fn say(&self, what: &str) -> Done {
        let statement = format!("{what} {}", self.name);
        Ok(PgConnection::establish(&self.server)?.batch_execute(&statement)?)
    }

    fn url(&self) -> String {
        let (base, _) = self.server.rsplit_once('/').unwrap_or((&self.server, ""));
        format!("{base}/{}", self.name)
    }
}

impl Drop for OnServer {
    fn drop(&mut self) {
        if let Err(error) = self.say("DROP DATABASE") {
            note(&format!("error: {error}"));
        }
    }
}
