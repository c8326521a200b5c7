//! The `touchmark` command: results go to stdout, everything else to stderr, and the exit code says how it went.

mod address;
mod arguments;
mod commands;
mod completion;
mod exit;
mod label;
mod listing;
mod output;
mod packer;
mod record;
mod request;
mod session;
mod settings;
mod terminal;
mod words;

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser;

use arguments::Arguments;
use exit::{Failure, Result};
use terminal::Terminal;

fn main() -> ExitCode {
    if completion::answer() {
        return ExitCode::SUCCESS;
    }
    let arguments = Arguments::parse();
    let terminal = Terminal::new(&arguments.flags);
    match run(arguments, terminal) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            if !failure.message.is_empty() {
                // If stderr is gone too, the exit status is all that is left.
                let _ = io::stderr().write_all(failure.text().as_bytes());
            }
            ExitCode::from(failure.code)
        }
    }
}

fn run(arguments: Arguments, terminal: Terminal) -> Result<()> {
    let flags = arguments.flags.clone();
    // One thread: a command waits more than it works, and starts faster without others.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let runtime = runtime.map_err(|error| Failure::plain(format!("cannot start: {error}")))?;
    let report = runtime.block_on(commands::run(arguments, terminal))?;
    let (text, fine) = report.print(&flags)?;
    match print(&text) {
        // Whoever read our output has seen enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => report.end(),
        Err(error) => Err(Failure::plain(format!(
            "the result cannot be written: {error}"
        ))),
        Ok(()) => report.end().and(fine),
    }
}

fn print(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}
