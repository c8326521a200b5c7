//! What the command line does to a registry without asking a server: it works on the database, also
//! while a server runs. What is answered is what our own face answers, too.

pub mod env;
pub mod organizations;
pub mod people;
pub mod principals;
pub mod projects;

use std::sync::Arc;

use crate::{
    config::{Database, Settings},
    domain::time::{Clock, Time},
    error::{Error, Kind, Result},
    folder::Folder,
    ops::{
        Access,
        first_start::{self, Found},
    },
    store::{
        Conn, Store,
        organizations::{self as rows, Organization, Project},
    },
};

/// Where a command takes place, as it was asked for; empty for "the only one".
#[derive(Debug, Clone, Default)]
pub struct Where {
    /// The organization, by name or id.
    pub organization: String,
    /// The project, by name or id.
    pub project: String,
}

/// A registry that a command works on.
#[expect(missing_debug_implementations, reason = "it holds keys")]
pub struct Registry<'a> {
    settings: &'a Settings,
    pub(crate) folder: Folder,
    pub(crate) store: Store,
    pub(crate) found: Found,
}

impl<'a> Registry<'a> {
    /// Opens the registry of these settings.
    ///
    /// # Errors
    /// [`Error::Refused`] when there is none: a command makes no new one.
    pub async fn open(settings: &'a Settings) -> Result<Self> {
        if let Database::Sqlite(path) = &settings.database
            && !path.exists()
        {
            return Err(Error::refused(format!(
                "there is no registry at {}: give the settings that its server has (such as --data-dir), \
                 or make one with `touchmark-registry serve`",
                path.display()
            )));
        }
        let folder = Folder::of(settings);
        folder.make()?;
        let master = Folder::master_key(settings)?;
        let store = Store::open(&settings.database)?;
        let found = first_start::prepare(&store, &Clock::System, &master).await?;
        if let Some(new) = &found.new {
            folder.write_env(
                folder.address(settings, settings.listen),
                &found,
                &new.admin,
            )?;
        }
        Ok(Self {
            settings,
            folder,
            store,
            found,
        })
    }

    fn now() -> Time {
        Clock::System.now()
    }

    /// The organization that is meant, and all its projects.
    async fn organization(&self, wanted: &str) -> Result<(Organization, Vec<Project>)> {
        let wanted = wanted.to_owned();
        let found = self.store.read(move |conn| {
            let organization = organization(conn, &wanted)?;
            let mut projects = rows::projects(conn, &organization.id)?;
            projects.sort_by(|one, other| one.name.cmp(&other.name));
            Ok((organization, projects))
        });
        found.await
    }

    /// The registry itself in the project that is meant.
    async fn in_project(&self, place: &Where) -> Result<Arc<Access>> {
        let (_, projects) = self.organization(&place.organization).await?;
        let wanted = place.project.as_str();
        let names: Vec<String> = projects
            .iter()
            .map(|project| project.name.clone())
            .collect();
        let found = one(projects.into_iter(), wanted, |project| {
            (&project.id, &project.name)
        });
        let missing = || Error::Missing(Kind::Project, wanted.to_owned());
        let project =
            found.ok_or_else(|| which("project", &names, wanted).unwrap_or_else(missing))?;
        Ok(Arc::new(Access::system(project)))
    }

    /// The registry itself in the organization that is meant, in whichever of its projects.
    async fn in_organization(&self, place: &Where) -> Result<Arc<Access>> {
        let (organization, projects) = self.organization(&place.organization).await?;
        let first = projects.into_iter().next();
        let first = first.ok_or_else(|| Error::Missing(Kind::Project, organization.name))?;
        Ok(Arc::new(Access::system(first)))
    }
}

fn organization(conn: &mut Conn, wanted: &str) -> Result<Organization> {
    let all = rows::all(conn)?;
    let names: Vec<String> = all.iter().map(|row| row.name.clone()).collect();
    let found = one(all.into_iter(), wanted, |row| (&row.id, &row.name));
    let missing = || Error::Missing(Kind::Organization, wanted.to_owned());
    found.ok_or_else(|| which("organization", &names, wanted).unwrap_or_else(missing))
}

/// The one of this id or name, or the only one when none is named.
fn one<T>(
    rows: impl Iterator<Item = T>,
    wanted: &str,
    names: impl Fn(&T) -> (&String, &String),
) -> Option<T> {
    let mut rows: Vec<T> = rows.collect();
    let at = if wanted.is_empty() {
        (rows.len() == 1).then_some(0)
    } else {
        let by_id = rows.iter().position(|row| names(row).0 == wanted);
        by_id.or_else(|| rows.iter().position(|row| names(row).1 == wanted))
    };
    at.map(|at| rows.swap_remove(at))
}

/// The demand to choose, when nothing was chosen.
fn which(what: &'static str, names: &[String], wanted: &str) -> Option<Error> {
    let names = names.join(", ");
    let problem = format!("choose one, since there are several: {names}");
    wanted
        .is_empty()
        .then(|| Error::invalid(format!("--{what}"), problem))
}
