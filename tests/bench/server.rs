//! A server for one test.

use std::{
    collections::{BTreeMap, HashMap},
    path::{Path, PathBuf},
    sync::Mutex,
    time::Duration,
};

use actix_web::web::Data;
use tempfile::TempDir;
use touchmark_client::Client;
use touchmark_registry::{
    config::{Flags, Settings},
    domain::{
        role::Role,
        time::{Clock, Time},
    },
    jobs,
    ops::{Access, principals},
    server::{Server, Stopper},
    state::State,
    store::{organizations::Project, principals::Scope},
};

use crate::{TestDatabase, people};

/// 2026-01-02T03:04:05Z, when every test begins but those over TLS: certificates end some day.
const START: Time = Time::from_micros(1_767_323_045_000_000);

/// What a test wants to be different.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Flags as on the command line; address, folder, database and plain HTTP are set by the bench.
    pub flags: Flags,
    /// Serve over TLS with the private authority, as production does.
    pub tls: bool,
    /// Variables of the environment.
    pub environment: Vec<(String, String)>,
    /// Reach `PostgreSQL` at this port of the loopback interface: a [`crate::Proxy`].
    pub database_port: Option<u16>,
}

/// A running server that ends when this is dropped. Its jobs run only when [`TestServer::run_jobs`] is
/// called, and its clock stands until [`TestServer::advance`].
pub struct TestServer {
    /// `http://127.0.0.1:<port>`, or with https.
    pub url: String,
    /// What the server shares with its requests.
    pub state: Data<State>,
    /// Its clock.
    pub clock: Clock,
    /// The first project.
    pub project: Project,
    /// The `env` file as pairs.
    pub env: HashMap<String, String>,
    /// The path of the link by which the first person chooses a name, if nobody has yet.
    pub first_link: Option<String>,
    options: Options,
    folder: TempDir,
    database: Option<TestDatabase>,
    database_url: String,
    clients: Mutex<HashMap<&'static str, Client>>,
    stopper: Option<Stopper>,
    running: Option<tokio::task::JoinHandle<()>>,
}

impl TestServer {
    /// A server on a new database.
    pub async fn start() -> Self {
        Self::start_with(Options::default()).await
    }

