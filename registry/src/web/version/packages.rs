//! `…/versions/{fingerprint}/packages`: what is in a version, as its SBOMs say, and the documents themselves.

use actix_web::{
    HttpResponse,
    web::{Data, Path},
};
use askama::Template;
use serde::Deserialize;

use super::{Head, Tab, VersionPath, banner::Banner, framed, missing, see};
use crate::{
    api::sboms::link,
    domain::{limit, name, sbom::Format, time::Time},
    error::{Error, Kind, Result},
    state::State,
    store::{
        Page as Part, builds,
        inventory::{self, Listed},
        packages::{self as rows, Filter, PackageView, Scope},
        sboms,
    },
    web::{
        bucket::visible,
        form::Query,
        frame::{Frame, Page, see as lead},
        href,
        paging::Pages,
        show::When,
        visitor::Here,
    },
};

/// Characters of an address that are shown.
const LONGEST: usize = 160;
/// Documents that are shown.
const DOCUMENTS: usize = 50;

#[derive(Template)]
#[template(path = "version_packages.html")]
struct Packages {
    frame: Frame,
    head: Head,
    query: String,
    problem: String,
    address: String,
    documents: Vec<Document>,
    /// How many more documents there are.
    more: usize,
    rows: Vec<Row>,
    /// Whether this is not the first page.
    continued: bool,
    pages: Pages,
    first_command: String,
}

impl Page for Packages {
    fn frame(&self) -> &Frame {
        &self.frame
    }
}

/// An SBOM.
struct Document {
    name: String,
    component: String,
    format: &'static str,
    packages: i64,
    uploaded: When,
    href: String,
}

/// A package.
struct Row {
    name: String,
    version: String,
    purl: String,
    /// The SBOMs that name it.
    sources: String,
}

pub(in crate::web) async fn show(
    state: Data<State>,
    here: Here,
    path: Path<VersionPath>,
    query: Query,
) -> Result<HttpResponse> {
    let text = query.text("q").trim().to_owned();
    // What cannot be a name is in none.
    let problem = name::check_text("q", &text, limit::TEXT).err();
    let filter = Filter {
        name_contains: text.clone(),
        ..Filter::default()
    };
    let request = query.page(&rows::LISTING)?;
    let continued = request.cursor().is_some();
    let refused = problem.is_some();
    let read = see(&state, &here, &path, move |conn, _, seen| {
        let id = &seen.view.version.id;
        let documents = inventory::of_version(conn, id)?;
        if documents.is_empty() || refused {
            return Ok((documents, None));
        }
        let scope = Scope::Version(id.clone());
        let found = rows::list(conn, &scope, &filter, &request)?;
        Ok((documents, Some(found)))
    });
    let Some((seen, (documents, found))) = read.await? else {
        return missing(&here, &path.bucket, &path.fingerprint);
    };
    let now = state.clock.now();
    let (frame, head) = framed(&here, &seen, (Tab::Packages, now));
    let version = href::version(
        &here.access.project.name,
        &seen.bucket.name,
        &seen.view.version.fingerprint,
    );
    let (next, previous) = found.as_ref().map_or(("", ""), tokens);
    let first_build = seen.view.builds.first();
    let page = Packages {
        frame,
        head,
        query: text,
        problem: problem.map_or_else(String::new, |problem| problem.to_string()),
        address: format!("{version}/packages"),
        more: documents.len().saturating_sub(DOCUMENTS),
        pages: Pages::new(&here.signed.request, (next, previous)),
        rows: found.map_or_else(Vec::new, |found| found.rows.into_iter().map(row).collect()),
        continued,
        first_command: format!(
            "touchmark sbom upload {}:{} --build {} sbom.json",
            seen.bucket.name,
            seen.view.version.fingerprint,
            first_build.map_or("COMPONENT", |view| view.build.component_type.as_str()),
        ),
        documents: documents
            .into_iter()
            .take(DOCUMENTS)
            .map(|listed| document(listed, &version, now))
            .collect(),
    };
    page.show()
}

fn tokens(page: &Part<PackageView>) -> (&str, &str) {
    (&page.next, &page.previous)
}

fn document(listed: Listed, version: &str, now: Time) -> Document {
    let sbom = listed.sbom;
    Document {
        href: format!(
            "{version}/builds/{}/sboms/{}",
            sbom.build_id,
            href::encoded(&sbom.name)
        ),
        format: match sbom.format {
            Format::CycloneDx => "CycloneDX",
            Format::Spdx => "SPDX",
        },
        uploaded: When::new(sbom.updated_at, now),
        component: listed.component_type,
        packages: listed.packages,
        name: sbom.name,
    }
}

fn row((package, sources): PackageView) -> Row {
    let mut purl = package.purl;
    if let Some((end, _)) = purl.char_indices().nth(LONGEST) {
        purl.truncate(end);
        purl.push('…');
    }
    let mut names: Vec<String> = sources.into_iter().map(|source| source.name).collect();
    names.sort();
    names.dedup();
    names.truncate(5);
    Row {
        name: package.name,
        version: package.version,
        purl,
        sources: names.join(", "),
    }
}

/// The SBOM of a path.
#[derive(Deserialize)]
pub(in crate::web) struct SbomPath {
    bucket: String,
    fingerprint: String,
    build: String,
    sbom: String,
}

/// Leads to the document of an SBOM by a link that is good for a moment.
pub(in crate::web) async fn download(
    state: Data<State>,
    here: Here,
    path: Path<SbomPath>,
) -> Result<HttpResponse> {
    let access = here.access.clone();
    let read = state.store.read(move |conn| {
        let bucket = visible(conn, &access, &path.bucket)?;
        let place = (path.fingerprint.as_str(), path.build.as_str());
        let found = builds::with_version(conn, &bucket.id, place)?;
        let (_, build) = found.ok_or_else(|| Error::Missing(Kind::Build, path.build.clone()))?;
        sboms::get(conn, &build.id, &path.sbom)
    });
    let sbom = read.await?;
    Ok(lead(&link(&state, &sbom.id)).finish())
}
