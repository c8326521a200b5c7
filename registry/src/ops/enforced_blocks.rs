//! Creating, changing and deleting enforced blocks and their versions. Links are in `links`.

pub mod links;

use std::{collections::BTreeMap, sync::Arc};

use serde::Serialize;

use super::{
    Access, Tx,
    events::{Place, Resource},
    transact,
};
use crate::{
    domain::{
        enforced_block::{NewVersion, check_description, refuse_linked},
        id,
        label::Labels,
        limit, mask, name,
        role::Action,
    },
    error::{Error, Kind, Result},
    state::State,
    store::{
        enforced_blocks::{self as rows, Block, BlockVersion},
        organizations,
    },
};

/// What a create says.
#[derive(Debug, Clone)]
pub struct Create {
    /// The name.
    pub name: String,
    /// Labels as sent.
    pub labels: BTreeMap<String, String>,
    /// The first version.
    pub version: NewVersion,
}

/// Creates a block with its first version.
///
/// # Errors
/// [`Error::Exists`] when the name is taken, [`Error::Refused`] when there are too many.
pub async fn create(
    state: &State,
    access: Arc<Access>,
    create: Create,
) -> Result<(Block, BlockVersion)> {
    access.check(Action::Administer, None)?;
    name::check("body.name", &create.name)?;
    create.version.check()?;
    let labels = Labels::parse("body.labels", create.labels)?;
    let now = state.clock.now();
    let block = Block {
        id: id::ulid(now),
        project_id: access.project.id.clone(),
        name: create.name,
        labels,
        created_at: now,
        updated_at: now,
    };
    let version = create.version;
    transact(state, access, move |tx| {
        // Names and the number of blocks are the project's.
        organizations::lock_project(tx.conn, &block.project_id)?;
        if rows::name_taken(tx.conn, &block.project_id, &block.name)? {
            return Err(Error::Exists(Kind::EnforcedBlock, block.name.clone()));
        }
        if rows::count(tx.conn, &block.project_id)? >= limit::ENFORCED_BLOCKS {
            let why = format!(
                "a project has at most {} enforced blocks",
                limit::ENFORCED_BLOCKS
            );
            return Err(Error::refused(why));
        }
        rows::insert(tx.conn, &block)?;
        tx.block_event("enforced_block.created", &block, Some(&block))?;
        let version = add_version(tx, &block, &version)?;
        Ok((block.clone(), version))
    })
    .await
}

/// What an update says: the masked fields count, and one that is absent has its zero value.
#[derive(Debug, Clone)]
pub struct Update {
    /// The fields to change.
    pub mask: Option<String>,
    /// The name.
    pub name: String,
    /// All labels.
    pub labels: BTreeMap<String, String>,
}

/// Changes name and labels. Repeating what is there changes nothing and records nothing.
///
/// # Errors
/// [`Error::Exists`] when the name is taken.
pub async fn update(
    state: &State,
    access: Arc<Access>,
    block: String,
    update: Update,
) -> Result<(Block, Option<BlockVersion>)> {
    access.check(Action::Administer, None)?;
    let masked = mask::fields(update.mask.as_deref(), &["name", "labels"])?;
    let name = masked.contains(&"name").then_some(update.name);
    if let Some(name) = &name {
        name::check("body.name", name)?;
    }
    let labels = masked
        .contains(&"labels")
        .then(|| Labels::parse("body.labels", update.labels))
        .transpose()?;
    transact(state, access, move |tx| {
        organizations::lock_project(tx.conn, &tx.access.project.id)?;
        let before = rows::lock(tx.conn, &tx.access.project.id, &block)?;
        let mut block = before.clone();
        if let Some(name) = name.clone().filter(|name| *name != before.name) {
            if rows::name_taken(tx.conn, &block.project_id, &name)? {
                return Err(Error::Exists(Kind::EnforcedBlock, name));
            }
            block.name = name;
        }
        block.labels = labels.clone().unwrap_or(block.labels);
        if block != before {
            block.updated_at = tx.now;
            rows::save(tx.conn, &block)?;
            tx.block_event("enforced_block.updated", &block, Some(&block))?;
        }
        let latest = rows::latest(tx.conn, &block.id)?;
        Ok((block, latest))
    })
    .await
}

/// Deletes a block with its versions.
///
/// # Errors
/// [`Error::Refused`] while buckets are linked to it.
pub async fn delete(state: &State, access: Arc<Access>, block: String) -> Result<()> {
    access.check(Action::Administer, None)?;
    transact(state, access, move |tx| {
        let block = rows::lock(tx.conn, &tx.access.project.id, &block)?;
        let links = rows::links(tx.conn, &block.id)?;
        let linked: Vec<String> = links.into_iter().map(|(_, bucket)| bucket).collect();
        refuse_linked(&format!("enforced block {}", block.name), &linked)?;
        rows::delete(tx.conn, &block.id)?;
        tx.block_event("enforced_block.deleted", &block, None)
    })
    .await
}