    /// A server on a new database that is not quite like the others.
    pub async fn start_with(options: Options) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let database = TestDatabase::create();
        let url = database.url_through(folder.path(), options.database_port);
        let start = if options.tls {
            Clock::System.now()
        } else {
            START
        };
        Self::open(options, folder, (Some(database), url), Clock::manual(start)).await
    }

    /// A second node on the same PostgreSQL, with a data folder of its own and the same clock.
    pub async fn second_node(&self) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let key = std::fs::read(self.data_dir().join("master.key")).expect("a master key");
        std::fs::write(folder.path().join("master.key"), key)
            .expect("a folder that can be written");
        private(&folder.path().join("master.key"));
        // What the first start wrote for the first node holds for the second, but for its address.
        let env = std::fs::read(self.data_dir().join("env")).expect("an env file");
        std::fs::write(folder.path().join("env"), env).expect("a folder that can be written");
        let database = (None, self.database_url.clone());
        Self::open(self.options.clone(), folder, database, self.clock.clone()).await
    }

    /// Stops this server and starts it again on the same folder and database.
    pub async fn restart(mut self) -> Self {
        self.stop().await;
        let folder = std::mem::replace(&mut self.folder, tempfile::tempdir().expect("a folder"));
        let database = (self.database.take(), self.database_url.clone());
        Self::open(self.options.clone(), folder, database, self.clock.clone()).await
    }

    async fn open(
        options: Options,
        folder: TempDir,
        (database, database_url): (Option<TestDatabase>, String),
        clock: Clock,
    ) -> Self {
        let mut flags = options.flags.clone();
        flags.listen = Some("127.0.0.1:0".into());
        flags.data_dir = Some(folder.path().display().to_string());
        flags.database = Some(database_url.clone());
        flags.plain_http = !options.tls;
        flags.workers = Some("1".into());
        let (settings, _) = Settings::load(&flags, options.environment.clone()).expect("settings");
        let server = Server::bind(&settings, clock.clone())
            .await
            .expect("a server");
        let scheme = if options.tls { "https" } else { "http" };
        let url = format!("{scheme}://localhost:{}", server.address.port());
        let (state, stopper) = (server.state.clone(), server.stopper());
        let first_link = server.greeting.invitation.as_deref().map(people::path_of);
        let running = tokio::spawn(async move {
            server
                .run_without_jobs()
                .await
                .expect("a server that ends well");
        });
        let env = read_env(&folder.path().join("env"));
        let project_id = env.get("HCP_PROJECT_ID").cloned().unwrap_or_default();
        let project = state
            .store
            .read(move |conn| touchmark_registry::store::organizations::project(conn, &project_id))
            .await
            .expect("a read")
            .expect("the first project");
        Self {
            url,
            state,
            clock,
            project,
            env,
            first_link,
            options,
            folder,
            database,
            database_url,
            clients: Mutex::default(),
            stopper: Some(stopper),
            running: Some(running),
        }
    }

    /// The data folder.
    pub fn data_dir(&self) -> &Path {
        self.folder.path()
    }

    /// The file that the private authority's certificate is in.
    pub fn ca_file(&self) -> PathBuf {
        self.data_dir().join("ca.pem")
    }

    /// Where the database is.
    pub fn database(&self) -> touchmark_registry::config::Database {
        let database = self.database.as_ref().expect("the first node's database");
        database.location(self.data_dir())
    }

    /// Runs SQL on the database, behind the server's back.
    pub fn execute(&self, sql: &str) {
        let database = self.database.as_ref().expect("the first node's database");
        database.execute(self.data_dir(), sql);
    }

    /// A client without a token.
    pub fn anonymous(&self) -> Client {
        self.build(|builder| builder)
    }

    /// A client that may only read.
    pub async fn viewer(&self) -> Client {
        self.caller("viewer", Role::Viewer).await
    }

    /// A client as CI systems have it.
    pub async fn builder(&self) -> Client {
        self.caller("builder", Role::Builder).await
    }

    /// A client that decides.
    pub async fn contributor(&self) -> Client {
        self.caller("contributor", Role::Contributor).await
    }

    /// The admin of the first start, with the credentials of the `env` file.
    pub fn admin(&self) -> Client {
        let value = |name: &str| self.env.get(name).cloned().unwrap_or_default();
        self.build(|builder| {
            builder.credentials(value("HCP_CLIENT_ID"), value("HCP_CLIENT_SECRET"))
        })
    }

    async fn caller(&self, name: &'static str, role: Role) -> Client {
        let known = self.clients.lock().expect("a lock").get(name).cloned();
        if let Some(client) = known {
            return client;
        }
        let scope = Scope::Project(self.project.id.clone());
        let client = self.principal(name, scope, role).await;
        self.clients
            .lock()
            .expect("a lock")
            .insert(name, client.clone());
        client
    }

    /// A client of a new principal with this role on this scope, in the first project.
    pub async fn principal(&self, name: &str, scope: Scope, role: Role) -> Client {
        let (id, secret) = self.credentials(name, scope, role).await;
        self.build(|builder| builder.credentials(id, secret))
    }

    /// The client id and secret of a new principal with this role on this scope, in the first project.
    pub async fn credentials(&self, name: &str, scope: Scope, role: Role) -> (String, String) {
        let create = principals::Create {
            name: name.to_owned(),
            project_id: Some(self.project.id.clone()),
            scope,
            role,
        };
        let access = Access::system(self.project.clone());
        let now = self.clock.now();
        let created = principals::create(&self.state.store, access, create, now)
            .await
            .expect("a new principal");
        let secret = created.secret.reveal().to_owned();
        (created.principal.client_id, secret)
    }

    /// Everything that is stored, as rows of text by table.
    pub fn rows(&self) -> BTreeMap<String, Vec<String>> {
        crate::rows::of(&self.database())
    }

    /// A client of this server, set up further by `set`.
    pub fn build(
        &self,
        set: impl FnOnce(touchmark_client::Builder) -> touchmark_client::Builder,
    ) -> Client {
        let mut builder = Client::builder(&self.url)
            .scope(&self.project.organization_id, &self.project.id)
            .timeout(Duration::from_mins(1));
        if self.options.tls {
            builder = builder.ca_file(self.ca_file());
        }
        set(builder).build().expect("a client")
    }

    /// Moves the clock forward.
    pub fn advance(&self, duration: Duration) {
        self.clock.advance(duration);
    }

    /// Does what is due now; says how many things that were.
    pub async fn run_jobs(&self) -> usize {
        jobs::run_due(&self.state).await.expect("jobs that run")
    }

    /// Ends the server as SIGTERM does, and waits for it.
    pub async fn stop(&mut self) {
        if let Some(stopper) = self.stopper.take() {
            stopper.stop().await;
        }
        if let Some(running) = self.running.take() {
            running.await.expect("a server that ends well");
        }
        self.clients.lock().expect("a lock").clear();
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        if let Some(running) = self.running.take() {
            running.abort();
        }
    }
}

fn read_env(path: &Path) -> HashMap<String, String> {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let pair = |line: &str| {
        let (name, value) = line.strip_prefix("export ")?.split_once('=')?;
        Some((name.to_owned(), value.trim_matches('\'').to_owned()))
    };
    text.lines().filter_map(pair).collect()
}

fn private(path: &Path) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::Permissions::from_mode(0o600);
        std::fs::set_permissions(path, mode).expect("permissions that can be set");
    }
    #[cfg(not(unix))]
    let _ = path;
}
