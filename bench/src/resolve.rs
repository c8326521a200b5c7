//! The command line beside `curl`: both ask a registry for the same artifact, each as a new process, in turn.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Instant,
};

use serde::Serialize;
use touchmark_wire::paths;

use crate::{
    Done,
    home::Home,
    output::print,
    process::{self, Process},
    seed::{self, READ_BUCKET, READ_CHANNEL, Sizes},
    summary, target,
};

/// What `resolve` takes.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    sizes: Sizes,
    /// Times that each is started
    #[arg(long, default_value_t = 200)]
    rounds: usize,
    /// The registry's program [default: the one beside this program]
    #[arg(long, value_name = "FILE")]
    registry: Option<PathBuf>,
    /// The client's program [default: the one beside this program]
    #[arg(long, value_name = "FILE")]
    client: Option<PathBuf>,
    /// Where to write all numbers as JSON
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

/// What came of it over one kind of connection.
#[derive(Debug, Serialize)]
struct Measured {
    connection: &'static str,
    /// Milliseconds of the whole process, the median.
    touchmark: f64,
    /// The same of curl.
    curl: f64,
    /// The median of the ratios within the rounds.
    ratio: f64,
    rounds: usize,
}

impl Arguments {
    /// Does it.
    pub(crate) fn run(&self) -> Done {
        let home = Home::make(None, None)?;
        let settings = home.settings()?;
        crate::block_on(seed::fill(&settings, &self.sizes))?;
        let client = match &self.client {
            Some(path) => path.clone(),
            None => std::env::current_exe()?.with_file_name("touchmark"),
        };
        let size = std::fs::metadata(&client)?.len();
        print(&format!("{}: {size} bytes", client.display()))?;
        let mut all = Vec::new();
        for (connection, scheme, more) in [
            ("plain HTTP", "http", &["--plain-http"][..]),
            ("TLS", "https", &[]),
        ] {
            let mut command = process::serve(self.registry.as_deref(), &settings)?;
            command.args(more);
            let registry = Process::start(command)?;
            let pair = Pair::new(&client, &home, (scheme, &registry.address))?;
            let measured = pair.measure(connection, self.rounds)?;
            print(&format!(
                "{connection}: touchmark {:.2} ms, curl {:.2} ms, ratio {:.2} ({} rounds)",
                measured.touchmark, measured.curl, measured.ratio, measured.rounds
            ))?;
            all.push(measured);
            registry.stop()?;
        }
        if let Some(file) = &self.json {
            std::fs::write(file, serde_json::to_string_pretty(&all)?)?;
        }
        Ok(())
    }
}

/// Both programs, with what they need.
struct Pair {
    client: PathBuf,
    environment: HashMap<String, String>,
    url: String,
    token: String,
}

impl Pair {
    /// The token is fetched once; our own program finds it in its file afterwards, as in daily use.
    fn new(client: &Path, home: &Home, (scheme, address): (&str, &str)) -> Done<Self> {
        let data = home.settings()?.data_dir;
        let mut environment = target::read(&data.join("env"))?;
        environment.retain(|name, _| name.starts_with("TOUCHMARK_"));
        let port = address.rsplit_once(':').map_or("", |(_, port)| port);
        let base = format!("{scheme}://localhost:{port}");
        environment.insert("TOUCHMARK_URL".to_owned(), base.clone());
        let authority = data.join("ca.pem").display().to_string();
        environment.remove("TOUCHMARK_CA_FILE");
        if scheme == "https" {
            environment.insert("TOUCHMARK_CA_FILE".to_owned(), authority);
        }
        environment.insert("HOME".to_owned(), home.folder.display().to_string());
        let project = environment.get("TOUCHMARK_PROJECT_ID").cloned();
        let query = [
            ("project", project.unwrap_or_default()),
            ("platform", "aws".to_owned()),
            ("region", "us-east-1".to_owned()),
        ];
        let query = query.iter().map(|(name, value)| (*name, value.as_str()));
        let path = paths::own_resolve(READ_BUCKET, READ_CHANNEL);
        let mut pair = Self {
            client: client.to_owned(),
            environment,
            url: format!("{base}{}", paths::with_query(&path, query)),
            token: String::new(),
        };
        let (token, _) = timed(pair.ours(&["auth", "print-access-token"]))?;
        pair.token = token;
        Ok(pair)
    }

    fn ours(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.client);
        command.args(arguments).env_clear().envs(&self.environment);
        command
    }

    fn curl(&self) -> Command {
        let authority = self.environment.get("TOUCHMARK_CA_FILE");
        let mut command = Command::new("curl");
        command.args(["--silent", "--show-error", "--fail"]);
        if let Some(authority) = authority {
            command.args(["--cacert", authority]);
        }
        command.args(["--header", &format!("Authorization: Bearer {}", self.token)]);
        command.arg(&self.url).env_clear();
        if let Some(path) = std::env::var_os("PATH") {
            command.env("PATH", path);
        }
        command
    }

    fn measure(&self, connection: &'static str, rounds: usize) -> Done<Measured> {
        let from = format!("{READ_BUCKET}:{READ_CHANNEL}");
        let resolve = [
            "resolve",
            &from,
            "--platform",
            "aws",
            "--region",
            "us-east-1",
        ];
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        for _ in 0..rounds {
            let (id, took) = timed(self.ours(&resolve))?;
            ours.push(took);
            let (same, took) = timed(self.curl())?;
            theirs.push(took);
            if id != same || id.is_empty() {
                return Err(format!("touchmark says {id:?}, curl {same:?}").into());
            }
        }
        let ratios = ours.iter().zip(&theirs).map(|(ours, theirs)| ours / theirs);
        Ok(Measured {
            connection,
            ratio: summary::median(ratios),
            touchmark: summary::median(ours.iter().copied()),
            curl: summary::median(theirs.iter().copied()),
            rounds,
        })
    }
}

/// What a program prints, and the milliseconds from its start to its end.
fn timed(mut command: Command) -> Done<(String, f64)> {
    let begun = Instant::now();
    let output = command.stdin(Stdio::null()).output()?;
    let took = begun.elapsed().as_secs_f64() * 1_000.0;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(format!("{}: {said}", command.get_program().display()).into());
    }
    let text = String::from_utf8(output.stdout)?;
    Ok((text.trim_end().to_owned(), took))
}
