//! `touchmark auth`: credentials of profiles, who we are, and the token for other programs.

use std::io::Read as _;

use clap::Subcommand;
use serde_json::json;
use touchmark_client::wire::own::WhoAmI;

use crate::exit::{Code, Context, Failure, Result};
use crate::output::{Report, Table};
use crate::session::Session;
use crate::settings::{Credentials, Files, Flags, Profile, Settings};

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Check credentials and keep them in a profile
    #[command(after_help = "\
The client id and the secret are asked for at a terminal; elsewhere they are two lines of standard input. They are \
what `touchmark-registry principal create` printed.

Examples:
  $ printf '%s\\n' \"$TOUCHMARK_CLIENT_ID\" \"$TOUCHMARK_CLIENT_SECRET\" | touchmark auth login --url \"$TOUCHMARK_URL\"")]
    Login,
    /// Forget the credentials of the profile, and all tokens
    #[command(after_help = "\
Examples:
  $ touchmark auth logout")]
    Logout,
    /// Show who you are and what you may do
    #[command(after_help = "\
Examples:
  $ touchmark auth status")]
    Status,
    /// Print a token, for other programs
    #[command(after_help = "\
Examples:
  $ curl --cacert \"$TOUCHMARK_CA_FILE\" -H \"Authorization: Bearer $(touchmark auth print-access-token)\" \"$TOUCHMARK_URL/api/v1/whoami\"")]
    PrintAccessToken,
}

impl Command {
    /// What it works with: a login makes the profile that it names.
    pub(crate) fn settings(&self, flags: &Flags) -> Result<Settings> {
        match self {
            Self::Login => Settings::for_login(flags),
            Self::Logout | Self::Status | Self::PrintAccessToken => Settings::load(flags),
        }
    }
}

/// Runs one of them.
pub(crate) async fn run(session: Session, command: Command, flags: &Flags) -> Result<Report> {
    match command {
        Command::Login => login(&session, flags).await,
        Command::Logout => logout(&session),
        Command::Status => status(&session).await,
        Command::PrintAccessToken => print_access_token(&session).await,
    }
}

async fn login(session: &Session, flags: &Flags) -> Result<Report> {
    let settings = &session.settings;
    let url = settings.get("url").ok_or_else(|| {
        Failure::usage("the address of the registry is missing")
            .hint("touchmark auth login --url URL")
    })?;
    let credentials = credentials(session)?;
    let ca_file = settings.get("ca_file").map(absolute).transpose()?;
    let client = settings
        .builder(url)
        .credentials(&credentials.client_id, &credentials.client_secret)
        .build()?;
    let me = client.own().whoami().await?;
    let profile = Profile {
        url: url.to_owned(),
        auth_url: settings.get("auth_url").map(str::to_owned),
        organization_id: Some(me.organization.id.clone()),
        project: flags.project.clone().or_else(|| only_project(&me)),
        ca_file,
    };
    let mut files = Files::read(&settings.folders)?;
    files.keep(&settings.folders, &settings.profile, (profile, credentials))?;
    let text = format!(
        "Signed in to {url} as {}; kept in profile {}.",
        me.principal.name, settings.profile
    );
    let value = json!({ "url": url, "profile": settings.profile, "principal": me.principal.name });
    Report::new(&value, text)
}

fn credentials(session: &Session) -> Result<Credentials> {
    let (client_id, client_secret) = if session.terminal.asks() {
        let id = session.terminal.ask("Client id: ")?;
        (id, session.terminal.ask_secret("Client secret: ")?)
    } else {
        let mut text = String::new();
        std::io::stdin()
            .read_to_string(&mut text)
            .context(|| "the credentials cannot be read".to_owned())?;
        let mut lines = text.lines().map(|line| line.trim().to_owned());
        (
            lines.next().unwrap_or_default(),
            lines.next().unwrap_or_default(),
        )
    };
    if client_id.is_empty() || client_secret.is_empty() {
        let problem = "the client id and the secret are two lines of standard input";
        return Err(Failure::usage(problem)
            .hint("an admin makes them: touchmark-registry principal create NAME"));
    }
    Ok(Credentials {
        client_id,
        client_secret,
    })
}

fn absolute(path: &str) -> Result<String> {
    let path = std::path::absolute(path).context(|| path.to_owned())?;
    Ok(path.to_string_lossy().into_owned())
}

fn only_project(me: &WhoAmI) -> Option<String> {
    match me.projects.as_slice() {
        [only] => Some(only.id.clone()),
        _ => None,
    }
}

fn logout(session: &Session) -> Result<Report> {
    let settings = &session.settings;
    let mut files = Files::read(&settings.folders)?;
    let had = files.forget(&settings.folders, &settings.profile)?;
    let tokens = settings.folders.tokens();
    match std::fs::remove_file(&tokens) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            return Err(Failure::plain(format!(
                "{} cannot be deleted: {error}",
                tokens.display()
            )));
        }
        _ => {}
    }
    let text = if had {
        format!("Signed out of profile {}.", settings.profile)
    } else {
        format!("Profile {} held no credentials.", settings.profile)
    };
    Report::new(
        &json!({ "profile": settings.profile, "signed_out": had }),
        text,
    )
}

async fn status(session: &Session) -> Result<Report> {
    let client = session.client()?;
    let me = client.own().whoami().await?;
    let url = session.settings.get("url").unwrap_or_default();
    let mut table = Table::new(["project", "role", "id"]);
    for project in &me.projects {
        let role = project.role.map(|role| role.to_string());
        let role = role.unwrap_or_else(|| "single buckets".to_owned());
        table.row([project.name.clone(), role, project.id.clone()]);
    }
    let text = format!(
        "{} at {url}, organization {}\n\n{}",
        me.principal.name,
        me.organization.name,
        table.text("There is no project that you have a role in.")
    );
    Report::new(&me, text)
}

async fn print_access_token(session: &Session) -> Result<Report> {
    let token = session.client()?.access_token().await?;
    let token = token.ok_or_else(|| Failure::new(Code::Auth, "there are no credentials"))?;
    Report::new(&json!({ "access_token": token }), token)
}
