//! `…/packages`: which packages a build or a bucket has.

use actix_web::web::{Data, Path};
use touchmark_wire::{
    package::{ListBucketPackagesResponse, ListBuildPackagesResponse, Package},
    sbom::Sbom,
};

use super::{
    answer::{Answer, Json},
    buckets::BucketPath,
    builds::BuildPath,
    convert::pagination,
    request::Query,
    sboms::format_of,
};
use crate::{
    auth::caller::InProject,
    domain::{name, role::Action},
    error::Result,
    state::State,
    store::{
        buckets,
        packages::{self as rows, Filter, PackageView, Scope},
    },
};

fn filter(query: &Query) -> Result<Filter> {
    let word = |parameter: &str, field| {
        let text = query.get(parameter);
        name::check_word(field, text).map(|()| text.to_owned())
    };
    Ok(Filter {
        name: word("package_name", "query.package_name")?,
        name_starts_with: word("package_name_starts_with", "query.package_name_starts_with")?,
        version: word("package_version", "query.package_version")?,
        ..Filter::default()
    })
}

fn shown((package, sources): PackageView) -> Package {
    let sboms = sources.into_iter().map(|source| Sbom {
        format: format_of(source.format),
        id: source.id,
        name: source.name,
    });
    Package {
        name: package.name,
        purl: package.purl,
        sboms: sboms.collect(),
        version: package.version,
        ..Package::default()
    }
}

/// The packages of one build.
pub(super) async fn of_build(
    state: Data<State>,
    InProject(access): InProject,
    path: Path<BuildPath>,
    query: Query,
) -> Answer<ListBuildPackagesResponse> {
    let filter = filter(&query)?;
    let request = query.page(&rows::LISTING)?;
    let page = state.store.read(move |conn| {
        let build = path.find(conn, (&access, Action::Read))?;
        rows::list(conn, &Scope::Build(build.id), &filter, &request)
    });
    let page = page.await?;
    Ok(Json(ListBuildPackagesResponse {
        pagination: Some(pagination(&page)),
        packages: page.rows.into_iter().map(shown).collect(),
    }))
}

/// The packages of all builds of a bucket, whichever version they belong to: a channel may hand out an
/// older one, and what is left out of a list looks as if it were nowhere.
pub(super) async fn of_bucket(
    state: Data<State>,
    InProject(access): InProject,
    path: Path<BucketPath>,
    query: Query,
) -> Answer<ListBucketPackagesResponse> {
    let filter = filter(&query)?;
    let request = query.page(&rows::LISTING)?;
    let page = state.store.read(move |conn| {
        let bucket = buckets::find(conn, &access.project.id, &path.bucket)?;
        access.check(Action::Read, Some(&bucket.id))?;
        rows::list(conn, &Scope::Bucket(bucket.id), &filter, &request)
    });
    let page = page.await?;
    Ok(Json(ListBucketPackagesResponse {
        pagination: Some(pagination(&page)),
        packages: page.rows.into_iter().map(shown).collect(),
    }))
}
