//! A server as a child process: where it listens, what it costs, and that it ends.

use std::{
    io::{BufRead as _, BufReader},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use touchmark_registry::{
    config::{Database, Settings},
    maintenance,
};

use crate::{Done, exchange::Place};

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
    /// The file of the certificate authority when it speaks TLS.
    pub(crate) authority: Option<PathBuf>,
}

impl Process {
    /// Starts a server that prints `listens at http…`, and waits until it does.
    pub(crate) fn start(mut command: Command) -> Done<Self> {
        let mut started = Self::spawn(command.stdout(Stdio::piped()), String::new())?;
        let output = started.child.stdout.take().ok_or("no standard output")?;
        let mut lines = BufReader::new(output).lines();
        let listens = lines.find_map(|line| {
            let line = line.ok()?;
            let (_, url) = line.split_once("listens at http")?;
            let (_, address) = url.trim().split_once("://")?;
            Some(address.replace("localhost", "127.0.0.1"))
        });
        let program = command.get_program().display().to_string();
        started.address = listens.ok_or_else(|| format!("{program} ended before it listened"))?;
        // What it prints later must neither block nor fail.
        thread::spawn(move || lines.for_each(drop));
        Ok(started)
    }

    /// Starts a server that says nothing of itself, and waits until connections to that address are taken.
    pub(crate) fn start_at(mut command: Command, address: String) -> Done<Self> {
        let mut started = Self::spawn(command.stdout(Stdio::null()), address)?;
        let begun = Instant::now();
        while TcpStream::connect(&started.address).is_err() {
            let ended = started.child.try_wait()?.is_some();
            if ended || begun.elapsed() > PATIENCE {
                let program = command.get_program().display();
                return Err(format!("{program} does not listen").into());
            }
            thread::sleep(Duration::from_millis(20));
        }
        Ok(started)
    }

    fn spawn(command: &mut Command, address: String) -> Done<Self> {
        let child = command.stdin(Stdio::null()).stderr(Stdio::null()).spawn();
        Ok(Self {
            child: child
                .map_err(|error| format!("{}: {error}", command.get_program().display()))?,
            address,
            authority: None,
        })
    }

    /// Where it is.
    pub(crate) fn place(&self) -> Place<'_> {
        Place {
            address: &self.address,
            authority: self.authority.as_deref(),
        }
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

    /// The most memory that was ever in use, in kilobytes.
    pub(crate) fn peak_memory(&self) -> Done<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
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

/// How busy the machine is, as the kernel says it.
pub(crate) fn load_average() -> Done<String> {
    Ok(std::fs::read_to_string("/proc/loadavg")?.trim().to_owned())
}

/// Refuses a registry in which `check` finds anything.
pub(crate) async fn require_sound(settings: &Settings) -> Done {
    let findings = maintenance::check(settings).await?;
    match findings.first() {
        None => Ok(()),
        Some(first) => Err(format!("{} findings: {first}", findings.len()).into()),
    }
}

/// The command that serves it as production does, with one worker. Without a program named it is the one
/// beside this. Somebody must still say whether it speaks TLS.
pub(crate) fn serve(program: Option<&Path>, settings: &Settings) -> Done<Command> {
    let this = std::env::current_exe()?;
    let beside = || -> PathBuf { this.with_file_name("touchmark-registry") };
    let mut command = Command::new(program.map_or_else(beside, Path::to_owned));
    command.env_clear();
    command.args(["serve", "--listen", "127.0.0.1:0", "--workers", "1"]);
    command.arg("--data-dir").arg(&settings.data_dir);
    if let Database::Postgres(url) = &settings.database {
        // In the environment, which only this user can read: there may be a password in it.
        command.env("TOUCHMARK_DATABASE", url);
    }
    Ok(command)
}
