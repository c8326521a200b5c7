//! The command line of the server.

mod cli;

use std::{io::Write as _, process::ExitCode};

use clap::{Args, Parser, Subcommand};
use cli::{
    Done, Failure, env::EnvCommand, load, operate::Operation, organization::OrganizationCommand,
    principal::PrincipalCommand, print, project::ProjectCommand, user::UserCommand,
};
use touchmark_registry::{
    config::{Flags, Settings},
    demo::Demo,
    domain::time::Clock,
    server::{Greeting, Server, Stopper},
    telemetry::log,
};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// A self-hosted registry for machine-image metadata that speaks the HCP Packer protocol.
#[derive(Parser)]
#[command(name = "touchmark-registry", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve clients; on an empty machine, make everything that is needed first
    Serve(Serve),
    /// Print the settings in force and where each comes from, with secrets masked
    Config(Flags),
    /// Manage who may sign in; works on the database, also while a server runs
    #[command(subcommand)]
    Principal(PrincipalCommand),
    /// Manage people, who sign in to the web pages; works on the database, also while a server runs
    #[command(subcommand)]
    User(UserCommand),
    /// Print the variables for a CI job, with a new secret of a principal
    Env(EnvCommand),
    /// Manage organizations, which do not see each other; works on the database, also while a server runs
    #[command(subcommand)]
    Organization(OrganizationCommand),
    /// Manage the projects of an organization; works on the database, also while a server runs
    #[command(subcommand)]
    Project(ProjectCommand),
    #[command(flatten)]
    Operate(Operation),
}

#[derive(Args)]
struct Serve {
    /// Serve a registry with a made-up company in it, to look around; it is thrown away in the end
    #[arg(long)]
    demo: bool,
    #[command(flatten)]
    flags: Flags,
}

impl Serve {
    fn run(&self) -> Done {
        let settings = load(&self.flags)?;
        if self.demo {
            let settings = settings.throw_away();
            let settings = settings.map_err(|error| Failure::told_wrongly(error.to_string()))?;
            return Ok(serve_demo(&settings)?);
        }
        Ok(serve(&settings, &self.flags)?)
    }
}

fn main() -> ExitCode {
    let done = match Arguments::parse().command {
        Command::Serve(command) => command.run(),
        Command::Config(flags) => load(&flags)
            .and_then(|settings| print(&settings.describe()))
            .map_err(Failure::from),
        Command::Principal(command) => command.run(),
        Command::User(command) => command.run(),
        Command::Env(command) => command.run(),
        Command::Organization(command) => command.run(),
        Command::Project(command) => command.run(),
        Command::Operate(operation) => operation.run(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            // Nothing is left to be done when even this cannot be written.
            let _ = writeln!(std::io::stderr(), "error: {failure}");
            ExitCode::from(failure.code)
        }
    }
}

fn serve(settings: &Settings, flags: &Flags) -> Result<(), String> {
    log::init(settings).map_err(|error| error.to_string())?;
    actix_web::rt::System::new().block_on(async {
        let server = Server::bind(settings, Clock::System)
            .await
            .map_err(|error| error.to_string())?;
        // Before the greeting, since a signal may come right after it.
        let signals = Signals::new().map_err(|error| error.to_string())?;
        let text = greeting(&server.greeting, flags);
        until_told_to_stop(server, signals, &text).await
    })
}

fn serve_demo(settings: &Settings) -> Result<(), String> {
    log::init(settings).map_err(|error| error.to_string())?;
    actix_web::rt::System::new().block_on(async {
        // Before anything is made: whoever interrupts that leaves nothing behind.
        let mut signals = Signals::new().map_err(|error| error.to_string())?;
        let demo = tokio::select! {
            made = Demo::make(settings, &Clock::System) => made.map_err(|error| error.to_string())?,
            () = signals.next() => return Ok(()),
        };
        let server = Server::bind(settings, Clock::System)
            .await
            .map_err(|error| error.to_string())?;
        let text = demo.greeting(&server.greeting);
        until_told_to_stop(server, signals, &text).await
    })
}

async fn until_told_to_stop(
    server: Server,
    mut signals: Signals,
    greeting: &str,
) -> Result<(), String> {
    let stopper = server.stopper();
    print(greeting)?;
    actix_web::rt::spawn(async move { stop_on_signal(&mut signals, stopper).await });
    server.run().await.map_err(|error| error.to_string())
}

fn greeting(greeting: &Greeting, flags: &Flags) -> String {
    let url = &greeting.url;
    let clients = match &greeting.env_file {
        Some(path) => {
            let path = path.display();
            let made = if greeting.first {
                "A new registry was made. "
            } else {
                ""
            };
            format!(
                "{made}Touchmark listens at {url}\n\nNext, in the shell where Packer or Terraform run:\n\n    . '{path}'\n\n"
            )
        }
        None => format!(
            "Touchmark listens at {url}\n\nThere is no env file in this data folder. Copy the one of another node, or make a new secret:\n\n    touchmark-registry principal rotate admin{}\n\n",
            same_registry(flags)
        ),
    };
    clients + &for_people(greeting, flags)
}

/// How people come to the web pages, as long as nobody does.
fn for_people(greeting: &Greeting, flags: &Flags) -> String {
    match &greeting.invitation {
        Some(link) => format!(
            "In a browser, choose a name and a password for the web pages (once, within three days):\n\n    {link}\n\n"
        ),
        None if !greeting.has_people => format!(
            "Nobody can sign in to the web pages yet. Make a link for the first person:\n\n    \
             touchmark-registry user create NAME --role admin --scope organization{}\n\n",
            same_registry(flags)
        ),
        None => String::new(),
    }
}

/// The flags that lead another command to the same registry. A database URL is left to its user: it may
/// hold a password.
fn same_registry(flags: &Flags) -> String {
    let config = flags
        .config
        .as_ref()
        .map(|path| format!(" --config '{}'", path.display()));
    let folder = flags
        .data_dir
        .as_ref()
        .map(|path| format!(" --data-dir '{path}'"));
    let database = flags.database.as_ref().map(|_| " --database …".to_owned());
    [config, folder, database].into_iter().flatten().collect()
}

/// Drains on SIGTERM or ctrl-C; a second one ends the process at once.
async fn stop_on_signal(signals: &mut Signals, stopper: Stopper) {
    signals.next().await;
    tracing::info!("stopping: readiness says no, requests in flight are answered");
    tokio::select! {
        () = stopper.drain() => {}
        () = signals.next() => stopper.stop().await,
    }
}

/// The signals that end a server; they are caught from the moment this is made.
#[cfg(unix)]
struct Signals {
    terminate: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn new() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    #[expect(clippy::unnecessary_wraps, reason = "it can fail elsewhere")]
    fn new() -> std::io::Result<Self> {
        Ok(Self)
    }

    async fn next(&mut self) {
        drop(tokio::signal::ctrl_c().await);
    }
}
