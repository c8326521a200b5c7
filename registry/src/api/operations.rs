//! `…/operations/{id}`: every operation is finished by the time anybody can ask for it.

use actix_web::web::{Data, Path};
use serde::Deserialize;
use touchmark_wire::operation::{GetResponse, Operation, WaitResponse};

use super::{
    answer::{Answer, Json},
    convert::Shown,
};
use crate::{
    auth::caller::Caller,
    error::{Error, Kind, Result},
    state::State,
    store::{operations as rows, organizations},
};

/// The operation of a path. The project may be `-`, for whatever project it belongs to.
#[derive(Deserialize)]
pub(super) struct OperationPath {
    organization: String,
    project: String,
    id: String,
}

pub(super) async fn get(
    state: Data<State>,
    caller: Caller,
    path: Path<OperationPath>,
) -> Answer<GetResponse> {
    let operation = Some(find(&state, caller, path.into_inner()).await?);
    Ok(Json(GetResponse { operation }))
}

pub(super) async fn wait(
    state: Data<State>,
    caller: Caller,
    path: Path<OperationPath>,
) -> Answer<WaitResponse> {
    let operation = Some(find(&state, caller, path.into_inner()).await?);
    Ok(Json(WaitResponse { operation }))
}

async fn find(state: &State, caller: Caller, path: OperationPath) -> Result<Operation> {
    let (operation, project) = state
        .store
        .read(move |conn| {
            let operation = rows::find(conn, &path.id)?;
            let project = organizations::project(conn, &operation.project_id)?
                .filter(|project| path.project == "-" || path.project == project.id)
                .filter(|project| path.organization == project.organization_id)
                .filter(|project| caller.principal.organization_id == project.organization_id)
                .filter(|project| caller.reaches_project(&project.id))
                .ok_or_else(|| Error::Missing(Kind::Operation, path.id.clone()))?;
            Ok((operation, project))
        })
        .await?;
    Ok(Shown {
        project: &project,
        now: state.clock.now(),
    }
    .operation(operation))
}
