//! The commands: one file each, whose `run` turns arguments into a report.

pub(crate) mod auth;
pub(crate) mod bucket;
pub(crate) mod build;
mod config;
pub(crate) mod push;
mod version_info;

use crate::arguments::{Arguments, Command};
use crate::exit::Result;
use crate::output::Report;
use crate::session::Session;
use crate::settings::Settings;
use crate::terminal::Terminal;

/// Runs the command that the arguments name.
pub(crate) async fn run(arguments: Arguments, terminal: Terminal) -> Result<Report> {
    let Arguments { flags, command } = arguments;
    // These work without settings, even with broken ones.
    if matches!(command, Command::Version) {
        return version_info::run();
    }
    let settings = Settings::load(&flags)?;
    let session = Session { settings, terminal };
    match command {
        Command::Build(arguments) => build::run(session, *arguments).await,
        Command::Bucket(command) => bucket::run(&session, command).await,
        Command::Auth(command) => auth::run(session, command, &flags).await,
        Command::Push(arguments) => push::run(session, *arguments).await,
        Command::Config => config::run(&session),
        Command::Version => version_info::run(),
    }
}
