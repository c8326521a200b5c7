//! From settings to an open database, keys and a certificate.

use std::{
    fs::File,
    net::{SocketAddr, TcpListener},
};

use actix_web::web::Data;

use super::Greeting;
use crate::{
    auth::password::Passwords,
    cache::Cache,
    certificate::Certificate,
    config::Settings,
    domain::time::Clock,
    error::{Error, Result},
    folder::Folder,
    ops::first_start::{self, Found},
    seal::MasterKey,
    state::{Draining, Keeping, State, Uploads, Wake},
    store::Store,
    telemetry::metrics::Metrics,
    web,
};

/// A server that is ready to listen.
pub(super) struct Opened {
    pub(super) state: Data<State>,
    pub(super) certificate: Option<Certificate>,
    pub(super) folder: File,
    pub(super) listener: TcpListener,
    pub(super) address: SocketAddr,
    pub(super) greeting: Greeting,
}

pub(super) async fn open(settings: &Settings, clock: Clock) -> Result<Opened> {
    let folder = Folder::of(settings);
    let lock = folder.lock()?;
    let master = Folder::master_key(settings)?;
    // Before anything is made: whoever is refused a port has lost nothing.
    let (listener, address) = listen(settings.listen)?;
    let store = Store::open(&settings.database)?;
    let found = first_start::prepare(&store, &clock, &master).await?;
    // At once, since nobody but the file will know the admin's secret.
    let greeting = greet(&folder, settings, address, &found)?;
    let certificate = Certificate::open(settings, &folder, &found.authority, clock.now())?;
    let state = state(
        settings,
        (store, clock),
        (found, master),
        greeting.url.clone(),
    )?;
    Ok(Opened {
        state: Data::new(state),
        certificate,
        folder: lock,
        listener,
        address,
        greeting,
    })
}

/// What a server shares with its requests, over a database and what was found in it.
pub(crate) fn state(
    settings: &Settings,
    (store, clock): (Store, Clock),
    (found, master): (Found, MasterKey),
    public_url: String,
) -> Result<State> {
    let archive = Folder::of(settings).file("event-archive");
    let retention = Keeping::new(settings.retention, archive, clock.now());
    let metrics = Metrics::new(env!("CARGO_PKG_VERSION")).map_err(Error::internal)?;
    Ok(State {
        cache: Cache::new(settings.cache_bytes(), &metrics),
        store,
        clock,
        keys: found.keys,
        links: found.links,
        uploads: Uploads::default(),
        sign_ins: std::sync::Mutex::default(),
        passwords: Passwords::default(),
        seal: master,
        public_url,
        strict_transport: settings.strict_transport(),
        metrics,
        jobs: Wake::default(),
        trusted_proxies: settings.trusted_proxies.clone(),
        heartbeat_timeout: settings.heartbeat_timeout,
        retention,
        draining: Draining::default(),
    })
}

fn listen(wanted: SocketAddr) -> Result<(TcpListener, SocketAddr)> {
    let listener = TcpListener::bind(wanted)
        .map_err(|error| Error::refused(format!("cannot listen on {wanted}: {error}")))?;
    let address = listener.local_addr().map_err(Error::internal)?;
    Ok((listener, address))
}

/// Writes the `env` file, or brings its address up to date, and says what comes next.
fn greet(data: &Folder, settings: &Settings, bound: SocketAddr, found: &Found) -> Result<Greeting> {
    let address = data.address(settings, bound);
    let url = address.url();
    let env_file = match &found.new {
        Some(new) => Some(data.write_env(address, found, &new.admin)?),
        None => data.renew_env(&address)?,
    };
    let invitation = found.new.as_ref();
    Ok(Greeting {
        env_file,
        first: found.new.is_some(),
        has_people: found.has_people,
        invitation: invitation.map(|new| web::invitation_link(&url, &new.invitation)),
        url,
    })
}
