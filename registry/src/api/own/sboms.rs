//! `…/builds/{build}/sboms`: SBOMs for builds, also for those that are done.

use actix_web::web::{Data, Path};
use touchmark_wire::sbom::UploadSbomResponse;

use super::{place::InProject, query::Sent};
use crate::{
    api::{answer::Answer, builds::BuildPath, request::Body, sboms},
    domain::sbom::WhenDone,
    state::State,
};

pub(super) async fn put(
    state: Data<State>,
    InProject(access): InProject,
    path: Path<BuildPath>,
    query: Sent,
    body: Body,
) -> Answer<UploadSbomResponse> {
    query.only(&["project"])?;
    let sent = (path.into_inner(), body);
    sboms::receive(&state, access, sent, WhenDone::NewNames).await
}
