//! A server from its settings to its end: opens what it needs, binds, serves, drains.

mod edge;
mod observe;
mod start;

use std::{
    net::{SocketAddr, TcpListener},
    path::PathBuf,
    sync::Arc,
    time::Duration,
};

use actix_web::{
    App, HttpServer,
    dev::ServerHandle,
    web::{self, Data},
};

pub(crate) use start::state;

use crate::{
    api,
    cache::Follower,
    certificate::Certificate,
    config::Settings,
    domain::time::Clock,
    error::{Error, Result},
    jobs,
    state::State,
    web as pages,
};

/// How long the balancers of this world are given to see that readiness says no.
const READINESS_NOTICE: Duration = Duration::from_millis(500);
/// How often it is looked whether everything has been answered.
const LOOK: Duration = Duration::from_millis(20);
/// For workers to let go of what they share.
const LAST_HOLDERS: Duration = Duration::from_secs(2);
/// For the last answers to leave: a request counts as answered when its answer is handed over.
const LAST_BYTES: Duration = Duration::from_millis(200);

/// A server that listens.
#[expect(missing_debug_implementations, reason = "there is nothing to show")]
pub struct Server {
    /// Where it listens, with the port that it got.
    pub address: SocketAddr,
    /// What it shares with its requests; tests look into it and step its jobs.
    pub state: Data<State>,
    /// What to tell who started it.
    pub greeting: Greeting,
    running: actix_web::dev::Server,
    handle: ServerHandle,
    certificate: Option<Certificate>,
    grace: Duration,
    follower: Following,
    /// Held while the server lives: nobody else may use the data folder.
    _folder: std::fs::File,
}

impl Server {
    /// Opens the data folder and the database, makes what is missing, and listens. Nothing is served
    /// until [`Server::run`].
    ///
    /// # Errors
    /// [`Error::Refused`] or [`Error::Unavailable`] with a text that says what to do.
    pub async fn bind(settings: &Settings, clock: Clock) -> Result<Self> {
        let opened = start::open(settings, clock).await?;
        let start::Opened {
            state,
            certificate,
            folder,
            listener,
            address,
            greeting,
        } = opened;
        // What fell due while no server ran comes into force before anybody can ask.
        jobs::run_due(&state).await?;
        let live = certificate
            .as_ref()
            .map(|certificate| certificate.live.clone());
        let running = serve(settings, &state, listener, live)?;
        let follower = tokio::spawn(Follower::default().run(state.store.clone()));
        let handle = running.handle();
        Ok(Self {
            address,
            state,
            greeting,
            running,
            handle,
            certificate,
            grace: settings.shutdown_grace,
            follower: Following(follower),
            _folder: folder,
        })
    }

    /// A handle that ends the server from elsewhere.
    pub fn stopper(&self) -> Stopper {
        Stopper {
            handle: self.handle.clone(),
            state: self.state.clone(),
            grace: self.grace,
        }
    }

    /// Serves until it is stopped.
    pub async fn run(self) -> Result<()> {
        let Self {
            state,
            running,
            certificate,
            follower,
            _folder,
            ..
        } = self;
        let jobs = tokio::spawn(jobs::run(state.clone().into_inner()));
        let clock = state.clock.clone();
        let renewal = certificate.map(|own| tokio::spawn(own.keep_fresh(clock)));
        let ended = running.await;
        jobs.abort();
        renewal.inspect(tokio::task::JoinHandle::abort);
        drop(follower);
        // The last to let go of the state waits for the database threads: that must be this one, for a
        // connection that is closed while the process exits uses a library that is being taken down.
        let state = state.into_inner();
        let begun = std::time::Instant::now();
        while std::sync::Arc::strong_count(&state) > 1 && begun.elapsed() < LAST_HOLDERS {
            tokio::time::sleep(LOOK).await;
        }
        ended.map_err(Error::internal)
    }

    /// Serves requests but runs no jobs: tests step them.
    pub async fn run_without_jobs(self) -> Result<()> {
        self.running.await.map_err(Error::internal)
    }
}

