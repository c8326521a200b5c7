//! How large the rows are that a handshake appends: looked up in the database of the registry that made it, so
//! that the limit server writes as much.

use std::path::Path;

use diesel::{
    Connection as _, QueryableByName, RunQueryDsl as _, SqliteConnection, sql_query,
    sql_types::{BigInt, Text},
};

use crate::{
    Done,
    handshake::{STEPS, Step},
    script::Answer,
};

/// Rows of the newest version of a bucket with the bytes of their texts, and 8 for each number. `what` says
/// which step wrote them.
const QUERY: &str = "
WITH version AS (
    SELECT v.* FROM versions v JOIN buckets b ON b.id = v.bucket_id
    WHERE b.name = ? ORDER BY v.sequence DESC LIMIT 1
)
SELECT 'version.created' AS what,
    length(id) + length(bucket_id) + length(fingerprint) + length(template_type) + length(author_id) + 32 AS size
    FROM version
UNION ALL
SELECT 'build.created', length(id) + length(version_id) + length(component_type) + length(status)
    + length(status_reason) + length(packer_run_uuid) + length(platform) + length(source_external_identifier)
    + length(parent_version_id) + length(parent_channel_id) + length(labels) + coalesce(length(metadata), 0) + 32
    FROM builds WHERE version_id = (SELECT id FROM version)
UNION ALL
SELECT 'build.done', length(a.id) + length(build_id) + length(external_identifier) + length(region) + 16
    FROM artifacts a JOIN builds d ON d.id = a.build_id WHERE d.version_id = (SELECT id FROM version)
UNION ALL
SELECT 'build.done', length(channel_id) + length(author_id) + length(version_id) + length(version_name)
    + length(version_fingerprint) + 16
    FROM channel_history WHERE version_id = (SELECT id FROM version)
UNION ALL
SELECT CASE action WHEN 'version.completed' THEN 'build.done' WHEN 'channel.assigned' THEN 'build.done'
    ELSE action END,
    length(id) + length(organization_id) + length(project_id) + length(bucket_id) + length(actor_kind)
    + length(actor_id) + length(actor_name) + length(request_id) + length(action) + length(resource_kind)
    + length(resource_id) + length(resource_name) + length(payload) + length(digest) + 32
    FROM events WHERE bucket_id = (SELECT bucket_id FROM version)
    AND revision >= (SELECT sequence FROM version)
";

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    what: String,
    #[diesel(sql_type = BigInt)]
    size: i64,
}

/// Notes at each step of the last handshake in a bucket which rows it appended.
pub(super) fn measure(database: &Path, bucket: &str, steps: &mut [Answer]) -> Done {
    let path = database.to_str().ok_or("the path must be UTF-8")?;
    let mut conn = SqliteConnection::establish(path)?;
    let rows: Vec<Row> = sql_query(QUERY).bind::<Text, _>(bucket).load(&mut conn)?;
    for Row { what, size } in rows {
        let step = match what.as_str() {
            "version.created" => Step::CreateVersion,
            "build.created" => Step::CreateBuild,
            "build.started" => Step::Running,
            "build.done" => Step::Done,
            other => return Err(format!("a handshake wrote an event of its own: {other}").into()),
        };
        let answer = STEPS
            .iter()
            .zip(steps.iter_mut())
            .find(|(s, _)| **s == step);
        let (_, answer) = answer.ok_or("a step that was not recorded")?;
        answer.rows.push(usize::try_from(size)?);
    }
    Ok(())
}
