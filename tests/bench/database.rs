//! A database for one test.

use std::{
    hash::{DefaultHasher, Hash as _, Hasher as _},
    path::{Path, PathBuf},
    sync::{
        Mutex, OnceLock,
        atomic::{AtomicU32, Ordering},
    },
};

use touchmark_registry::{
    config::Database,
    store::{self, Store},
};

/// Where PostgreSQL is, if the tests are to run on it.
const VARIABLE: &str = "TEST_DATABASE_URL";

static NEXT: AtomicU32 = AtomicU32::new(1);

/// A database that nobody else uses, and that is gone when this is dropped.
#[derive(Debug)]
pub enum TestDatabase {
    /// A file in the server's data folder, which goes with the folder.
    Sqlite,
    /// A database of its own on a PostgreSQL server.
    Postgres {
        /// The URL that the tests were given.
        server: String,
        /// The name of the database.
        name: String,
    },
}

impl TestDatabase {
    /// Whether tests run on PostgreSQL.
    pub fn is_postgres() -> bool {
        server_url().is_some()
    }

    /// A new, empty database of the kind that the tests run on.
    pub fn create() -> Self {
        match server_url() {
            None => Self::Sqlite,
            Some(server) => {
                let number = NEXT.fetch_add(1, Ordering::Relaxed);
                let name = format!("touchmark_test_{}_{number}", std::process::id());
                clone_template(&server, &name);
                Self::Postgres { server, name }
            }
        }
    }

    /// What the settings of a server say that uses it.
    pub fn url(&self, folder: &Path) -> String {
        match self {
            Self::Sqlite => format!("sqlite:{}", folder.join("touchmark.db").display()),
            Self::Postgres { server, name } => {
                let (base, _) = server.rsplit_once('/').expect("a URL with a database");
                format!("{base}/{name}")
            }
        }
    }

    /// The same as the registry names it.
    pub fn location(&self, folder: &Path) -> Database {
        match self {
            Self::Sqlite => Database::Sqlite(folder.join("touchmark.db")),
            Self::Postgres { .. } => Database::Postgres(self.url(folder)),
        }
    }

    /// All that is stored, as bytes: the files of `SQLite`, or every row of PostgreSQL as text.
    pub fn dump(&self, folder: &Path) -> Vec<u8> {
        if let Self::Postgres { .. } = self {
            return rows_as_text(&self.url(folder)).into_bytes();
        }
        let files = ["touchmark.db", "touchmark.db-wal"].map(|name| folder.join(name));
        let read = files.iter().filter_map(|file| std::fs::read(file).ok());
        read.flatten().collect()
    }

    /// Where the server is that tests run on, as `host:port`; `None` on `SQLite`.
    ///
    /// # Panics
    /// When the URL names no host.
    pub fn postgres_address() -> Option<String> {
        let url = reqwest::Url::parse(&server_url()?).expect("a URL");
        let host = url.host_str().expect("a host");
        Some(format!("{host}:{}", url.port().unwrap_or(5432)))
    }

    /// [`TestDatabase::url`] by way of another port of this machine, if there is one between.
    ///
    /// # Panics
    /// When there is, and the database is a file.
    pub fn url_through(&self, folder: &Path, port: Option<u16>) -> String {
        let direct = self.url(folder);
        let Some(port) = port else {
            return direct;
        };
        let mut url = reqwest::Url::parse(&direct).expect("a URL");
        url.set_host(Some("127.0.0.1")).expect("a host");
        url.set_port(Some(port)).expect("a port");
        url.into()
    }

    /// Runs SQL in it, behind the server's back.
    pub fn execute(&self, folder: &Path, sql: &str) {
        store::execute_for_tests(&self.location(folder), sql).expect("the statement runs");
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        if let Self::Postgres { server, name } = self {
            drop_database(server, name);
        }
    }
}

