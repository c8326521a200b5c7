//! A machine of its own for the real programs.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use tempfile::TempDir;
use touchmark_client::Client;
use touchmark_registry::store::Store;

use crate::{
    TestDatabase,
    binary::program,
    process::{Ended, Process},
};

/// A machine on which programs run: a home folder, a database, and nothing in the environment but what
/// is said here.
#[derive(Debug)]
pub struct Machine {
    home: TempDir,
    database: TestDatabase,
    environment: Vec<(String, String)>,
}

impl Machine {
    /// A machine on which nothing ever ran.
    ///
    /// # Panics
    /// When there is no folder or database for it.
    #[expect(clippy::new_without_default, reason = "a folder is made")]
    pub fn new() -> Self {
        Self {
            home: tempfile::tempdir().expect("a folder"),
            database: TestDatabase::create(),
            environment: Vec::new(),
        }
    }

    /// The same with another variable in the environment.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The home folder.
    pub fn home(&self) -> &Path {
        self.home.path()
    }

    /// Where a server keeps everything unless told otherwise.
    pub fn data_dir(&self) -> PathBuf {
        self.home().join(".local/share/touchmark")
    }

    /// The database of a server in the usual data folder, opened beside the server.
    ///
    /// # Panics
    /// When it cannot be opened.
    pub fn store(&self) -> Store {
        Store::open(&self.database.location(&self.data_dir())).expect("a database")
    }

    /// The URL of the database by way of another port of this machine: a [`crate::Proxy`].
    pub fn database_through(&self, port: u16) -> String {
        self.database.url_through(&self.data_dir(), Some(port))
    }

    /// Makes the data folder of another node: it has the same master key as the first one, which has run.
    ///
    /// # Panics
    /// When it cannot be made.
    pub fn another_data_dir(&self, name: &str) -> PathBuf {
        let folder = self.home().join(name);
        std::fs::create_dir(&folder).expect("a folder");
        let key = std::fs::read(self.data_dir().join("master.key")).expect("a master key");
        let copy = folder.join("master.key");
        touchmark_registry::private_file::create(&copy, &key).expect("a key");
        folder
    }

    /// Runs SQL on the database of a server in the usual data folder.
    pub fn execute(&self, sql: &str) {
        self.database.execute(&self.data_dir(), sql);
    }

    /// All that is stored, as bytes: the files of SQLite, or every row of PostgreSQL as text.
    pub fn dump(&self) -> Vec<u8> {
        self.database.dump(&self.data_dir())
    }

    /// A program with its arguments, not started yet.
    pub fn command(&self, name: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(program(name));
        command.args(arguments).env_clear().env("HOME", self.home());
        if let TestDatabase::Postgres { .. } = self.database {
            command.env("TOUCHMARK_DATABASE", self.database.url(self.home()));
        }
        command.envs(self.environment.iter().map(|(n, v)| (n, v)));
        command.stdin(Stdio::null());
        command
    }

    /// Runs a program to its end.
    pub fn run(&self, name: &str, arguments: &[&str]) -> Ended {
        Process::of(self.command(name, arguments)).ended()
    }

    /// Runs `touchmark-registry serve` on a port of its choice until it listens.
    ///
    /// # Panics
    /// When it does not.
    pub fn serve(&self, arguments: &[&str]) -> Process {
        self.serve_at("127.0.0.1:0", arguments)
    }

    /// The same at an address.
    ///
    /// # Panics
    /// When it does not.
    pub fn serve_at(&self, address: &str, arguments: &[&str]) -> Process {
        let arguments = [&["serve", "--listen", address], arguments].concat();
        let mut process = Process::of(self.command("touchmark-registry", &arguments));
        process.await_address();
        process
    }

    /// Runs it with arguments that it is expected to refuse.
    pub fn refuses(&self, arguments: &[&str]) -> Ended {
        let arguments = [&["serve", "--listen", "127.0.0.1:0"], arguments].concat();
        self.run("touchmark-registry", &arguments)
    }

    /// The variables of a strict shell that has read the `env` file in the usual data folder.
    pub fn sourced(&self) -> HashMap<String, String> {
        self.sourced_from(&self.data_dir().join("env"), &[])
    }

    /// The variables of a strict shell that had some before and has read this file.
    ///
    /// # Panics
    /// When the shell does not get through it.
    pub fn sourced_from(&self, file: &Path, before: &[(&str, &str)]) -> HashMap<String, String> {
        let output = Command::new("/bin/sh")
            .args(["-euc", ". \"$1\"; exec /usr/bin/env", "sh"])
            .arg(file)
            .env_clear()
            .envs(before.iter().copied())
            .output()
            .expect("a shell");
        assert!(
            output.status.success() && output.stderr.is_empty(),
            "{output:?}"
        );
        let text = String::from_utf8(output.stdout).expect("text");
        text.lines()
            .filter_map(|line| line.split_once('='))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect()
    }

    /// A client with the credentials, the address and the trust of the `env` file.
    ///
    /// # Panics
    /// When there is no such file.
    pub fn admin(&self) -> Client {
        let env = self.sourced();
        self.admin_at(env.get("TOUCHMARK_URL").expect("an address"))
    }

    /// The same at another address.
    ///
    /// # Panics
    /// When there is no such file.
    pub fn admin_at(&self, url: &str) -> Client {
        let env = self.sourced();
        let value = |name: &str| env.get(name).cloned().unwrap_or_default();
        let mut builder = Client::builder(url)
            .credentials(value("HCP_CLIENT_ID"), value("HCP_CLIENT_SECRET"))
            .scope(value("HCP_ORGANIZATION_ID"), value("HCP_PROJECT_ID"));
        if let Some(file) = env.get("TOUCHMARK_CA_FILE") {
            builder = builder.ca_file(file);
        }
        builder.build().expect("a client")
    }
}
