//! Rows of enforced blocks, of their versions, and of the links between versions and buckets.

use diesel::{dsl::max, prelude::*};
use serde::Serialize;

use super::{
    Conn,
    error::OrElse,
    on,
    schema::{buckets, enforced_block_links, enforced_block_versions, enforced_blocks},
};
use crate::{
    domain::{label::Labels, time::Time, version::TemplateType},
    error::{Error, Kind, Result},
};

/// An enforced block: a name for provisioners that builds must run.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Serialize)]
#[diesel(table_name = enforced_blocks)]
pub struct Block {
    /// ULID.
    pub id: String,
    /// The project it belongs to.
    pub project_id: String,
    /// Unique in the project.
    pub name: String,
    /// Labels.
    #[diesel(deserialize_as = String)]
    pub labels: Labels,
    /// When it was created.
    #[diesel(deserialize_as = i64)]
    pub created_at: Time,
    /// When its own fields changed last.
    #[diesel(deserialize_as = i64)]
    pub updated_at: Time,
}

/// A version of an enforced block. Its content never changes.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Serialize)]
#[diesel(table_name = enforced_block_versions)]
pub struct BlockVersion {
    /// ULID.
    pub id: String,
    /// The block it belongs to.
    pub block_id: String,
    /// Its place among the versions: the greatest is the latest.
    pub sequence: i64,
    /// Unique in the block.
    pub label: String,
    /// The provisioners, as template text.
    pub content: String,
    /// The language of the content.
    #[diesel(deserialize_as = String)]
    pub template_type: TemplateType,
    /// Free text.
    pub additional_description: String,
    /// When it was created.
    #[diesel(deserialize_as = i64)]
    pub created_at: Time,
    /// When it changed last.
    #[diesel(deserialize_as = i64)]
    pub updated_at: Time,
}

/// Says that builds of a bucket must run a version of a block.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Serialize)]
#[diesel(table_name = enforced_block_links)]
pub struct Link {
    /// ULID.
    pub id: String,
    /// The block.
    pub block_id: String,
    /// Its version.
    pub version_id: String,
    /// The bucket.
    pub bucket_id: String,
    /// When the bucket was linked to this version.
    #[diesel(deserialize_as = i64)]
    pub created_at: Time,
}

fn missing(id: &str) -> Error {
    Error::Missing(Kind::EnforcedBlock, id.to_owned())
}

/// The block with this id, if it is of this project.
pub fn find(conn: &mut Conn, project_id: &str, id: &str) -> Result<Block> {
    let query = enforced_blocks::table
        .find(id)
        .filter(enforced_blocks::project_id.eq(project_id));
    on!(conn, |c| query
        .select(Block::as_select())
        .first(c)
        .optional())
    .or_else_error(|| missing(id))
}

/// [`find`], locked until the transaction ends: every change of a block or below it takes this lock,
/// after those of buckets.
pub fn lock(conn: &mut Conn, project_id: &str, id: &str) -> Result<Block> {
    let of = enforced_blocks::table
        .find(id)
        .filter(enforced_blocks::project_id.eq(project_id));
    let rows: Vec<Block> = on!(conn, |c| diesel::update(of)
        .set(enforced_blocks::updated_at.eq(enforced_blocks::updated_at))
        .returning(Block::as_returning())
        .get_results(c))?;
    rows.into_iter().next().ok_or_else(|| missing(id))
}

/// All blocks of a project, by name.
pub fn list(conn: &mut Conn, project_id: &str) -> Result<Vec<Block>> {
    let query = enforced_blocks::table
        .filter(enforced_blocks::project_id.eq(project_id))
        .order(enforced_blocks::name);
    Ok(on!(conn, |c| query.select(Block::as_select()).load(c))?)
}

/// How many blocks a project has.
pub fn count(conn: &mut Conn, project_id: &str) -> Result<i64> {
    let query = enforced_blocks::table
        .filter(enforced_blocks::project_id.eq(project_id))
        .count();
    Ok(on!(conn, |c| query.get_result(c))?)
}

