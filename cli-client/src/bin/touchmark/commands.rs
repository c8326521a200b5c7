//! The commands: one file each, whose `run` turns arguments into a report.

pub(crate) mod artifact;
pub(crate) mod auth;
pub(crate) mod bucket;
pub(crate) mod build;
pub(crate) mod channel;
mod config;
mod doctor;
pub(crate) mod events;
pub(crate) mod push;
pub(crate) mod resolve;
pub(crate) mod sbom;
mod shell;
pub(crate) mod version;
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
    let session = || -> Result<Session> {
        let settings = Settings::load(&flags)?;
        Ok(Session::new(settings, terminal))
    };
    match command {
        Command::Build(arguments) => build::run(session()?, *arguments).await,
        Command::Push(arguments) => push::run(session()?, *arguments).await,
        Command::Resolve(arguments) => resolve::run(&session()?, arguments).await,
        Command::Bucket(command) => bucket::run(&session()?, command).await,
        Command::Version {
            command: Some(command),
        } => version::run(&session()?, command).await,
        Command::Channel(command) => channel::run(&session()?, command).await,
        Command::Artifact(command) => artifact::run(&session()?, command).await,
        Command::Sbom(command) => sbom::run(&session()?, command).await,
        Command::Events(arguments) => events::run(&session()?, arguments, &flags).await,
        Command::Auth(command) => {
            let session = Session::new(command.settings(&flags)?, terminal);
            auth::run(session, command, &flags).await
        }
        Command::Config => config::run(&session()?),
        // These work without settings, even with broken ones.
        Command::Version { command: None } => version_info::run(),
        Command::Doctor => doctor::run(&flags, terminal).await,
        Command::Completion { shell } => shell::completion(shell),
        Command::Man { folder } => shell::man(folder.as_deref()),
    }
}
