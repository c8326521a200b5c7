//! `…/runtasks`: the address, key and settings of a registry's run task, and the address itself.

use actix_web::web::{Data, Path};
use serde::Deserialize;
use touchmark_wire::run_task::{
    GetRegistryTFCRunTaskAPIResponse, GetRunTaskConfigResponse, RegenerateTFCRunTaskHmacKeyBody,
    RegenerateTFCRunTaskHmacKeyResponse, RunTaskBehaviour, UpdateRunTaskConfigBody,
    UpdateRunTaskConfigResponse,
};

use super::{
    answer::{Answer, Json},
    request::Body,
};
use crate::{
    auth::caller::InProject,
    domain::role::Action,
    error::{Error, Result},
    ops::run_tasks,
    state::State,
    store::{registries, run_tasks as rows},
};

/// With what the path of every run task's address begins.
pub(super) const PREFIX: &str = "/packer/run-tasks";

/// The only type of run tasks.
const VALIDATION: &str = "validation";

/// The type of a path.
#[derive(Deserialize)]
pub(super) struct TypePath {
    task_type: String,
}

pub(super) async fn address(
    state: Data<State>,
    InProject(access): InProject,
    path: Path<TypePath>,
) -> Answer<GetRegistryTFCRunTaskAPIResponse> {
    access.check(Action::Administer, None)?;
    if path.task_type != VALIDATION {
        let problem = "must be validation: there is no other run task";
        return Err(Error::invalid("path.task_type", problem));
    }
    let address = run_tasks::address(&state, access).await?;
    Ok(Json(GetRegistryTFCRunTaskAPIResponse {
        api_url: format!("{}{PREFIX}/{}", state.public_url, address.api_id),
        hmac_key: address.key.to_string(),
    }))
}

pub(super) async fn regenerate_key(
    state: Data<State>,
    InProject(access): InProject,
    body: Body,
) -> Answer<RegenerateTFCRunTaskHmacKeyResponse> {
    // It says nothing but a region, which there is none of here.
    let _: RegenerateTFCRunTaskHmacKeyBody = body.json().await?;
    let key = run_tasks::regenerate_key(&state, access).await?;
    Ok(Json(RegenerateTFCRunTaskHmacKeyResponse {
        hmac_key: key.to_string(),
    }))
}

pub(super) async fn config(
    state: Data<State>,
    InProject(access): InProject,
) -> Answer<GetRunTaskConfigResponse> {
    access.check(Action::Read, None)?;
    let project = access.project.id.clone();
    let found = state.store.read(move |conn| {
        let registry = registries::find(conn, &project)?;
        rows::find(conn, &registry.id)
    });
    Ok(Json(GetRunTaskConfigResponse {
        on_untracked_image: found
            .await?
            .as_ref()
            .map_or(RunTaskBehaviour::Unset, behaviour),
    }))
}

pub(super) async fn update_config(
    state: Data<State>,
    InProject(access): InProject,
    body: Body,
) -> Answer<UpdateRunTaskConfigResponse> {
    let body: UpdateRunTaskConfigBody = body.json().await?;
    let task = run_tasks::configure(&state, access, body.on_untracked_image).await?;
    Ok(Json(UpdateRunTaskConfigResponse {
        on_untracked_image: behaviour(&task),
    }))
}

/// What is done with images that no registry knows.
pub(super) fn behaviour(task: &rows::RunTask) -> RunTaskBehaviour {
    task.on_untracked_image.parse().unwrap_or_default()
}

/// The run task itself, which Terraform calls without a token.
pub(super) async fn run() -> Result<&'static str> {
    Err(Error::Unsupported("the validation of run tasks".to_owned()))
}
