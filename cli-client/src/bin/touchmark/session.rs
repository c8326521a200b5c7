//! A command's connection to the registry: the client that the settings describe, and the project that they mean.

use tokio::sync::OnceCell;
use touchmark_client::{Client, wire::own::Reach};

use crate::exit::{Code, Failure, Result};
use crate::settings::Settings;
use crate::terminal::Terminal;

/// How often a request is repeated while the registry is away.
const RETRIES: u32 = 3;

/// What a command needs to speak to the registry.
pub(crate) struct Session {
    /// What is in force.
    pub(crate) settings: Settings,
    /// Where messages go.
    pub(crate) terminal: Terminal,
    client: OnceCell<Client>,
    scoped: OnceCell<Client>,
}

impl Session {
    /// With these settings; nothing is asked for yet.
    pub(crate) fn new(settings: Settings, terminal: Terminal) -> Self {
        Self {
            settings,
            terminal,
            client: OnceCell::new(),
            scoped: OnceCell::new(),
        }
    }

    /// The client, for calls that name no project in their path.
    ///
    /// # Errors
    /// When no address or no credentials are known.
    pub(crate) fn client(&self) -> Result<Client> {
        if let Some(client) = self.client.get() {
            return Ok(client.clone());
        }
        let client = self.build()?;
        // Nobody else was faster: all is done by one thread.
        let _ = self.client.set(client.clone());
        Ok(client)
    }

    fn build(&self) -> Result<Client> {
        let settings = &self.settings;
        let url = settings.get("url").ok_or_else(no_address)?;
        let mut builder = settings
            .builder(url)
            .retries(RETRIES)
            .token_file(settings.folders.tokens());
        if let (Some(organization), Some(project)) = self.ids() {
            builder = builder.scope(organization, project);
        }
        let credentials = settings.get("client_id").zip(settings.get("client_secret"));
        builder = match (settings.get("token"), credentials) {
            (Some(token), _) => builder.token(token),
            (None, Some((id, secret))) => builder.credentials(id, secret),
            (None, None) => return Err(no_credentials(url)),
        };
        if self.terminal.debug {
            let terminal = self.terminal;
            builder = builder.trace(move |line| terminal.say(line));
        }
        Ok(builder.build()?)
    }

    /// The client with the project that is meant.
    ///
    /// # Errors
    /// As [`Self::client`], and when the registry does not know the project or the caller has to choose.
    pub(crate) async fn scoped(&self) -> Result<Client> {
        let client = self.scoped.get_or_try_init(|| self.choose()).await?;
        Ok(client.clone())
    }

    async fn choose(&self) -> Result<Client> {
        let client = self.client()?;
        if matches!(self.ids(), (Some(_), Some(_))) {
            return Ok(client);
        }
        let me = client.own().whoami().await?;
        let project = choose(me.projects, self.settings.get("project"))?;
        Ok(client.with_scope(me.organization.id, project.id))
    }

    /// What `/api/v1` is to be asked for as `project`: empty for the only one.
    pub(crate) fn project(&self) -> &str {
        self.settings.get("project").unwrap_or_default()
    }

    /// Organization and project, as far as they are known by id.
    fn ids(&self) -> (Option<&str>, Option<&str>) {
        let is_id = |text: &&str| uuid::Uuid::try_parse(text).is_ok();
        let organization = self.settings.get("organization_id").filter(is_id);
        (organization, self.settings.get("project").filter(is_id))
    }
}

fn choose(projects: Vec<Reach>, wanted: Option<&str>) -> Result<Reach> {
    let names = |projects: &[Reach]| {
        let names: Vec<&str> = projects
            .iter()
            .map(|project| project.name.as_str())
            .collect();
        names.join(", ")
    };
    if let Some(wanted) = wanted {
        let all = names(&projects);
        let found = projects.into_iter();
        let found = found.filter(|project| project.id == wanted || project.name == wanted);
        return found
            .max_by_key(|project| project.id == wanted)
            .ok_or_else(|| {
                let problem =
                    format!("project {wanted} does not exist or is out of reach; there is {all}");
                Failure::new(Code::NotFound, problem)
            });
    }
    let several = names(&projects);
    let mut projects = projects.into_iter();
    match (projects.next(), projects.next()) {
        (Some(only), None) => Ok(only),
        (None, _) => Err(
            Failure::new(Code::Auth, "there is no project that you have a role in")
                .hint("an admin of the registry can grant one: touchmark-registry principal grant"),
        ),
        (Some(_), Some(_)) => Err(Failure::usage(format!(
            "several projects can be meant: {several}"
        ))
        .hint("name one with --project")),
    }
}

/// That no setting says where the registry is.
pub(crate) fn no_address() -> Failure {
    Failure::usage("it is not known where the registry is")
        .hint("touchmark auth login --url https://registry.example.com:8443")
        .hint("or, on the host of a registry: . ~/.local/share/touchmark/env")
}

fn no_credentials(url: &str) -> Failure {
    Failure::new(Code::Auth, format!("there are no credentials for {url}"))
        .hint(format!("touchmark auth login --url {url}"))
        .hint("or set TOUCHMARK_CLIENT_ID and TOUCHMARK_CLIENT_SECRET")
}