/// The task that follows the event log, until this is dropped.
struct Following(tokio::task::JoinHandle<()>);

impl Drop for Following {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Ends a server.
#[derive(Clone)]
#[expect(missing_debug_implementations, reason = "there is nothing to show")]
pub struct Stopper {
    handle: ServerHandle,
    state: Data<State>,
    grace: Duration,
}

impl Stopper {
    /// Readiness says no at once; a moment later nobody new is let in, and when all that is in flight has
    /// been answered, or the grace is over, the server ends. Clients keep connections open that they may
    /// never use again: these are not waited for.
    pub async fn drain(&self) {
        let draining = &self.state.draining;
        draining.begin();
        tokio::time::sleep(READINESS_NOTICE).await;
        self.handle.pause().await;
        let all_answered = async {
            while !draining.is_done() {
                tokio::time::sleep(LOOK).await;
            }
            tokio::time::sleep(LAST_BYTES).await;
        };
        if tokio::time::timeout(self.grace, all_answered)
            .await
            .is_err()
        {
            tracing::warn!("the grace is over, requests in flight are cut off");
        }
        self.handle.stop(false).await;
    }

    /// Ends it now, without waiting for anything.
    pub async fn stop(&self) {
        self.handle.stop(false).await;
    }
}

/// What to tell who started the server.
#[derive(Debug, Clone)]
pub struct Greeting {
    /// How clients reach it.
    pub url: String,
    /// The file of variables for Packer and Terraform; `None` when it is gone, and with it the secret.
    pub env_file: Option<PathBuf>,
    /// Whether this was the first start on this database.
    pub first: bool,
    /// The link by which the first person chooses a name and a password, after a first start.
    pub invitation: Option<String>,
    /// Whether somebody can sign in to the web pages.
    pub has_people: bool,
}

fn serve(
    settings: &Settings,
    state: &Data<State>,
    listener: TcpListener,
    tls: Option<Arc<crate::tls::LiveCertificate>>,
) -> Result<actix_web::dev::Server> {
    let shows_metrics = settings.metrics_listen.is_none();
    let app_state = state.clone();
    let mut server = HttpServer::new(move || {
        let metrics = app_state.metrics.clone();
        let edge_state = app_state.clone();
        App::new()
            .app_data(app_state.clone())
            .wrap_fn(observe::request)
            // The last is the first to see a request.
            .wrap_fn(move |request, service| edge::request(&edge_state, request, service))
            .configure(|config| {
                api::configure(config, &metrics, shows_metrics);
                pages::configure(config, &metrics);
            })
    })
    .client_request_timeout(Duration::from_secs(15))
    .keep_alive(Duration::from_secs(75))
    .disable_signals();
    if let Some(workers) = settings.workers {
        server = server.workers(workers);
    }
    let bound = match tls {
        Some(certificate) => {
            let config = crate::tls::server_config_of(certificate).map_err(Error::internal)?;
            server.listen_rustls_0_23(listener, config)
        }
        None => server.listen_auto_h2c(listener),
    };
    let server = bound.map_err(Error::internal)?;
    if let Some(address) = settings.metrics_listen {
        serve_metrics(address, state)?;
    }
    Ok(server.run())
}

/// A listener of its own for metrics, in plain HTTP, for networks that are not the callers'.
fn serve_metrics(address: SocketAddr, state: &Data<State>) -> Result<()> {
    let state = state.clone();
    let server = HttpServer::new(move || {
        let metrics = state.metrics.clone();
        App::new()
            .app_data(state.clone())
            .configure(|config| api::configure_metrics(config, &metrics))
            .default_service(web::to(actix_web::HttpResponse::NotFound))
    });
    let server = server
        .workers(1)
        .disable_signals()
        .bind(address)
        .map_err(|error| Error::refused(format!("cannot serve metrics at {address}: {error}")))?;
    tokio::spawn(server.run());
    Ok(())
}
