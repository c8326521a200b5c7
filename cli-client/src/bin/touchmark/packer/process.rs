//! A running Packer: its lines as they come, and signals. The first interrupt is handed on once, so that Packer
//! cleans up; the second ends everything at once.

use std::path::Path;
use std::process::Stdio;

use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::process::{Child, Command};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::mpsc;

use crate::exit::{Code, Context, Failure, Result};

/// What happens while it runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Event {
    /// A line of its standard output.
    Output(String),
    /// A line of its standard error.
    Error(String),
    /// It has been told to stop.
    Interrupted,
}

/// How it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ended {
    /// Its exit code; 1 if a signal ended it.
    pub(crate) code: u8,
    /// Whether it had been told to stop.
    pub(crate) interrupted: bool,
}

/// The signals that mean stop.
struct Signals {
    interrupt: Signal,
    terminate: Signal,
    hang_up: Signal,
}

impl Signals {
    fn listen() -> Result<Self> {
        let listen = |kind| signal(kind).context(|| "signals cannot be received".to_owned());
        Ok(Self {
            interrupt: listen(SignalKind::interrupt())?,
            terminate: listen(SignalKind::terminate())?,
            hang_up: listen(SignalKind::hangup())?,
        })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
            _ = self.hang_up.recv() => {}
        }
    }
}

/// Runs it to its end and tells of every event. It reads nothing from the terminal, and gets no signal from there.
///
/// # Errors
/// When it cannot be started, and [`Code::Interrupted`] after the second interrupt.
pub(crate) async fn follow(
    (program, arguments): (&Path, &[String]),
    environment: &[(&str, String)],
    mut on: impl FnMut(Event) -> Result<()>,
) -> Result<Ended> {
    let mut signals = Signals::listen()?;
    let mut command = Command::new(program);
    command
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
        .envs(environment.iter().map(|(name, value)| (*name, value)))
        .process_group(0);
    let mut child = start(&mut command, program)?;
    let (lines, mut events) = mpsc::unbounded_channel();
    if let Some(output) = child.stdout.take() {
        tokio::spawn(read(output, Event::Output, lines.clone()));
    }
    if let Some(errors) = child.stderr.take() {
        tokio::spawn(read(errors, Event::Error, lines));
    }
    let mut interrupted = false;
    loop {
        tokio::select! {
            event = events.recv() => match event {
                Some(event) => on(event)?,
                None => break,
            },
            () = signals.next() => {
                stop(&mut child, interrupted)?;
                interrupted = true;
                on(Event::Interrupted)?;
            }
        }
    }
    wait(&mut child, &mut signals, interrupted).await
}

/// Runs it with our own terminal, which sends its signals to both.
///
/// # Errors
/// When it cannot be started.
pub(crate) async fn hand_over(
    (program, arguments): (&Path, &[String]),
    environment: &[(&str, String)],
) -> Result<Ended> {
    let mut signals = Signals::listen()?;
    let mut command = Command::new(program);
    command
        .args(arguments)
        .envs(environment.iter().map(|(name, value)| (*name, value)));
    let mut child = start(&mut command, program)?;
    let mut interrupted = false;
    loop {
        tokio::select! {
            ended = child.wait() => return ended_as(ended, interrupted),
            _ = signals.interrupt.recv() => interrupted = true,
            _ = signals.terminate.recv() => {
                interrupt(&child);
                interrupted = true;
            }
            _ = signals.hang_up.recv() => interrupted = true,
        }
    }
}

fn start(command: &mut Command, program: &Path) -> Result<Child> {
    command
        .spawn()
        .context(|| format!("{} cannot be started", program.display()))
}

/// Lines without their ends, whatever bytes they are made of.
async fn read(
    from: impl AsyncRead + Unpin,
    kind: fn(String) -> Event,
    lines: mpsc::UnboundedSender<Event>,
) {
    let mut from = BufReader::new(from);
    let mut line = Vec::new();
    while matches!(from.read_until(b'\n', &mut line).await, Ok(1..)) {
        let text = String::from_utf8_lossy(&line);
        let text = text.trim_end_matches(['\n', '\r']).to_owned();
        if lines.send(kind(text)).is_err() {
            return;
        }
        line.clear();
    }
}

/// # Errors
/// [`Code::Interrupted`] when it has been told before: then it ends at once.
fn stop(child: &mut Child, again: bool) -> Result<()> {
    if again {
        let _ = child.start_kill();
        return Err(Failure::new(
            Code::Interrupted,
            "interrupted twice: Packer was ended at once",
        )
        .hint("its builds may have left machines or files behind"));
    }
    interrupt(child);
    Ok(())
}

fn interrupt(child: &Child) {
    let id = child.id().and_then(|id| i32::try_from(id).ok());
    if let Some(id) = id.and_then(rustix::process::Pid::from_raw) {
        // It may have ended meanwhile.
        let _ = rustix::process::kill_process(id, rustix::process::Signal::INT);
    }
}

async fn wait(child: &mut Child, signals: &mut Signals, mut interrupted: bool) -> Result<Ended> {
    loop {
        tokio::select! {
            ended = child.wait() => return ended_as(ended, interrupted),
            () = signals.next() => {}
        }
        stop(child, interrupted)?;
        interrupted = true;
    }
}

fn ended_as(ended: std::io::Result<std::process::ExitStatus>, interrupted: bool) -> Result<Ended> {
    let status = ended.context(|| "the end of Packer cannot be awaited".to_owned())?;
    let code = status
        .code()
        .and_then(|code| u8::try_from(code).ok())
        .unwrap_or(1);
    Ok(Ended { code, interrupted })
}
