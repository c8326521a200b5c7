//! The command line of the measurements. `bench/README.md` says what each measures and how to read it.

mod exchange;
mod grow;
mod handshake;
mod home;
mod limit;
mod nodes;
mod output;
mod process;
mod resolve;
mod run;
mod script;
mod seed;
mod summary;
mod target;
mod wrk;

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
    Seed(Box<seed::Arguments>),
    /// Seed, start a registry and the limit server, drive them in turn, print ratios
    Run(run::Arguments),
    /// Ask registries of several sizes the same questions, print how the answers slow down
    Grow(grow::Arguments),
    /// Drive registries of one, two and three nodes with reads, print what one costs a node
    Nodes(nodes::Arguments),
    /// Drive a running registry with whole handshakes of Packer, print what came of it as JSON
    Handshake(handshake::Arguments),
    /// Start `touchmark resolve` and curl in turn, print how long each takes
    Resolve(resolve::Arguments),
    /// Serve as the limit that `run` compares with; `run` starts it by itself
    Limit(limit::Arguments),
}

/// Runs something to its end, all in one thread: the servers need the rest of the machine.
fn block_on<T>(work: impl Future<Output = Done<T>>) -> Done<T> {
    actix_web::rt::System::new().block_on(work)
}

fn main() -> ExitCode {
    // Every HTTP client wants one, even those that never speak TLS. Nobody was here before.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let done = match Arguments::parse().command {
        Command::Seed(arguments) => arguments.run(),
        Command::Run(arguments) => arguments.run(),
        Command::Grow(arguments) => arguments.run(),
        Command::Nodes(arguments) => arguments.run(),
        Command::Handshake(arguments) => arguments.run(),
        Command::Resolve(arguments) => arguments.run(),
        Command::Limit(arguments) => arguments.run(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            output::note(&format!("error: {failure}"));
            ExitCode::FAILURE
        }
    }
}
