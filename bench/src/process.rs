//! A server as a child process: where it listens, what it costs, and that it ends.

use std::{
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use touchmark_registry::{
    config::{Flags, Settings},
    maintenance,
};

use crate::Done;

/// Ticks of the kernel's accounts a second; it has been this on every Linux for decades.
const TICKS: u64 = 100;
/// How long a server may take to end by itself.
const PATIENCE: Duration = Duration::from_secs(10);

/// A server that runs. It ends when this is dropped.
#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
    /// Host and port.
    pub(crate) address: String,
}

impl Process {
    /// Starts a server that prints `listens at http://…`, and waits until it does.
    pub(crate) fn start(mut command: Command) -> Done<Self> {
        let child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| format!("{}: {error}", command.get_program().display()))?;
        let mut started = Self {
            child,
            address: String::new(),
        };
        let output = started.child.stdout.take().ok_or("no standard output")?;
        let mut lines = BufReader::new(output).lines();
        let listens = lines.find_map(|line| {
            let line = line.ok()?;
            let (_, url) = line.split_once("listens at http://")?;
            Some(url.trim().replace("localhost", "127.0.0.1"))
        });
        let program = command.get_program().display().to_string();
        started.address = listens.ok_or_else(|| format!("{program} ended before it listened"))?;
        // What it prints later must neither block nor fail.
        thread::spawn(move || lines.for_each(drop));
        Ok(started)
    }

    /// Processor time used so far, in user and kernel.
    pub(crate) fn cpu(&self) -> Done<Duration> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        // The name in parentheses may hold spaces; user and system time are the 12th and 13th behind it.
        let (_, fields) = stat
            .rsplit_once(')')
            .ok_or("an unknown form of /proc/…/stat")?;
        let fields = fields.split_whitespace().skip(11).take(2);
        let ticks: u64 = fields.filter_map(|field| field.parse::<u64>().ok()).sum();
        Ok(Duration::from_millis(ticks * 1_000 / TICKS))
    }

    /// Memory in use, in kilobytes.
    pub(crate) fn memory(&self) -> Done<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
        Ok(kilobytes.ok_or("an unknown form of /proc/…/status")?)
    }

    /// Asks it to end, and waits for that.
    pub(crate) fn stop(mut self) -> Done {
        let id = self.child.id().to_string();
        Command::new("kill").args(["-TERM", &id]).status()?;
        let begun = Instant::now();
        while begun.elapsed() < PATIENCE {
            if self.child.try_wait()?.is_some() {
                return Ok(());
            }
            thread::sleep(Duration::from_millis(20));
        }
        Err(format!("process {id} did not end when it was told to").into())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended already.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// The settings of a registry on `SQLite` in a folder. Nothing of what the shell is set to reaches it.
pub(crate) fn settings(data_dir: &Path) -> Done<Settings> {
    let flags = Flags {
        listen: Some("127.0.0.1:0".into()),
        data_dir: Some(data_dir.display().to_string()),
        plain_http: true,
        workers: Some("1".into()),
        ..Flags::default()
    };
    Ok(Settings::load(&flags, [])?.0)
}

/// Refuses a registry in which `check` finds anything.
pub(crate) async fn require_sound(settings: &Settings) -> Done {
    let findings = maintenance::check(settings).await?;
    match findings.first() {
        None => Ok(()),
        Some(first) => Err(format!("{} findings: {first}", findings.len()).into()),
    }
}

/// The command that serves it as production does, but for TLS, and with one worker. Without a program named it
/// is the one beside this.
pub(crate) fn serve(program: Option<&Path>, settings: &Settings) -> Done<Command> {
    let this = std::env::current_exe()?;
    let beside = || -> PathBuf { this.with_file_name("touchmark-registry") };
    let mut command = Command::new(program.map_or_else(beside, Path::to_owned));
    command.env_clear();
    command.args([
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--plain-http",
        "--workers",
        "1",
    ]);
    command.arg("--data-dir").arg(&settings.data_dir);
    Ok(command)
}
