//! `…/registry`: the registry of a project.

use actix_web::web::Data;
use touchmark_wire::{
    registry::{
        CreateRegistryBody, CreateRegistryResponse, DeleteRegistryResponse, GetRegistryResponse,
        Registry, RegistryConfig, Tier, UpdateRegistryBody, UpdateRegistryResponse,
    },
    run_task::RegistryTFCRunTaskConfig,
};

use super::{
    answer::{Answer, Json},
    convert::Shown,
    request::Body,
    run_tasks::behaviour,
};
use crate::{
    auth::caller::InProject,
    domain::role::Action,
    error::{Error, Result},
    ops::registries::{self, Update},
    state::State,
    store::{
        Conn, registries as rows,
        run_tasks::{self, RunTask},
    },
};

fn show(registry: &rows::Registry, task: Option<RunTask>, shown: &Shown<'_>) -> Registry {
    Registry {
        config: Some(RegistryConfig {
            activated: registry.activated,
            billing_deprovision: None,
            feature_tier: registry.feature_tier.parse().unwrap_or(Tier::Plus),
            tfc_run_task_config: task.map(|task| RegistryTFCRunTaskConfig {
                on_untracked_image: behaviour(&task),
                api_id: task.api_id,
                hmac_key: String::new(),
            }),
        }),
        created_at: Some(registry.created_at.into()),
        id: registry.id.clone(),
        location: Some(shown.location()),
        updated_at: Some(registry.updated_at.into()),
    }
}

pub(super) async fn get(
    state: Data<State>,
    InProject(access): InProject,
) -> Answer<GetRegistryResponse> {
    access.check(Action::Read, None)?;
    let project = access.project.id.clone();
    let found = state.store.read(move |conn| {
        let registry = rows::find(conn, &project)?;
        let task = run_tasks::find(conn, &registry.id)?;
        Ok((registry, task))
    });
    let (registry, task) = found.await?;
    let shown = Shown::of(&state, &access);
    Ok(Json(GetRegistryResponse {
        registry: Some(show(&registry, task, &shown)),
    }))
}

pub(super) async fn create(
    state: Data<State>,
    InProject(access): InProject,
    body: Body,
) -> Answer<CreateRegistryResponse> {
    let body: CreateRegistryBody = body.json().await?;
    let tier = body.feature_tier.map(Tier::as_str);
    let (registry, operation) = registries::create(&state, access.clone(), tier).await?;
    let shown = Shown::of(&state, &access);
    Ok(Json(CreateRegistryResponse {
        operation: Some(shown.operation(operation)),
        registry: Some(show(&registry, None, &shown)),
    }))
}

pub(super) async fn update(
    state: Data<State>,
    InProject(access): InProject,
    body: Body,
) -> Answer<UpdateRegistryResponse> {
    let body: UpdateRegistryBody = body.json().await?;
    let update = parse(&body)?;
    let (registry, operation) = registries::update(&state, access.clone(), update).await?;
    let id = registry.id.clone();
    let find = move |conn: &mut Conn| run_tasks::find(conn, &id);
    let task = state.store.read(find).await?;
    let shown = Shown::of(&state, &access);
    Ok(Json(UpdateRegistryResponse {
        operation: Some(shown.operation(operation)),
        registry: Some(show(&registry, task, &shown)),
    }))
}

/// Only masked fields count, and one that is masked but absent takes its zero value.
fn parse(body: &UpdateRegistryBody) -> Result<Update> {
    let mask = body
        .update_mask
        .as_deref()
        .map(str::trim)
        .filter(|mask| !mask.is_empty());
    let required = || {
        Error::invalid(
            "body.update_mask",
            "is required: activated, featureTier or both",
        )
    };
    let mut update = Update::default();
    for path in mask.ok_or_else(required)?.split(',').map(str::trim) {
        match path.trim_start_matches("config.") {
            "activated" => update.activated = Some(body.activated),
            "featureTier" | "feature_tier" => {
                update.feature_tier = Some(body.feature_tier.unwrap_or_default().as_str());
            }
            other => {
                let problem = format!("{other:?} cannot be updated: activated and featureTier can");
                return Err(Error::invalid("body.update_mask", problem));
            }
        }
    }
    Ok(update)
}

pub(super) async fn delete(
    state: Data<State>,
    InProject(access): InProject,
) -> Answer<DeleteRegistryResponse> {
    let (registry, operation) = registries::delete(&state, access.clone()).await?;
    let shown = Shown::of(&state, &access);
    Ok(Json(DeleteRegistryResponse {
        operation: Some(shown.operation(operation)),
        registry: Some(show(&registry, None, &shown)),
    }))
}
