//! `…/builds/{build}/sboms`, and the links through which documents are read.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use actix_web::{
    HttpResponse,
    body::{BodySize, MessageBody},
    http::header,
    web::{self, Bytes, Data, Path},
};
use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use serde::Deserialize;
use touchmark_wire::{
    paths,
    sbom::{
        GetSbomResponse, ListSbomsResponse, Sbom, SbomFormat, UploadSbomBody, UploadSbomResponse,
    },
};

use super::{
    answer::{Answer, Json},
    builds::BuildPath,
    request::{self, Body, Query},
};
use crate::{
    auth::caller::InProject,
    domain::{
        limit,
        role::Action,
        sbom::{Document, Expansion, Format, WhenDone},
    },
    error::{Error, Result},
    ops::{Access, sboms},
    state::State,
    store::sboms as rows,
};

/// For how long a link is good.
const LINK: Duration = Duration::from_mins(5);
/// How much of a document is expanded at a time.
const PART: usize = 64 * 1_024;

/// The SBOM of a path.
#[derive(Deserialize)]
pub(super) struct SbomPath {
    bucket: String,
    fingerprint: String,
    build: String,
    sbom: String,
}

impl SbomPath {
    fn parts(self) -> (BuildPath, String) {
        let build = BuildPath {
            bucket: self.bucket,
            fingerprint: self.fingerprint,
            build: self.build,
        };
        (build, self.sbom)
    }
}

pub(super) fn format_of(format: Format) -> SbomFormat {
    match format {
        Format::CycloneDx => SbomFormat::CycloneDx,
        Format::Spdx => SbomFormat::Spdx,
    }
}

fn sbom_of(row: rows::Sbom) -> Sbom {
    Sbom {
        format: format_of(row.format),
        id: row.id,
        name: row.name,
    }
}

pub(super) async fn upload(
    state: Data<State>,
    InProject(access): InProject,
    path: Path<BuildPath>,
    body: Body,
) -> Answer<UploadSbomResponse> {
    receive(&state, access, (path.into_inner(), body), WhenDone::Nothing).await
}

/// Takes the SBOM in a body for a build; `done` says what one takes that is done.
pub(super) async fn receive(
    state: &State,
    access: Arc<Access>,
    (path, body): (BuildPath, Body),
    done: WhenDone,
) -> Answer<UploadSbomResponse> {
    body.check_type()?;
    let (reader, at) = (access.clone(), path.clone());
    // First of all, since the body is large: who may not upload need not send it.
    let look = state
        .store
        .read(move |conn| at.find(conn, (&reader, Action::Record)));
    look.await?;
    let room = state.uploads.body().await?;
    let bytes = body.bytes(limit::SBOM_BODY).await?;
    let turn = state.uploads.reading().await?;
    // A caller who goes away does not end the work, so it has the permit.
    let work = web::block(move || {
        let read = read(&bytes);
        drop(turn);
        read
    });
    let upload = work.await.map_err(Error::internal)??;
    let sbom = sboms::upload(state, access, path.parts(), upload, done).await?;
    drop(room);
    Ok(Json(UploadSbomResponse {
        sbom: Some(sbom_of(sbom)),
    }))
}

/// The name and the document that a body carries.
fn read(body: &[u8]) -> Result<(String, Document)> {
    let body: UploadSbomBody = request::read(body)?;
    let missing = |field| Error::invalid(field, "must not be empty");
    let format = match body.format {
        Some(SbomFormat::CycloneDx) => Format::CycloneDx,
        Some(SbomFormat::Spdx) => Format::Spdx,
        None => return Err(missing("body.format")),
    };
    if !body.name.is_empty() {
        crate::domain::sbom::check_name("body.name", &body.name)?;
    }
    if body.compressed_sbom.is_empty() {
        return Err(missing("body.compressed_sbom"));
    }
    let compressed = BASE64.decode(&body.compressed_sbom).map_err(|error| {
        Error::invalid("body.compressed_sbom", format!("is no base64: {error}"))
    })?;
    Ok((body.name, Document::read(format, &compressed)?))
}

pub(super) async fn list(
    state: Data<State>,
    InProject(access): InProject,
    path: Path<BuildPath>,
) -> Answer<ListSbomsResponse> {
    let rows = state.store.read(move |conn| {
        let build = path.find(conn, (&access, Action::Read))?;
        rows::of_build(conn, &build.id)
    });
    Ok(Json(ListSbomsResponse {
        sboms: rows.await?.into_iter().map(sbom_of).collect(),
    }))
}

pub(super) async fn get(
    state: Data<State>,
    InProject(access): InProject,
    path: Path<SbomPath>,
) -> Answer<GetSbomResponse> {
    let (build, sbom) = path.into_inner().parts();
    let row = state.store.read(move |conn| {
        let build = build.find(conn, (&access, Action::Read))?;
        rows::get(conn, &build.id, &sbom)
    });
    let link = link(&state, &row.await?.id);
    Ok(Json(GetSbomResponse {
        download_url: format!("{}{link}", state.public_url),
    }))
}

/// The path through which the document of an SBOM is read, with what makes it good for a moment.
pub(crate) fn link(state: &State, id: &str) -> String {
    let path = paths::sbom_document(id);
    let until = state.clock.now().after(LINK).seconds();
    let signature = state.links.sign(&path, until);
    format!("{path}?expires={until}&signature={signature}")
}

/// The document of an SBOM as it was uploaded, for whoever has a link to it.
pub(super) async fn download(
    state: Data<State>,
    path: Path<String>,
    query: Query,
) -> Result<HttpResponse> {
    let id = path.into_inner();
    let until = query.get("expires").parse().unwrap_or_default();
    let link = paths::sbom_document(&id);
    if !state.links.verify(&link, until, query.get("signature")) {
        return Err(Error::Forbidden(
            "permission denied: this is no link of this registry".into(),
        ));
    }
    if state.clock.now().seconds() >= until {
        let why = "permission denied: the link has expired, ask for the SBOM again";
        return Err(Error::Forbidden(why.into()));
    }
    let document = state.store.read(move |conn| rows::document(conn, &id));
    let (name, frame, size) = document.await?;
    let rest = Expansion::new(frame).map_err(Error::internal)?;
    let left = u64::try_from(size).map_err(Error::internal)?;
    // Names are letters, digits and hyphens: nothing in them needs quoting.
    let disposition = format!("attachment; filename=\"{name}.json\"");
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "application/json"))
        .insert_header((header::CONTENT_DISPOSITION, disposition))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .body(Content { rest, left }))
}

/// A document that is expanded while it is sent, so that it is never whole in memory.
struct Content {
    rest: Expansion,
    left: u64,
}

impl MessageBody for Content {
    type Error = std::io::Error;

    fn size(&self) -> BodySize {
        BodySize::Sized(self.left)
    }

    fn poll_next(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<std::io::Result<Bytes>>> {
        let part = self.get_mut().rest.part(PART).transpose();
        Poll::Ready(part.map(|part| part.map(Bytes::from)))
    }
}
