//! A throw-away registry with a made-up company in it: some forty buckets and the six months until now, for
//! whoever wants to look around. `company` and `incidents` are tables, `plan` says when what happened, `fill`
//! does it.

mod artifacts;
mod chance;
mod company;
mod fill;
mod folder;
mod incidents;
mod metadata;
mod packages;
mod people;
mod plan;

use std::{path::Path, time::Duration};

use crate::{
    auth::secret::Secret,
    config::{Settings, Tls},
    domain::time::Clock,
    error::Result,
    folder::Folder,
    ops::first_start,
    server::{self, Greeting},
    store::Store,
};
use fill::Fill;
use folder::ThrowAway;
use people::{People, VISITOR};

/// How long ago the company began.
const AGE: Duration = Duration::from_hours(24 * company::DAYS as u64);

/// What a demo needs as long as it is looked at.
#[derive(Debug)]
pub struct Demo {
    folder: ThrowAway,
    tls: Tls,
    /// Of the person `demo`.
    password: Secret,
}

impl Demo {
    /// Makes the data folder of these settings, which must come from [`Settings::throw_away`], and a registry
    /// in it with all that happened until now. A server of the same settings finds it there. All of it goes
    /// when this is dropped: after the server.
    ///
    /// # Errors
    /// As [`crate::server::Server::bind`].
    pub async fn make(settings: &Settings, clock: &Clock) -> Result<Self> {
        let folder = ThrowAway::make(&settings.data_dir)?;
        let now = clock.now();
        let past = Clock::manual(now.before(AGE));
        let data = Folder::of(settings);
        let master = Folder::master_key(settings)?;
        // What is thrown away need not outlive a loss of power.
        let store = Store::open_for_filling(&settings.database)?;
        let found = first_start::prepare(&store, &past, &master).await?;
        let address = data.address(settings, settings.listen);
        if let Some(new) = &found.new {
            data.write_env(address.clone(), &found, &new.admin)?;
        }
        let project = found.project.clone();
        let state = server::state(settings, (store, past), (found, master), address.url())?;
        let people = People::create(&state, project).await?;
        let people = Fill::new(&state, people).all(plan::steps(now)).await?;
        people.sign_in(&state).await?;
        let password = people.visitor(&state).await?;
        Ok(Self {
            folder,
            password,
            tls: settings.tls.clone(),
        })
    }

    /// The folder that everything is in.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// What to tell who started it.
    pub fn greeting(&self, greeting: &Greeting) -> String {
        let url = &greeting.url;
        let folder = self.folder.path().display();
        let buckets = company::images().count();
        let password = self.password.reveal();
        let trust = match self.tls {
            Tls::Private => {
                "\nA browser asks whether to trust it, since the authority of its certificate was made for this demo.\n"
            }
            Tls::Files { .. } | Tls::Off => "",
        };
        format!(
            "\
This is a demo: a made-up company with {buckets} buckets and six months of versions. Touchmark listens at {url}

Open {url} and sign in as {VISITOR} with the password {password}
{trust}
Or look around in another shell:

    . '{folder}/env'
    touchmark bucket list
    touchmark version list checkout-web
    touchmark resolve payments-api:production --platform aws --region eu-central-1

Everything is in {folder}, and is thrown away when this ends (ctrl-C).

"
        )
    }
}