/// Whether a name is taken in a project.
pub fn name_taken(conn: &mut Conn, project_id: &str, name: &str) -> Result<bool> {
    let query = enforced_blocks::table
        .filter(enforced_blocks::project_id.eq(project_id))
        .filter(enforced_blocks::name.eq(name))
        .select(enforced_blocks::id);
    let found: Option<String> = on!(conn, |c| query.first(c).optional())?;
    Ok(found.is_some())
}

/// Inserts a block.
///
/// # Errors
/// [`Error::Exists`] when the name is taken.
pub fn insert(conn: &mut Conn, new: &Block) -> Result<()> {
    let values = (
        enforced_blocks::id.eq(&new.id),
        enforced_blocks::project_id.eq(&new.project_id),
        enforced_blocks::name.eq(&new.name),
        enforced_blocks::labels.eq(new.labels.to_json()),
        enforced_blocks::created_at.eq(new.created_at.micros()),
        enforced_blocks::updated_at.eq(new.updated_at.micros()),
    );
    let inserted = on!(conn, |c| diesel::insert_into(enforced_blocks::table)
        .values(values)
        .on_conflict_do_nothing()
        .execute(c))?;
    if inserted == 0 {
        return Err(Error::Exists(Kind::EnforcedBlock, new.name.clone()));
    }
    Ok(())
}

/// Writes back what can change; the block must be locked, and for a new name the project as well.
pub fn save(conn: &mut Conn, block: &Block) -> Result<()> {
    let set = (
        enforced_blocks::name.eq(&block.name),
        enforced_blocks::labels.eq(block.labels.to_json()),
        enforced_blocks::updated_at.eq(block.updated_at.micros()),
    );
    on!(conn, |c| diesel::update(
        enforced_blocks::table.find(&block.id)
    )
    .set(set)
    .execute(c))?;
    Ok(())
}

/// Deletes a block and its versions.
pub fn delete(conn: &mut Conn, id: &str) -> Result<()> {
    on!(conn, |c| diesel::delete(enforced_blocks::table.find(id))
        .execute(c))?;
    Ok(())
}

/// The version of a block with this id.
pub fn version(conn: &mut Conn, block_id: &str, id: &str) -> Result<BlockVersion> {
    let query = enforced_block_versions::table
        .find(id)
        .filter(enforced_block_versions::block_id.eq(block_id));
    on!(conn, |c| query
        .select(BlockVersion::as_select())
        .first(c)
        .optional())
    .or_else_error(|| Error::Missing(Kind::EnforcedBlockVersion, id.to_owned()))
}

/// The versions of a block, the newest first.
pub fn versions(conn: &mut Conn, block_id: &str) -> Result<Vec<BlockVersion>> {
    let query = enforced_block_versions::table
        .filter(enforced_block_versions::block_id.eq(block_id))
        .order(enforced_block_versions::sequence.desc());
    Ok(on!(conn, |c| query
        .select(BlockVersion::as_select())
        .load(c))?)
}

/// The newest version of a block; `None` when all were deleted.
pub fn latest(conn: &mut Conn, block_id: &str) -> Result<Option<BlockVersion>> {
    let query = enforced_block_versions::table
        .filter(enforced_block_versions::block_id.eq(block_id))
        .order(enforced_block_versions::sequence.desc());
    Ok(on!(conn, |c| query
        .select(BlockVersion::as_select())
        .first(c)
        .optional())?)
}

/// How many versions a block has, and the greatest sequence among them.
pub fn counts(conn: &mut Conn, block_id: &str) -> Result<(i64, i64)> {
    let of = enforced_block_versions::table.filter(enforced_block_versions::block_id.eq(block_id));
    let count = on!(conn, |c| of.count().get_result(c))?;
    let last: Option<i64> = on!(conn, |c| of
        .select(max(enforced_block_versions::sequence))
        .first(c))?;
    Ok((count, last.unwrap_or(0)))
}

