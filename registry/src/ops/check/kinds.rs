//! The kinds of resources whose rows the log of events must give when it is replayed. A new kind of
//! resource is entered here, and nowhere else.

use serde::Serialize;
use serde_json::Value;

use super::super::{
    events::{BuildState, VersionState, WholeVersion},
    principals::State,
};
use crate::{
    error::{Error, Result},
    store::{
        Conn, artifacts, buckets, builds, channels, check as rows, enforced_blocks, freshness,
        policies, revocations, sboms,
    },
};

/// Takes one resource: its id, and what an event would show as `after`.
pub(super) type Each<'a> = &'a mut dyn FnMut(&mut Conn, &str, Value) -> Result<()>;

/// A kind of resource.
pub(super) struct Kind {
    /// As events name it.
    pub(super) name: &'static str,
    /// Fields of `after` that name what it belongs to, the nearest first: when that is gone, so is this,
    /// without an event of its own.
    pub(super) parents: &'static [&'static str],
    /// Fields that no event keeps up to date, and why not. A star stands for every entry of a list.
    pub(super) exempt: &'static [(&'static str, &'static str)],
    /// Hands over all resources of this kind in a bucket or, when that is empty, outside of buckets.
    pub(super) load: fn(&mut Conn, &str, Each<'_>) -> Result<()>,
}

/// All kinds. What the log says of any other is not replayed.
pub(super) const KINDS: &[Kind] = &[
    Kind {
        name: "organization",
        parents: &[],
        exempt: &[],
        load: |conn, bucket, each| {
            let all = outside(conn, bucket, rows::organizations)?;
            all.iter()
                .try_for_each(|row| give(conn, &row.id, row, each))
        },
    },
    Kind {
        name: "project",
        parents: &["organization_id"],
        exempt: &[],
        load: |conn, bucket, each| {
            let all = outside(conn, bucket, rows::projects)?;
            all.iter()
                .try_for_each(|row| give(conn, &row.id, row, each))
        },
    },
    Kind {
        name: "registry",
        parents: &["project_id"],
        exempt: &[],
        load: |conn, bucket, each| {
            let all = outside(conn, bucket, rows::registries)?;
            all.iter()
                .try_for_each(|row| give(conn, &row.id, row, each))
        },
    },
    Kind {
        name: "principal",
        // When it was used last is not part of what events show.
        parents: &["project_id", "organization_id"],
        exempt: &[],
        load: |conn, bucket, each| {
            for row in outside(conn, bucket, rows::principals)? {
                let state = State::of(conn, &row)?;
                give(conn, &row.id, &state, each)?;
            }
            Ok(())
        },
    },
    Kind {
        name: "run_task",
        // The key is a secret.
        parents: &["registry_id"],
        exempt: &[],
        load: |conn, bucket, each| {
            let all = outside(conn, bucket, rows::run_tasks)?;
            all.iter()
                .try_for_each(|row| give(conn, &row.registry_id, row, each))
        },
    },
    Kind {
        name: "enforced_block",
        parents: &["project_id"],
        exempt: &[],
        load: |conn, bucket, each| {
            let all = outside(conn, bucket, rows::blocks)?;
            all.iter()
                .try_for_each(|row| give(conn, &row.id, row, each))
        },
    },
    Kind {
        name: "enforced_block_version",
        parents: &["block_id"],
        exempt: &[],
        load: |conn, bucket, each| {
            for block in outside(conn, bucket, rows::blocks)? {
                for row in enforced_blocks::versions(conn, &block.id)? {
                    give(conn, &row.id, &row, each)?;
                }
            }
            Ok(())
        },
    },
    Kind {
        name: "enforced_block_link",
        parents: &["bucket_id"],
        exempt: &[],
        load: |conn, bucket, each| {
            let all = rows::links(conn, bucket)?;
            all.iter()
                .try_for_each(|row| give(conn, &row.id, row, each))
        },
    },
    Kind {
        name: "policy",
        parents: &["bucket_id"],
        exempt: &[],
        load: |conn, bucket, each| match policies::stored(conn, bucket)? {
            Some(row) => give(conn, &row.bucket_id, &row, each),
            None => Ok(()),
        },
    },
    Kind {
        name: "freshness",
        parents: &["channel_id", "bucket_id", "project_id"],
        exempt: &[],
        load: |conn, bucket, each| {
            let all = match bucket {
                "" => freshness::of_projects(conn)?,
                bucket => freshness::of_buckets(conn, &[bucket.to_owned()])?,
            };
            all.iter()
                .try_for_each(|row| give(conn, &row.resource_id, row, each))
        },
    },
    Kind {
        name: "bucket",
        parents: &["project_id"],
        exempt: &[
            ("revision", "goes up with every change below the bucket"),
            ("changed_at", "the time of the last such change"),
            ("last_number", "follows from the events of versions"),
            ("version_count", "follows from the events of versions"),
        ],
        load: |conn, bucket, each| {
            let found = buckets::by_ids(conn, &[bucket.to_owned()])?;
            found
                .iter()
                .try_for_each(|row| give(conn, &row.id, row, each))
        },
    },
    Kind {
        name: "version",
        parents: &["bucket_id"],
        exempt: &[
            (
                "updated_at",
                "moves with every build, whose event says when",
            ),
            (
                "revocation",
                "the one that the event is about; all are in the list",
            ),
            (
                "spares_descendants",
                "what was asked for, not what is stored",
            ),
            (
                "revocations.*.settled",
                "follows from the clock; what it brings has events of its own",
            ),
        ],
        load: load_versions,
    },
    Kind {
        name: "build",
        // When it was heard of last is not part of what events show.
        parents: &["version_id"],
        exempt: &[],
        load: load_builds,
    },
    Kind {
        name: "sbom",
        parents: &["build_id"],
        exempt: &[("size", "belongs to the document, which is not in the log")],
        load: load_sboms,
    },
    Kind {
        name: "channel",
        parents: &["bucket_id"],
        exempt: &[],
        load: |conn, bucket, each| {
            let all = channels::list(conn, bucket)?;
            all.iter()
                .try_for_each(|row| give(conn, &row.id, row, each))
        },
    },
];