fn rows_as_text(url: &str) -> String {
    use diesel::{
        Connection as _, PgConnection, QueryableByName, RunQueryDsl as _, sql_query,
        sql_types::Text,
    };
    #[derive(QueryableByName)]
    struct Line {
        #[diesel(sql_type = Text)]
        line: String,
    }
    let mut conn = PgConnection::establish(url).expect("a connection");
    let mut load = |sql: &str| {
        let lines: Vec<Line> = sql_query(sql).load(&mut conn).expect("rows");
        lines.into_iter().map(|line| line.line).collect::<Vec<_>>()
    };
    let tables = load("SELECT tablename::text AS line FROM pg_tables WHERE schemaname = 'public'");
    let rows = tables
        .iter()
        .flat_map(|table| load(&format!("SELECT t::text AS line FROM {table} t")));
    rows.collect::<Vec<_>>().join("\n")
}

/// Drops a database. `FORCE` ends the connections that are left, but only a superuser may end the server's own
/// housekeeping (autovacuum) that way; a plain `DROP` sends that away by itself.
fn drop_database(server: &str, name: &str) {
    let plain = format!("DROP DATABASE IF EXISTS {name}");
    let forced = format!("{plain} WITH (FORCE)");
    let dropped =
        (0..5).any(|_| attempt(server, &forced).is_ok() || attempt(server, &plain).is_ok());
    if !dropped && !std::thread::panicking() {
        run(server, &forced);
    }
}

/// Makes a database by copying one that has the schema already: several times faster than migrating.
fn clone_template(server: &str, name: &str) {
    static MAKING: Mutex<()> = Mutex::new(());
    let template = template_name();
    let clone = format!("CREATE DATABASE {name} TEMPLATE {template}");
    if attempt(server, &clone).is_ok() {
        return;
    }
    let _making = MAKING.lock().expect("a lock");
    if attempt(server, &clone).is_err() {
        let new = format!("{template}_{}", std::process::id());
        run(server, &format!("CREATE DATABASE {new}"));
        let (base, _) = server.rsplit_once('/').expect("a URL with a database");
        let migrated = Store::open(&Database::Postgres(format!("{base}/{new}")));
        drop(migrated.expect("a schema"));
        if attempt(
            server,
            &format!("ALTER DATABASE {new} RENAME TO {template}"),
        )
        .is_err()
        {
            // Another process was faster.
            run(server, &format!("DROP DATABASE {new}"));
        }
        run(server, &clone);
    }
}

/// A name that changes with the migrations, so that a template is never out of date.
fn template_name() -> String {
    static NAME: OnceLock<String> = OnceLock::new();
    let name = NAME.get_or_init(|| {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../migrations/postgres");
        let folders = std::fs::read_dir(folder).expect("migrations");
        let mut texts: Vec<(PathBuf, String)> = folders
            .map(|entry| entry.expect("a migration").path().join("up.sql"))
            .map(|path| {
                (
                    path.clone(),
                    std::fs::read_to_string(path).expect("a migration"),
                )
            })
            .collect();
        texts.sort();
        let mut hasher = DefaultHasher::new();
        for (_, text) in &texts {
            text.hash(&mut hasher);
        }
        format!("touchmark_template_{:016x}", hasher.finish())
    });
    name.clone()
}

/// Says that tests without PostgreSQL are a failure, not a choice.
const REQUIRED: &str = "REQUIRE_POSTGRES";

fn server_url() -> Option<String> {
    let url = variable(VARIABLE);
    let missing = url.is_none() && variable(REQUIRED).is_some_and(|value| value == "1");
    assert!(
        !missing,
        "{REQUIRED} is 1, and {VARIABLE} names no PostgreSQL"
    );
    url
}

/// A variable of the environment that tests are configured with; empty is as good as none.
pub fn variable(name: &str) -> Option<String> {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is where the tests are configured"
    )]
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

fn attempt(server: &str, sql: &str) -> touchmark_registry::error::Result<()> {
    store::execute_for_tests(&Database::Postgres(server.to_owned()), sql)
}

fn run(server: &str, sql: &str) {
    attempt(server, sql)
        .unwrap_or_else(|error| panic!("{VARIABLE} names a PostgreSQL that fails: {error}"));
}
