//! The command line of the measurements. `bench/README.md` says what each measures and how to read it.

mod output;
mod seed;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Whatever went wrong: nobody but a person at a terminal acts on it.
type Failure = Box<dyn std::error::Error + Send + Sync>;
type Done<T = ()> = Result<T, Failure>;

/// Fills registries, drives load, and measures beside the limit of the machine.
#[derive(Parser)]
#[command(name = "touchmark-bench", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Fill an empty registry, on whose database no server runs
    Seed(seed::Arguments),
}

fn main() -> ExitCode {
    let done = match Arguments::parse().command {
        Command::Seed(arguments) => arguments.run(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            output::note(&format!("error: {failure}"));
            ExitCode::FAILURE
        }
    }
}