/// The kind of this name.
pub(super) fn find(name: &str) -> Option<&'static Kind> {
    KINDS.iter().find(|kind| kind.name == name)
}

/// All rows of a table that is outside of buckets; none when a bucket is looked at.
fn outside<T>(
    conn: &mut Conn,
    bucket: &str,
    all: impl FnOnce(&mut Conn) -> Result<Vec<T>>,
) -> Result<Vec<T>> {
    if bucket.is_empty() {
        all(conn)
    } else {
        Ok(Vec::new())
    }
}

fn give<T: Serialize>(conn: &mut Conn, id: &str, row: &T, each: Each<'_>) -> Result<()> {
    let value = serde_json::to_value(row).map_err(Error::internal)?;
    each(conn, id, value)
}

fn load_versions(conn: &mut Conn, bucket: &str, each: Each<'_>) -> Result<()> {
    super::versions::pages(conn, bucket, |conn, page| {
        for version in page {
            let all = revocations::all_of(conn, &version.id)?;
            let whole = WholeVersion {
                state: &VersionState::of(version),
                revocations: &all,
            };
            give(conn, &version.id, &whole, each)?;
        }
        Ok(())
    })
}

fn load_builds(conn: &mut Conn, bucket: &str, each: Each<'_>) -> Result<()> {
    super::versions::pages(conn, bucket, |conn, page| {
        let ids: Vec<String> = page.iter().map(|version| version.id.clone()).collect();
        for build in builds::of_versions(conn, &ids)? {
            let artifacts = artifacts::of_build(conn, &build.id)?;
            let state = BuildState {
                build: &build,
                artifacts: &artifacts,
            };
            give(conn, &build.id, &state, each)?;
        }
        Ok(())
    })
}

fn load_sboms(conn: &mut Conn, bucket: &str, each: Each<'_>) -> Result<()> {
    super::versions::pages(conn, bucket, |conn, page| {
        let ids: Vec<String> = page.iter().map(|version| version.id.clone()).collect();
        for build in builds::of_versions(conn, &ids)? {
            for row in sboms::of_build(conn, &build.id)? {
                give(conn, &row.id, &row, each)?;
            }
        }
        Ok(())
    })
}
