//! Which buckets must run a version of an enforced block.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use crate::{
    domain::{id, limit, name, role::Action},
    error::{Error, Result},
    ops::{
        Access, Tx,
        events::{Place, Resource},
        transact,
    },
    state::State,
    store::{
        buckets::{self, Bucket},
        enforced_blocks::{self as rows, BlockVersion, Link},
    },
};

/// Links a version to the buckets of these names and to no others; gives its links, by bucket name. A
/// bucket that was linked to another version of the block moves.
///
/// # Errors
/// [`Error::Invalid`] naming the buckets that do not exist.
pub async fn replace(
    state: &State,
    access: Arc<Access>,
    (block, version): (String, String),
    names: Vec<String>,
) -> Result<Vec<Link>> {
    access.check(Action::Administer, None)?;
    if names.len() > limit::ENFORCED_BLOCK_BUCKETS {
        let problem = format!("must be at most {} names", limit::ENFORCED_BLOCK_BUCKETS);
        return Err(Error::invalid("body.bucket_names", problem));
    }
    for text in &names {
        name::check("body.bucket_names", text)?;
    }
    let names: Vec<String> = BTreeSet::from_iter(names).into_iter().collect();
    transact(state, access, move |tx| {
        let project = &tx.access.project.id;
        rows::find(tx.conn, project, &block)?;
        let found = rows::version(tx.conn, &block, &version)?;
        let wanted = existing(tx, &names)?;
        // Buckets are locked before blocks, so it must be known by then which.
        let change = Change::plan(tx, &found, &wanted)?;
        let locked = tx.lock_all(change.buckets())?;
        rows::lock(tx.conn, project, &block)?;
        let found = rows::version(tx.conn, &block, &version)?;
        let change = Change::plan(tx, &found, &wanted)?;
        if change.buckets().iter().any(|id| !locked.contains_key(id)) {
            return Err(Error::Retry);
        }
        change.apply(tx, &found, &locked)?;
        let links = rows::links(tx.conn, &block)?.into_iter();
        Ok(links
            .map(|(link, _)| link)
            .filter(|link| link.version_id == found.id)
            .collect())
    })
    .await
}

/// The ids of the buckets of these names.
fn existing(tx: &mut Tx<'_>, names: &[String]) -> Result<BTreeSet<String>> {
    let found = buckets::by_names(tx.conn, &tx.access.project.id, names)?;
    let known: BTreeSet<&str> = found.iter().map(|bucket| bucket.name.as_str()).collect();
    let unknown: Vec<&str> = names
        .iter()
        .map(String::as_str)
        .filter(|name| !known.contains(name))
        .take(10)
        .collect();
    if unknown.is_empty() {
        return Ok(found.into_iter().map(|bucket| bucket.id).collect());
    }
    let problem = format!("there are no such buckets: {}", unknown.join(", "));
    Err(Error::invalid("body.bucket_names", problem))
}

/// What has to be done so that a version is linked to the wanted buckets and to no others.
struct Change {
    /// Links to take away.
    gone: Vec<Link>,
    /// Buckets to link, with the link to another version of the block that they have.
    new: BTreeMap<String, Option<Link>>,
}

impl Change {
    fn plan(tx: &mut Tx<'_>, version: &BlockVersion, wanted: &BTreeSet<String>) -> Result<Self> {
        let mut gone = Vec::new();
        let mut new: BTreeMap<String, Option<Link>> =
            wanted.iter().map(|id| (id.clone(), None)).collect();
        for (link, _) in rows::links(tx.conn, &version.block_id)? {
            match (
                link.version_id == version.id,
                wanted.contains(&link.bucket_id),
            ) {
                (true, true) => drop(new.remove(&link.bucket_id)),
                (true, false) => gone.push(link),
                (false, true) => drop(new.insert(link.bucket_id.clone(), Some(link))),
                (false, false) => {}
            }
        }
        Ok(Self { gone, new })
    }

    fn buckets(&self) -> BTreeSet<String> {
        let gone = self.gone.iter().map(|link| &link.bucket_id);
        gone.chain(self.new.keys()).cloned().collect()
    }

    fn apply(
        self,
        tx: &mut Tx<'_>,
        version: &BlockVersion,
        locked: &BTreeMap<String, Bucket>,
    ) -> Result<()> {
        for link in self.gone {
            let bucket = locked.get(&link.bucket_id).ok_or(Error::Retry)?;
            rows::unlink(tx.conn, &link.id)?;
            tx.link_event("enforced_block_link.deleted", bucket, &link, None)?;
        }
        for (bucket_id, old) in self.new {
            let bucket = locked.get(&bucket_id).ok_or(Error::Retry)?;
            let at = bucket.changed_at;
            let action = match &old {
                Some(_) => "enforced_block_link.updated",
                None => "enforced_block_link.created",
            };
            let link = Link {
                id: old.map_or_else(|| id::ulid(at), |old| old.id),
                block_id: version.block_id.clone(),
                version_id: version.id.clone(),
                bucket_id,
                created_at: at,
            };
            rows::link(tx.conn, &link)?;
            tx.link_event(action, bucket, &link, Some(&link))?;
        }
        Ok(())
    }
}

impl Tx<'_> {
    /// Notes what happened to a bucket's link.
    fn link_event(
        &mut self,
        action: &'static str,
        bucket: &Bucket,
        link: &Link,
        after: Option<&Link>,
    ) -> Result<()> {
        let resource = Resource {
            kind: "enforced_block_link",
            id: &link.id,
            name: &bucket.name,
        };
        Place::bucket(self.access, bucket).record(self.conn, action, resource, after)
    }
}