/// Inserts a version; the block must be locked.
///
/// # Errors
/// [`Error::Exists`] when the label is taken.
pub fn insert_version(conn: &mut Conn, new: &BlockVersion) -> Result<()> {
    use enforced_block_versions as columns;
    let values = (
        columns::id.eq(&new.id),
        columns::block_id.eq(&new.block_id),
        columns::sequence.eq(new.sequence),
        columns::label.eq(&new.label),
        columns::content.eq(&new.content),
        columns::template_type.eq(new.template_type.as_str()),
        columns::additional_description.eq(&new.additional_description),
        columns::created_at.eq(new.created_at.micros()),
        columns::updated_at.eq(new.updated_at.micros()),
    );
    let inserted = on!(conn, |c| diesel::insert_into(columns::table)
        .values(values)
        .on_conflict_do_nothing()
        .execute(c))?;
    if inserted == 0 {
        return Err(Error::Exists(Kind::EnforcedBlockVersion, new.label.clone()));
    }
    Ok(())
}

/// Writes back what can change of a version; the block must be locked.
pub fn save_version(conn: &mut Conn, version: &BlockVersion) -> Result<()> {
    let set = (
        enforced_block_versions::additional_description.eq(&version.additional_description),
        enforced_block_versions::updated_at.eq(version.updated_at.micros()),
    );
    on!(conn, |c| diesel::update(
        enforced_block_versions::table.find(&version.id)
    )
    .set(set)
    .execute(c))?;
    Ok(())
}

/// Deletes a version that no bucket is linked to; the block must be locked.
pub fn delete_version(conn: &mut Conn, id: &str) -> Result<()> {
    on!(conn, |c| diesel::delete(
        enforced_block_versions::table.find(id)
    )
    .execute(c))?;
    Ok(())
}

/// All links of a block, each with the name of its bucket, by that name.
pub fn links(conn: &mut Conn, block_id: &str) -> Result<Vec<(Link, String)>> {
    let query = enforced_block_links::table
        .inner_join(buckets::table)
        .filter(enforced_block_links::block_id.eq(block_id))
        .order(buckets::name);
    Ok(on!(conn, |c| query
        .select((Link::as_select(), buckets::name))
        .load(c))?)
}

/// Links a bucket to a version, in place of the one of the same block that it is linked to, if any.
/// Block and bucket must be locked.
pub fn link(conn: &mut Conn, link: &Link) -> Result<()> {
    use enforced_block_links as columns;
    let values = (
        columns::id.eq(&link.id),
        columns::block_id.eq(&link.block_id),
        columns::version_id.eq(&link.version_id),
        columns::bucket_id.eq(&link.bucket_id),
        columns::created_at.eq(link.created_at.micros()),
    );
    let set = (
        columns::version_id.eq(&link.version_id),
        columns::created_at.eq(link.created_at.micros()),
    );
    on!(conn, |c| diesel::insert_into(columns::table)
        .values(values)
        .on_conflict((columns::bucket_id, columns::block_id))
        .do_update()
        .set(set)
        .execute(c))?;
    Ok(())
}

/// Takes a link away; block and bucket must be locked.
pub fn unlink(conn: &mut Conn, id: &str) -> Result<()> {
    on!(conn, |c| diesel::delete(
        enforced_block_links::table.find(id)
    )
    .execute(c))?;
    Ok(())
}

/// What the builds of a bucket must run, by the names of the blocks.
pub fn of_bucket(conn: &mut Conn, bucket_id: &str) -> Result<Vec<(Block, BlockVersion)>> {
    let query = enforced_block_links::table
        .inner_join(enforced_blocks::table)
        .inner_join(enforced_block_versions::table)
        .filter(enforced_block_links::bucket_id.eq(bucket_id))
        .order(enforced_blocks::name);
    Ok(on!(conn, |c| query
        .select((Block::as_select(), BlockVersion::as_select()))
        .load(c))?)
}
