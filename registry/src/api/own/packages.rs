//! `packages`: where in a project a package is.

use actix_web::web::Data;
use touchmark_wire::{
    own::{PackageList, PackageUse},
    sbom::Sbom,
};

use super::{
    place,
    query::{Parameters, Sent},
};
use crate::{
    api::{
        answer::{Answer, Json},
        sboms::format_of,
    },
    auth::caller::Caller,
    domain::{role::Action, version},
    error::{Error, Result},
    ops::Access,
    state::State,
    store::{
        Conn, buckets,
        packages::{self as rows, Filter, Found, Place},
        versions,
    },
};

const PARAMETERS: [&str; 8] = [
    "project",
    "bucket",
    "version",
    "name",
    "name_starts_with",
    "package_version",
    "page_size",
    "page_token",
];

/// A row for each package of each SBOM: which versions of which buckets have it.
pub(super) async fn list(state: Data<State>, caller: Caller, query: Sent) -> Answer<PackageList> {
    let query = query.only(&PARAMETERS)?;
    let request = query.page(&rows::LISTING, "name")?;
    let filter = filter(&query);
    let (bucket, version) = (query.text("bucket"), query.text("version"));
    if bucket.is_empty() && !version.is_empty() {
        return Err(Error::invalid("query.version", "needs query.bucket"));
    }
    let access = place::in_project(&state, caller, ("query.project", query.get("project"))).await?;
    let page = state.store.read(move |conn| {
        let place = place(conn, &access, (&bucket, &version))?;
        rows::find(conn, &place, &filter, &request)
    });
    let page = page.await?;
    Ok(Json(PackageList {
        packages: page.rows.into_iter().map(shown).collect(),
        next_page_token: page.next,
    }))
}

fn filter(query: &Parameters) -> Filter {
    Filter {
        name: query.text("name"),
        name_starts_with: query.text("name_starts_with"),
        version: query.text("package_version"),
        ..Filter::default()
    }
}

/// Where to look; the caller must be able to read there.
fn place(conn: &mut Conn, access: &Access, (bucket, fingerprint): (&str, &str)) -> Result<Place> {
    let mut place = Place {
        project_id: access.project.id.clone(),
        bucket_id: String::new(),
        version_id: String::new(),
    };
    if bucket.is_empty() {
        access.check(Action::Read, None)?;
        return Ok(place);
    }
    place.bucket_id = buckets::find(conn, &place.project_id, bucket)?.id;
    access.check(Action::Read, Some(&place.bucket_id))?;
    if !fingerprint.is_empty() {
        place.version_id = versions::existing(conn, &place.bucket_id, fingerprint)?.id;
    }
    Ok(place)
}

fn shown(found: Found) -> PackageUse {
    PackageUse {
        name: found.name,
        version: found.version,
        purl: found.purl,
        bucket_name: found.bucket,
        version_fingerprint: found.fingerprint,
        version_name: version::name(found.number),
        build_id: found.build_id,
        component_type: found.component_type,
        sbom: Sbom {
            format: format_of(found.format),
            id: found.sbom_id,
            name: found.sbom_name,
        },
    }
}
