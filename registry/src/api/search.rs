//! `_search/external_artifact`: which build made the image with this id.

use std::collections::HashMap;

use actix_web::web::Data;
use touchmark_wire::search::{
    ExternalArtifact, ExternalArtifactBucket, ExternalArtifactVersion,
    SearchExternalArtifactRequestBody, SearchExternalArtifactResponse,
};

use super::{
    answer::{Answer, Json},
    convert::{Metadata, build_of, pagination, revocation_type, version_status},
    request::{Body, Query},
};
use crate::{
    auth::caller::InProject,
    domain::{name, role::Action, time::Time},
    error::{Error, Result},
    state::State,
    store::{
        Conn, Page, PageRequest,
        artifacts::{self, Found, LISTING, Search},
        buckets::{self, Bucket},
        versions,
        views::{self, VersionView},
    },
};

pub(super) async fn external_artifact(
    state: Data<State>,
    InProject(access): InProject,
    query: Query,
    body: Body,
) -> Answer<SearchExternalArtifactResponse> {
    access.check(Action::Read, None)?;
    let body: SearchExternalArtifactRequestBody = body.json().await?;
    if body.external_identifier.is_empty() {
        return Err(Error::invalid(
            "body.external_identifier",
            "must not be empty",
        ));
    }
    name::check_word("body.external_identifier", &body.external_identifier)?;
    name::check_word("body.platform", &body.platform)?;
    name::check_word("body.region", &body.region)?;
    let request = query.page(&LISTING)?;
    let search = Search {
        external_identifier: body.external_identifier,
        platform: body.platform,
        region: body.region,
    };
    let project = access.project.id.clone();
    let page = state
        .store
        .read(move |conn| find(conn, &project, (&search, &request)))
        .await?;
    let now = state.clock.now();
    let pagination = pagination(&page);
    let artifacts = page.rows.into_iter().map(|hit| show(hit, now)).collect();
    Ok(Json(SearchExternalArtifactResponse {
        artifacts,
        pagination: Some(pagination),
    }))
}

/// An artifact that was found, with its build, version and bucket.
struct Hit {
    found: Found,
    version: VersionView,
    bucket: Bucket,
}

fn find(
    conn: &mut Conn,
    project_id: &str,
    (search, request): (&Search, &PageRequest),
) -> Result<Page<Hit>> {
    let page = artifacts::search(conn, project_id, search, request)?;
    let ids: std::collections::BTreeSet<String> = page
        .rows
        .iter()
        .map(|found| found.version_id.clone())
        .collect();
    let rows = versions::in_project(conn, project_id, &ids.into_iter().collect::<Vec<_>>())?;
    let versions: HashMap<String, VersionView> = views::versions(conn, project_id, rows)?
        .into_iter()
        .map(|view| (view.version.id.clone(), view))
        .collect();
    let ids: std::collections::BTreeSet<String> = page
        .rows
        .iter()
        .map(|found| found.bucket_id.clone())
        .collect();
    let buckets = buckets::by_ids(conn, &ids.into_iter().collect::<Vec<_>>())?;
    let hits = page.rows.into_iter().filter_map(|found| {
        let version = versions.get(&found.version_id)?.clone();
        let bucket = buckets
            .iter()
            .find(|bucket| bucket.id == found.bucket_id)?
            .clone();
        Some(Hit {
            found,
            version,
            bucket,
        })
    });
    Ok(Page {
        rows: hits.collect(),
        next: page.next,
        previous: page.previous,
    })
}

/// The build is shown with the artifact that was looked for and no other.
fn show(hit: Hit, now: Time) -> ExternalArtifact {
    let status = version_status(hit.version.status(now));
    let VersionView {
        version,
        builds,
        revocation,
        ..
    } = hit.version;
    let build = builds
        .into_iter()
        .find(|view| view.build.id == hit.found.build_id)
        .map(|mut view| {
            view.artifacts
                .retain(|artifact| artifact.id == hit.found.id);
            build_of(view, Metadata::LeftOut)
        });
    ExternalArtifact {
        bucket: Some(ExternalArtifactBucket {
            id: hit.bucket.id,
            labels: hit.bucket.labels.pairs().clone(),
            name: hit.bucket.name,
        }),
        build,
        version: Some(ExternalArtifactVersion {
            author_id: version.author_id.clone(),
            name: version.name(),
            revocation_author: revocation
                .as_ref()
                .map(|r| r.author_id.clone())
                .unwrap_or_default(),
            revocation_message: revocation
                .as_ref()
                .map(|r| r.message.clone())
                .unwrap_or_default(),
            revocation_type: revocation_type(revocation.as_ref()),
            revoke_at: revocation.map(|revocation| revocation.revoke_at.into()),
            status,
            fingerprint: version.fingerprint,
            id: version.id,
        }),
    }
}
