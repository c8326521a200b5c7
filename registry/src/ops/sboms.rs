//! Uploading software bills of material.

use std::sync::Arc;

use super::{Access, Tx, events::SbomState, transact};
use crate::{
    domain::{
        build::BuildStatus,
        id, limit,
        role::Action,
        sbom::{self, Document, WhenDone},
    },
    error::{Error, Result},
    state::State,
    store::{
        buckets::Bucket,
        builds::{self, Build},
        sboms::{self as rows, Sbom},
        versions,
    },
};

/// Puts a document under a name into a build, a new one when the name is empty. Another document of that
/// name gives way, as long as the build is not done: a build that is resumed uploads again. `done` says what a
/// build takes that is.
///
/// # Errors
/// [`Error::Refused`] when the build is done and takes nothing, or has as many SBOMs as it may;
/// [`Error::Taken`] when it is done and has another document of that name.
pub async fn upload(
    state: &State,
    access: Arc<Access>,
    (bucket, fingerprint, build): (String, String, String),
    (name, document): (String, Document),
    done: WhenDone,
) -> Result<Sbom> {
    if !name.is_empty() {
        sbom::check_name("body.name", &name)?;
    }
    transact(state, access, move |tx| {
        let bucket = tx.lock(&bucket, Action::Record)?;
        let version = versions::existing(tx.conn, &bucket.id, &fingerprint)?;
        let build = builds::find(tx.conn, &version.id, &build)?;
        let known = rows::find(tx.conn, &build.id, &name)?;
        match known {
            Some(known) if known.document_digest == document.digest => Ok(known),
            known => {
                if build.status == BuildStatus::Done {
                    refuse(&build, known.as_ref(), done)?;
                }
                put(tx, &bucket, (&build, known), (&name, &document))
            }
        }
    })
    .await
}

/// Refuses another document, or one under another name, for a build that is done and does not take it.
fn refuse(build: &Build, known: Option<&Sbom>, done: WhenDone) -> Result<()> {
    let id = &build.id;
    match (done, known) {
        (WhenDone::Nothing, _) => {
            let why = format!("build {id} is done and takes no other SBOMs");
            Err(Error::refused(why))
        }
        (WhenDone::NewNames, Some(known)) => Err(Error::Taken(format!(
            "build {id} is done and has another document under the name {}, upload this one under another name",
            known.name
        ))),
        (WhenDone::NewNames, None) => Ok(()),
    }
}

/// Makes the SBOM of this name, or the one that is known by it, name the document.
fn put(
    tx: &mut Tx<'_>,
    bucket: &Bucket,
    (build, known): (&Build, Option<Sbom>),
    (name, document): (&str, &Document),
) -> Result<Sbom> {
    let at = bucket.changed_at;
    rows::keep(tx.conn, document, at)?;
    let sbom = if let Some(known) = known {
        let before = [known.document_digest.clone()];
        let sbom = Sbom {
            format: document.format,
            document_digest: document.digest.clone(),
            updated_at: at,
            ..known
        };
        rows::save(tx.conn, &sbom)?;
        rows::sweep(tx.conn, &before)?;
        sbom
    } else {
        let sbom = new(tx, bucket, build, (name, document))?;
        rows::insert(tx.conn, &sbom)?;
        sbom
    };
    let after = SbomState {
        sbom: &sbom,
        size: document.size,
    };
    tx.sbom_event("sbom.uploaded", bucket, &after)?;
    Ok(sbom)
}

fn new(
    tx: &mut Tx<'_>,
    bucket: &Bucket,
    build: &Build,
    (name, document): (&str, &Document),
) -> Result<Sbom> {
    if rows::count(tx.conn, &build.id)? >= limit::SBOMS {
        let why = format!("a build has at most {} SBOMs", limit::SBOMS);
        return Err(Error::refused(why));
    }
    let at = bucket.changed_at;
    Ok(Sbom {
        id: id::ulid(at),
        build_id: build.id.clone(),
        sequence: bucket.revision,
        name: if name.is_empty() {
            id::ulid(at)
        } else {
            name.to_owned()
        },
        format: document.format,
        document_digest: document.digest.clone(),
        created_at: at,
        updated_at: at,
    })
}
