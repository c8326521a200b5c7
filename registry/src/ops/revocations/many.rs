//! Revoking a selection of versions: all or nothing, after a look at what that does.

use std::sync::Arc;

use super::{
    family::{Locked, walk},
    forecast::Forecast,
    scene::{Plan, Scene, load_versions},
    selection::{Selected, is_revoked, select},
};
use crate::{
    domain::{revocation::Revoke, selection::Selection},
    error::{Error, Result},
    ops::{Access, Tx, transact},
    state::State,
    store::{selection as rows, versions::Version},
};

/// What to revoke, and how.
#[derive(Debug, Clone)]
pub struct Many {
    /// Which versions.
    pub selection: Selection,
    /// How.
    pub how: Revoke,
    /// The digest of the forecast that was agreed to; `None` to take it as it comes.
    pub digest: Option<String>,
}

/// Tells what [`revoke_many`] would do. It only reads, and locks nothing.
///
/// # Errors
/// As those of [`revoke_many`], but that it may find nothing.
pub async fn preview(state: &State, access: Arc<Access>, many: Many) -> Result<Forecast> {
    let now = state.clock.now();
    let read = state.store.read(move |conn| {
        let selected = select(conn, &access, (&many.selection, now))?;
        let roots = (selected.targets.as_slice(), &many.how);
        let walk = walk(conn, &access.project.id, roots)?;
        let plan = Plan {
            targets: &selected.targets,
            walk: &walk,
            how: &many.how,
            now,
        };
        let mut forecast = Scene::load(conn, plan)?.forecast(conn, &access)?;
        forecast.skip(conn, &selected.skipped)?;
        Ok(forecast)
    });
    read.await
}

/// Revokes the versions of a selection, and unless told otherwise all that descends from them; tells what it
/// did. All of it happens in one transaction, or nothing.
///
/// # Errors
/// [`Error::Missing`] for what is named and does not exist, [`Error::Forbidden`] when the caller may not revoke
/// one of the versions, [`Error::Refused`] when one that is named is revoked already, and when there is nothing to
/// revoke or too much; [`Error::Stale`] when it would do something else than what was agreed to.
pub async fn revoke_many(state: &State, access: Arc<Access>, many: Many) -> Result<Forecast> {
    let now = state.clock.now();
    let (reader, selection) = (access.clone(), many.selection.clone());
    // Not while the buckets are locked, since it may look at many versions.
    let selected = state
        .store
        .read(move |conn| select(conn, &reader, (&selection, now)));
    let selected = selected.await?;
    if selected.targets.is_empty() {
        let why = "nothing to revoke: no version is selected that is not revoked already";
        return Err(Error::refused(why));
    }
    let work = move |tx: &mut Tx<'_>| revoke_selected(tx, &many, &selected);
    let forecast = transact(state, access, work).await?;
    state.jobs.wake();
    Ok(forecast)
}

fn revoke_selected(tx: &mut Tx<'_>, many: &Many, selected: &Selected) -> Result<Forecast> {
    let found = targets(tx, selected)?;
    let (mut locked, walk) = Locked::take(tx, &found, &many.how)?;
    // What they were before the lock may have changed until it was taken.
    let found = targets(tx, selected)?;
    refuse_revoked(tx, many, &found)?;
    let plan = Plan {
        targets: &selected.targets,
        walk: &walk,
        how: &many.how,
        now: tx.now,
    };
    let scene = Scene::load(tx.conn, plan)?;
    let mut forecast = scene.forecast(tx.conn, tx.access)?;
    if many
        .digest
        .as_ref()
        .is_some_and(|agreed| *agreed != forecast.digest)
    {
        return Err(stale());
    }
    locked.revoke(tx, (&found, &walk), &many.how)?;
    forecast.restate(&scene.statuses(tx.conn)?)?;
    forecast.skip(tx.conn, &selected.skipped)?;
    Ok(forecast)
}

fn stale() -> Error {
    let what =
        "what is selected, or what it touches, is not what the preview showed: preview it again";
    Error::Stale(what.into())
}

/// The versions that were selected.
fn targets(tx: &mut Tx<'_>, selected: &Selected) -> Result<Vec<Version>> {
    let found = load_versions(tx.conn, &selected.targets)?;
    if found.len() < selected.targets.len() {
        return Err(stale());
    }
    Ok(found.into_values().collect())
}

/// Refuses when somebody else revoked one of the versions since they were selected.
fn refuse_revoked(tx: &mut Tx<'_>, many: &Many, targets: &[Version]) -> Result<()> {
    let ids: Vec<String> = targets.iter().map(|target| target.id.clone()).collect();
    let revoked = rows::revoked(tx.conn, &ids, tx.now)?;
    match targets.iter().find(|target| revoked.contains(&target.id)) {
        None => Ok(()),
        Some(target) if many.selection.versions.is_some() => {
            let place = (target.bucket_id.as_str(), target.fingerprint.as_str());
            Err(is_revoked(tx.conn, place)?)
        }
        Some(_) => Err(stale()),
    }
}
