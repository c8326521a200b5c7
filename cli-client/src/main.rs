//! The `touchmark` command. Results go to stdout, everything else to stderr.

use std::io::{self, Write};
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use serde_json::json;

/// The command's name, as it prints it.
const NAME: &str = "touchmark";
/// The command's version.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Records builds in a Touchmark registry.
#[derive(Parser)]
#[command(name = NAME)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Print the version.
    Version {
        /// Print a JSON object.
        #[arg(long)]
        json: bool,
    },
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(&arguments.command, &mut io::stdout().lock()) {
        Ok(()) => ExitCode::SUCCESS,
        // Whoever read our output has seen enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            // If stderr is gone too, the exit status is all that is left.
            let _ = writeln!(
                io::stderr(),
                "{NAME}: the result cannot be written: {error}"
            );
            ExitCode::FAILURE
        }
    }
}

fn run(command: &Command, out: &mut impl Write) -> io::Result<()> {
    match command {
        Command::Version { json: false } => writeln!(out, "{NAME} {VERSION}")?,
        Command::Version { json: true } => {
            writeln!(out, "{}", json!({ "name": NAME, "version": VERSION }))?;
        }
    }
    out.flush()
}

#[cfg(test)]
mod tests {
    use super::{Command, run};

    fn output(command: &Command) -> std::io::Result<Vec<u8>> {
        let mut out = Vec::new();
        run(command, &mut out)?;
        Ok(out)
    }

    #[test]
    fn version_is_printed() -> std::io::Result<()> {
        assert_eq!(
            output(&Command::Version { json: false })?,
            b"touchmark 0.1.0\n"
        );
        assert_eq!(
            output(&Command::Version { json: true })?,
            b"{\"name\":\"touchmark\",\"version\":\"0.1.0\"}\n"
        );
        Ok(())
    }
}