/// Adds a version to a block; from then on it is the latest.
///
/// # Errors
/// [`Error::Exists`] when the label is taken, [`Error::Refused`] when there are too many.
pub async fn create_version(
    state: &State,
    access: Arc<Access>,
    block: String,
    new: NewVersion,
) -> Result<BlockVersion> {
    access.check(Action::Administer, None)?;
    new.check()?;
    transact(state, access, move |tx| {
        let block = rows::lock(tx.conn, &tx.access.project.id, &block)?;
        add_version(tx, &block, &new)
    })
    .await
}

/// Inserts a version of a block that is locked, or that nobody else can see yet.
fn add_version(tx: &mut Tx<'_>, block: &Block, new: &NewVersion) -> Result<BlockVersion> {
    let (count, last) = rows::counts(tx.conn, &block.id)?;
    let version = BlockVersion {
        id: id::ulid(tx.now),
        block_id: block.id.clone(),
        sequence: last + 1,
        label: new.label.clone(),
        content: new.content.clone(),
        template_type: new.template_type,
        additional_description: new.additional_description.clone(),
        created_at: tx.now,
        updated_at: tx.now,
    };
    if count >= limit::ENFORCED_BLOCK_VERSIONS {
        let most = limit::ENFORCED_BLOCK_VERSIONS;
        let why = format!("an enforced block has at most {most} versions: delete old ones");
        return Err(Error::refused(why));
    }
    rows::insert_version(tx.conn, &version)?;
    tx.block_version_event("enforced_block_version.created", &version, Some(&version))?;
    Ok(version)
}

/// Changes the description of a version, the only thing of it that can change.
pub async fn update_version(
    state: &State,
    access: Arc<Access>,
    (block, version): (String, String),
    (mask, description): (Option<String>, String),
) -> Result<BlockVersion> {
    access.check(Action::Administer, None)?;
    mask::fields(mask.as_deref(), &["additional_description"])?;
    check_description(&description)?;
    transact(state, access, move |tx| {
        let block = rows::lock(tx.conn, &tx.access.project.id, &block)?;
        let mut version = rows::version(tx.conn, &block.id, &version)?;
        if version.additional_description != description {
            version.additional_description.clone_from(&description);
            version.updated_at = tx.now;
            rows::save_version(tx.conn, &version)?;
            tx.block_version_event("enforced_block_version.updated", &version, Some(&version))?;
        }
        Ok(version)
    })
    .await
}

/// Deletes a version.
///
/// # Errors
/// [`Error::Refused`] while buckets are linked to it.
pub async fn delete_version(
    state: &State,
    access: Arc<Access>,
    (block, version): (String, String),
) -> Result<()> {
    access.check(Action::Administer, None)?;
    transact(state, access, move |tx| {
        let block = rows::lock(tx.conn, &tx.access.project.id, &block)?;
        let version = rows::version(tx.conn, &block.id, &version)?;
        let links = rows::links(tx.conn, &block.id)?.into_iter();
        let linked: Vec<String> = links
            .filter(|(link, _)| link.version_id == version.id)
            .map(|(_, bucket)| bucket)
            .collect();
        let what = format!("version {} of enforced block {}", version.label, block.name);
        refuse_linked(&what, &linked)?;
        rows::delete_version(tx.conn, &version.id)?;
        tx.block_version_event("enforced_block_version.deleted", &version, None)
    })
    .await
}

impl Tx<'_> {
    /// Notes what happened to a block.
    fn block_event(
        &mut self,
        action: &'static str,
        block: &Block,
        after: Option<&Block>,
    ) -> Result<()> {
        let resource = Resource {
            kind: "enforced_block",
            id: &block.id,
            name: &block.name,
        };
        self.record_in_project(action, resource, after)
    }

    /// Notes what happened to a version of a block.
    fn block_version_event(
        &mut self,
        action: &'static str,
        version: &BlockVersion,
        after: Option<&BlockVersion>,
    ) -> Result<()> {
        let resource = Resource {
            kind: "enforced_block_version",
            id: &version.id,
            name: &version.label,
        };
        self.record_in_project(action, resource, after)
    }

    fn record_in_project<T: Serialize>(
        &mut self,
        action: &'static str,
        resource: Resource<'_>,
        after: Option<&T>,
    ) -> Result<()> {
        Place::project(self.access, self.now).record(self.conn, action, resource, after)
    }
}
