//! `…/packages`: which packages a build or a bucket has, and where in a project a package is.

use actix_web::web::{Data, Path};
use touchmark_wire::{
    package::{
        FindPackagesResponse, ListBucketPackagesResponse, ListBuildPackagesResponse, Package,
        PackageUse,
    },
    sbom::Sbom,
};

use super::{
    answer::{Answer, Json},
    buckets::BucketPath,
    builds::BuildPath,
    convert::pagination,
    request::Query,
    sboms::{build, format_of},
};
use crate::{
    auth::caller::{Caller, InProject},
    domain::{name, role::Action, version},
    error::{Error, Kind, Result},
    ops::Access,
    state::State,
    store::{
        Conn, Page, PageRequest, buckets, organizations,
        packages::{self as rows, Filter, Found, PackageView, Place, Scope},
        versions,
    },
    telemetry::request_id,
};

/// Names of the parameters: name, beginning of the name, version.
type Names = [(&'static str, &'static str); 3];

const OF_PACKAGES: Names = [
    ("package_name", "query.package_name"),
    ("package_name_starts_with", "query.package_name_starts_with"),
    ("package_version", "query.package_version"),
];
const OWN: Names = [
    ("name", "query.name"),
    ("name_starts_with", "query.name_starts_with"),
    ("package_version", "query.package_version"),
];

fn filter(query: &Query, names: Names) -> Result<Filter> {
    let [name, name_starts_with, version] = names.map(|(parameter, field)| {
        let text = query.get(parameter);
        name::check_word(field, text).map(|()| text.to_owned())
    });
    Ok(Filter {
        name: name?,
        name_starts_with: name_starts_with?,
        version: version?,
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
    let filter = filter(&query, OF_PACKAGES)?;
    let request = query.page(&rows::LISTING)?;
    let (bucket, fingerprint, id) = path.into_inner().parts();
    let page = state.store.read(move |conn| {
        let place = (bucket.as_str(), fingerprint.as_str(), id.as_str());
        let build = build(conn, (&access, Action::Read), place)?;
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
    let filter = filter(&query, OF_PACKAGES)?;
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

/// Where in a project packages are: a row for each package of each SBOM.
pub(super) async fn find(
    state: Data<State>,
    caller: Caller,
    query: Query,
) -> Answer<FindPackagesResponse> {
    let filter = filter(&query, OWN)?;
    let request = query.page(&rows::LISTING)?;
    let wanted = |parameter: &str| query.get(parameter).to_owned();
    let (project, bucket, version) = (wanted("project"), wanted("bucket"), wanted("version"));
    if bucket.is_empty() && !version.is_empty() {
        return Err(Error::invalid("query.version", "needs query.bucket"));
    }
    let request_id = request_id::current();
    let page = state.store.read(move |conn| {
        let access = enter(conn, &caller, (&project, &request_id))?;
        found(conn, &access, (&bucket, &version), (&filter, &request))
    });
    let page = page.await?;
    Ok(Json(FindPackagesResponse {
        pagination: pagination(&page),
        packages: page.rows.into_iter().map(shown_use).collect(),
    }))
}

/// Lets the caller into the project that was named, or else into the only one that they reach.
fn enter(conn: &mut Conn, caller: &Caller, (project, request): (&str, &str)) -> Result<Access> {
    if !project.is_empty() {
        return caller.clone().enter(conn, project, request);
    }
    let all = organizations::projects(conn, &caller.principal.organization_id)?;
    let mut reached = all
        .into_iter()
        .filter(|project| caller.reaches_project(&project.id));
    match (reached.next(), reached.next()) {
        (Some(only), None) => caller.clone().enter(conn, &only.id, request),
        (None, _) => Err(Error::Missing(Kind::Project, "of the caller".into())),
        _ => Err(Error::invalid(
            "query.project",
            "must name one of the caller's projects",
        )),
    }
}

fn found(
    conn: &mut Conn,
    access: &Access,
    (bucket, fingerprint): (&str, &str),
    (filter, request): (&Filter, &PageRequest),
) -> Result<Page<Found>> {
    let mut place = Place {
        project_id: access.project.id.clone(),
        bucket_id: String::new(),
        version_id: String::new(),
    };
    if bucket.is_empty() {
        access.check(Action::Read, None)?;
    } else {
        place.bucket_id = buckets::find(conn, &place.project_id, bucket)?.id;
        access.check(Action::Read, Some(&place.bucket_id))?;
    }
    if !fingerprint.is_empty() {
        place.version_id = versions::existing(conn, &place.bucket_id, fingerprint)?.id;
    }
    rows::find(conn, &place, filter, request)
}

fn shown_use(found: Found) -> PackageUse {
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
