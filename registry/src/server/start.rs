//! From settings to an open database, keys and a certificate.

use std::fs::File;

use actix_web::web::Data;

use crate::{
    certificate::Certificate,
    config::Settings,
    domain::time::Clock,
    error::{Error, Result},
    folder::Folder,
    ops::first_start::{self, Found},
    state::{Draining, State, Wake},
    store::Store,
    telemetry::metrics::Metrics,
};

/// A server that is ready to listen.
pub(super) struct Opened {
    pub(super) state: Data<State>,
    pub(super) certificate: Option<Certificate>,
    pub(super) folder: File,
    pub(super) found: Found,
    pub(super) data: Folder,
}

pub(super) async fn open(settings: &Settings, clock: Clock) -> Result<Opened> {
    let folder = Folder::of(settings);
    let lock = folder.lock()?;
    let master = Folder::master_key(settings)?;
    let store = Store::open(&settings.database)?;
    let found = first_start::prepare(&store, &clock, &master).await?;
    let certificate = Certificate::open(settings, &folder, &found.authority, clock.now())?;
    let state = State {
        store,
        clock,
        keys: found.keys.clone(),
        metrics: Metrics::new(env!("CARGO_PKG_VERSION")).map_err(Error::internal)?,
        jobs: Wake::default(),
        trusted_proxies: settings.trusted_proxies.clone(),
        heartbeat_timeout: settings.heartbeat_timeout,
        draining: Draining::default(),
    };
    Ok(Opened {
        state: Data::new(state),
        certificate,
        folder: lock,
        found,
        data: folder,
    })
}
