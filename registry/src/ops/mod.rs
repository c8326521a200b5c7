//! What the registry does. One function is one transaction: it checks the caller's role, locks what it
//! changes, applies the rules of `domain`, and records an event for each resource that changed.
//!
//! Closures given to the store may run again, so nothing here has an effect outside the transaction.

pub mod access;
mod assignments;
pub mod buckets;
pub mod builds;
#[doc(hidden)]
pub mod bulk;
pub mod channels;
pub mod check;
pub mod enforced_blocks;
mod events;
pub mod first_start;
pub mod freshness;
mod inheritance;
pub mod organizations;
pub mod people;
pub mod policies;
pub mod principals;
pub mod projects;
pub mod recovery;
pub mod registries;
pub mod retention;
pub mod revocations;
pub mod run_tasks;
pub mod sboms;
pub mod service_principals;
pub mod settlement;
pub mod sight;
pub mod sign_in;
pub mod stale_builds;
pub mod versions;

pub use access::{Access, Actor};
pub(crate) use events::hex;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use crate::{
    domain::{role::Action, time::Time},
    error::{Error, Result},
    state::State,
    store::{
        Conn,
        buckets::{self as rows, Bucket},
    },
};

/// Runs `work` in one write transaction in which somebody does something. It may be run again.
async fn transact<T: Send + 'static>(
    state: &State,
    access: Arc<Access>,
    mut work: impl FnMut(&mut Tx<'_>) -> Result<T> + Send + 'static,
) -> Result<T> {
    let now = state.clock.now();
    let write = state
        .store
        .write(move |conn| work(&mut Tx::new(conn, &access, now)));
    write.await
}

/// A transaction that somebody does something in.
struct Tx<'a> {
    conn: &'a mut Conn,
    access: &'a Access,
    now: Time,
}

impl<'a> Tx<'a> {
    fn new(conn: &'a mut Conn, access: &'a Access, now: Time) -> Self {
        Self { conn, access, now }
    }

    /// The bucket of this name, locked, if the caller may do `action` to it.
    fn lock(&mut self, bucket: &str, action: Action) -> Result<Bucket> {
        let bucket = rows::lock(self.conn, &self.access.project.id, bucket, self.now)?;
        self.access.check(action, Some(&bucket.id))?;
        Ok(bucket)
    }

    /// The bucket of this name, not locked, if the caller may do `action` to it.
    fn find(&mut self, bucket: &str, action: Action) -> Result<Bucket> {
        let bucket = rows::find(self.conn, &self.access.project.id, bucket)?;
        self.access.check(action, Some(&bucket.id))?;
        Ok(bucket)
    }

    /// Locks buckets in the order of their ids, so that two transactions never wait for each other. One
    /// that is gone by now has changed what the caller saw: from the start again.
    fn lock_all(&mut self, ids: BTreeSet<String>) -> Result<BTreeMap<String, Bucket>> {
        ids.into_iter()
            .map(|id| {
                let bucket = rows::lock_id(self.conn, &id, self.now)?.ok_or(Error::Retry)?;
                Ok((id, bucket))
            })
            .collect()
    }
}
