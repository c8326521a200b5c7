//! Versions that are revoked together: who descends from them, the locks of all their buckets, and the rows
//! and events of their revocations.

use std::collections::{BTreeMap, BTreeSet};

use super::{News, record, restored, touch};
use crate::{
    domain::{
        limit,
        revocation::{Revocation, Revoke},
    },
    error::{Error, Result},
    ops::{Tx, settlement::settle},
    store::{
        Conn,
        buckets::Bucket,
        revocations::{self as rows, Members},
        versions::{self, Hold, Version},
    },
};

/// Whom the revocation of a version concerns.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Family {
    /// Who inherits.
    pub(super) descendants: Members,
    /// Who inherited the revocation that the version has by now.
    pub(super) heirs: Members,
}

/// The families of versions, by the ids of these.
pub(super) type Walk = BTreeMap<String, Family>;

/// Finds the families of versions. Nothing is locked.
///
/// # Errors
/// [`Error::Refused`] when there are several roots and too many that inherit from them. One version is revoked
/// however many descend from it.
pub(super) fn walk(
    conn: &mut Conn,
    project_id: &str,
    (roots, how): (&[String], &Revoke),
) -> Result<Walk> {
    let descent = if how.spare_descendants {
        rows::Descent::default()
    } else {
        rows::descent(conn, project_id, roots)?
    };
    let mut inherited = rows::from_sources(conn, roots)?;
    let mut found = Walk::new();
    let mut count = 0;
    for root in roots {
        let descendants = descent.below(root);
        count += 1 + descendants.len();
        if roots.len() > 1 && count > limit::REVOCATIONS {
            let why = format!(
                "more than {} revocations would be recorded, of the versions and of all that descends from \
                 each of them: select fewer versions, or skip descendants",
                limit::REVOCATIONS
            );
            return Err(Error::refused(why));
        }
        let mut heirs = inherited.remove(root).unwrap_or_default();
        heirs.remove(root);
        found.insert(root.clone(), Family { descendants, heirs });
    }
    Ok(found)
}

/// The buckets of versions and of their families, locked.
pub(super) struct Locked(BTreeMap<String, Bucket>);

impl Locked {
    /// Locks the buckets of versions and those of their families, in the order of their ids, and makes sure that
    /// no descendant was recorded meanwhile.
    pub(super) fn take(tx: &mut Tx<'_>, roots: &[Version], how: &Revoke) -> Result<(Self, Walk)> {
        let project = tx.access.project.id.clone();
        let root_ids: Vec<String> = roots.iter().map(|root| root.id.clone()).collect();
        let found = walk(tx.conn, &project, (&root_ids, how))?;
        let homes = roots.iter().map(|root| (&root.id, &root.bucket_id));
        let relatives = found
            .values()
            .flat_map(|family| family.descendants.iter().chain(&family.heirs));
        let all: BTreeMap<&String, &String> = homes.chain(relatives).collect();
        let buckets: BTreeSet<String> = all.values().map(|id| (*id).clone()).collect();
        let locked = tx.lock_all(buckets)?;
        let held: Vec<String> = all.keys().map(|id| (*id).clone()).collect();
        versions::hold(tx.conn, &held, Hold::Exclusive)?;
        if walk(tx.conn, &project, (&root_ids, how))? != found {
            return Err(Error::Retry);
        }
        Ok((Self(locked), found))
    }

    /// Revokes the versions for which the locks were taken, and does what is in force at once. Rows come first
    /// and channels last: none moves to a version that is revoked as well.
    pub(super) fn revoke(
        &mut self,
        tx: &mut Tx<'_>,
        (versions, walk): (&[Version], &Walk),
        how: &Revoke,
    ) -> Result<()> {
        let below = |version: &Version| {
            let family = walk.get(&version.id);
            family.map_or(0, |family| family.descendants.len())
        };
        let mut order: Vec<&Version> = versions.iter().collect();
        // Who descends from others comes before them, as when they are revoked one by one: an own revocation
        // is refused where an inherited one is in force.
        order.sort_by_key(|version| below(version));
        for version in order {
            let family = walk.get(&version.id).ok_or(Error::Retry)?;
            self.put(tx, (version, family), how)?;
        }
        self.0
            .values_mut()
            .try_for_each(|bucket| settle(tx, bucket))
    }

    /// Records the revocation of one version and of those that inherit it.
    fn put(
        &self,
        tx: &mut Tx<'_>,
        (version, family): (&Version, &Family),
        how: &Revoke,
    ) -> Result<()> {
        let home = self.0.get(&version.bucket_id).ok_or(Error::Retry)?;
        let own = own_revocation(tx, home, version, how);
        rows::delete_source(tx.conn, &version.id)?;
        let action = if own.in_force(own.created_at) {
            "version.revoked"
        } else {
            "version.revocation_scheduled"
        };
        rows::put(tx.conn, &own)?;
        let news = News {
            action,
            revocation: Some(&own),
            spares_descendants: how.spare_descendants,
        };
        touch(tx, &self.0, &version.id, &news)?;
        // They had inherited the schedule that this takes the place of, and do not inherit this.
        let spared = |id: &&String| !family.descendants.contains_key(*id);
        for id in family.heirs.keys().filter(spared) {
            restored(tx, &self.0, id)?;
        }
        for id in family.descendants.keys() {
            let inherited = Revocation {
                version_id: id.clone(),
                ..own.clone()
            };
            let action = "version.revocation_inherited";
            record(tx, &self.0, id, &inherited, action)?;
        }
        Ok(())
    }
}

fn own_revocation(tx: &Tx<'_>, home: &Bucket, version: &Version, how: &Revoke) -> Revocation {
    Revocation {
        version_id: version.id.clone(),
        source_id: version.id.clone(),
        source_bucket_name: home.name.clone(),
        source_version_name: version.name(),
        source_fingerprint: version.fingerprint.clone(),
        revoke_at: how.at.resolve(tx.now),
        author_id: tx.access.actor.name.clone(),
        message: how.message.clone(),
        keep_channels: how.keep_channels,
        settled: false,
        created_at: home.changed_at,
    }
}
