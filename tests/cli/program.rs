//! A folder and an environment in which `touchmark` runs, and what it leaves behind as snapshots show it.

use std::{
    fmt::Write as _,
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::OnceLock,
};

use regex_lite::Regex;
use tempfile::TempDir;
use touchmark_tests::{Client, Ended, Process, TestServer, program};

/// Where `touchmark` runs: a home folder, which is the working folder too, and nothing in the environment but
/// what is said here.
pub(crate) struct Cli {
    home: TempDir,
    environment: Vec<(String, String)>,
    url: String,
}

impl Cli {
    /// Without any settings.
    pub(crate) fn bare() -> Self {
        Self {
            home: tempfile::tempdir().expect("a folder"),
            environment: Vec::new(),
            url: String::new(),
        }
    }

    /// Who knows where the registry is, but not who they are.
    pub(crate) fn stranger(server: &TestServer) -> Self {
        let mut cli = Self::bare().with("TOUCHMARK_URL", &server.url);
        cli.url.clone_from(&server.url);
        if server.url.starts_with("https") {
            let file = server.ca_file().display().to_string();
            cli = cli.with("TOUCHMARK_CA_FILE", &file);
        }
        cli
    }

    /// The admin of the first start.
    pub(crate) fn admin(server: &TestServer) -> Self {
        Self::stranger(server)
            .with("TOUCHMARK_CLIENT_ID", &server.env["HCP_CLIENT_ID"])
            .with("TOUCHMARK_CLIENT_SECRET", &server.env["HCP_CLIENT_SECRET"])
    }

    /// Whoever has the token of this client.
    pub(crate) async fn of(server: &TestServer, client: &Client) -> Self {
        let token = client.access_token().await.expect("a token");
        Self::stranger(server).with("TOUCHMARK_TOKEN", &token.expect("a token"))
    }

    /// The same with another variable.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Where it runs.
    pub(crate) fn folder(&self) -> &Path {
        self.home.path()
    }

    /// Writes a file that it can read.
    pub(crate) fn file(&self, name: &str, content: &str) -> PathBuf {
        let path = self.folder().join(name);
        fs::write(&path, content).expect("a file");
        path
    }

    /// Runs it with arguments between which there are spaces.
    pub(crate) async fn run(&self, arguments: &str) -> String {
        let arguments: Vec<&str> = arguments.split_whitespace().collect();
        self.shown(&self.ended(&arguments).await)
    }

    /// What it gives the script of a shell while this line is typed, of which the words are parted by single spaces.
    pub(crate) async fn completed(&self, line: &str) -> Vec<String> {
        let words: Vec<&str> = ["--"].into_iter().chain(line.split(' ')).collect();
        let mut command = self.command(program("touchmark"), &words);
        let index = words.len() - 2;
        command.env("TOUCHMARK_COMPLETE", "bash");
        command.env("_CLAP_COMPLETE_INDEX", index.to_string());
        let ended = end(command).await;
        let quiet = (ended.code, ended.stderr.as_str());
        assert_eq!(quiet, (Some(0), ""), "{line}");
        ended.stdout.lines().map(str::to_owned).collect()
    }

    /// Runs it on this standard input.
    pub(crate) async fn fed(&self, arguments: &str, input: &str) -> String {
        let arguments: Vec<&str> = arguments.split_whitespace().collect();
        let mut command = self.command(program("touchmark"), &arguments);
        let input = File::open(self.file("input", input)).expect("a file");
        command.stdin(Stdio::from(input));
        self.shown(&end(command).await)
    }

    /// Signs the admin of a server in, in a profile of this name.
    pub(crate) async fn login(&self, profile: &str, server: &TestServer) -> String {
        let env = &server.env;
        let input = format!("{}\n{}\n", env["HCP_CLIENT_ID"], env["HCP_CLIENT_SECRET"]);
        let login = format!("auth login --profile {profile} --url {}", server.url);
        self.fed(&login, &input).await
    }

    /// The JSON that it prints.
    pub(crate) async fn json(&self, arguments: &str) -> serde_json::Value {
        let arguments: Vec<&str> = arguments.split_whitespace().chain(["--json"]).collect();
        let ended = self.ended(&arguments).await;
        serde_json::from_str(&ended.stdout)
            .unwrap_or_else(|error| panic!("{arguments:?}: {error}: {ended:?}"))
    }

    /// Runs it to its end.
    pub(crate) async fn ended(&self, arguments: &[&str]) -> Ended {
        end(self.command(program("touchmark"), arguments)).await
    }

    /// Runs a line in a shell that finds `touchmark`.
    pub(crate) async fn sh(&self, line: &str) -> Ended {
        self.sh_with(line, Stdio::null()).await
    }

    /// The same on this standard input.
    pub(crate) async fn sh_with(&self, line: &str, input: Stdio) -> Ended {
        let mut command = self.command("/bin/sh".into(), &["-euc", line]);
        let folder = program("touchmark");
        let folder = folder.parent().expect("a folder").display();
        command.env("PATH", format!("{folder}:/usr/local/bin:/usr/bin:/bin"));
        command.stdin(input);
        end(command).await
    }

    /// A process of this program, which is started by whoever asks for it.
    pub(crate) fn process(&self, arguments: &str) -> Command {
        let arguments: Vec<&str> = arguments.split_whitespace().collect();
        self.command(program("touchmark"), &arguments)
    }

    fn command(&self, program: PathBuf, arguments: &[&str]) -> Command {
        let mut command = Command::new(program);
        command.args(arguments).current_dir(self.folder());
        command.env_clear().env("HOME", self.folder());
        command.envs(self.environment.iter().map(|(n, v)| (n, v)));
        command.stdin(Stdio::null());
        command
    }

    /// Exit code and both outputs, with what is different each time replaced by its kind.
    pub(crate) fn shown(&self, ended: &Ended) -> String {
        let mut text = format!("exit {}", ended.code.expect("no signal"));
        for (name, output) in [("stdout", &ended.stdout), ("stderr", &ended.stderr)] {
            if !output.is_empty() {
                let output = self.redact(output.trim_end());
                let _ = write!(text, "\n{name}:\n{output}");
            }
        }
        text
    }

    fn redact(&self, text: &str) -> String {
        static KINDS: OnceLock<Vec<(Regex, &str)>> = OnceLock::new();
        let kinds = KINDS.get_or_init(|| {
            [
                (r"\b[0-7][0-9A-HJKMNP-TV-Z]{25}\b", "<ulid>"),
                (
                    r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b",
                    "<uuid>",
                ),
                (r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", "<time>"),
                (r"\b[0-9a-f]{64}\b", "<digest>"),
                (r"localhost:\d+", "<address>"),
                (r"eyJ[\w.-]+|\btm[a-z]_[\w-]+", "<secret>"),
                (r"\b\d+ ms\b", "<n> ms"),
                (r"\b\d+ bytes\b", "<n> bytes"),
            ]
            .into_iter()
            .map(|(pattern, kind)| (Regex::new(pattern).expect("a pattern"), kind))
            .collect()
        });
        let home = self.folder().display().to_string();
        let mut text = text.replace(&home, "<home>");
        if !self.url.is_empty() {
            text = text.replace(&self.url, "<url>");
        }
        kinds.iter().fold(text, |text, (pattern, kind)| {
            pattern.replace_all(&text, *kind).into_owned()
        })
    }
}

/// Waits for its end without keeping the server from its work.
async fn end(command: Command) -> Ended {
    let ended = tokio::task::spawn_blocking(move || Process::of(command).ended());
    ended.await.expect("a process that ends")
}
