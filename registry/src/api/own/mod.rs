//! `/api/v1`: our own face, for what the protocol of HCP Packer has no room for.
//!
//! This file is its route table; `openapi.json` beside it describes the same routes, which a test holds
//! against each other.

pub(crate) mod board;
mod events;
mod freshness;
mod packages;
mod place;
mod principals;
mod projects;
mod query;
mod resolve;
mod revocations;
mod roles;
mod sboms;
mod whoami;

use actix_web::{
    HttpResponse,
    http::header,
    web::{ServiceConfig, delete, get, patch, post, put},
};

use super::table::Table;

/// All routes below `/api/v1`.
pub(super) fn configure(scope: &mut ServiceConfig, table: &Table<'_>) {
    let resolve = table.at("/resolve/{bucket}/{channel}");
    scope.service(resolve.route(get().to(resolve::get)));
    let preview = table.at("/revocations/preview");
    scope.service(preview.route(post().to(revocations::preview)));
    let revocations = table.at("/revocations");
    scope.service(revocations.route(post().to(revocations::create)));
    scope.service(table.at("/openapi.json").route(get().to(description)));
    scope.service(table.at("/whoami").route(get().to(whoami::get)));
    scope.service(table.at("/events").route(get().to(events::list)));
    scope.service(table.at("/packages").route(get().to(packages::list)));
    outdated(scope, table);
    let of_build = table.at("/buckets/{bucket}/versions/{fingerprint}/builds/{build}/sboms");
    scope.service(of_build.route(put().to(sboms::put)));
    let secret = table.at("/principals/{name}/secrets/{id}");
    scope.service(secret.route(delete().to(principals::delete_secret)));
    let secrets = table.at("/principals/{name}/secrets");
    scope.service(secrets.route(post().to(principals::rotate)));
    let given = table.at("/principals/{name}/roles");
    scope.service(
        given
            .route(put().to(roles::grant))
            .route(delete().to(roles::revoke)),
    );
    let principal = table.at("/principals/{name}");
    scope.service(
        principal
            .route(get().to(principals::get))
            .route(patch().to(principals::change))
            .route(delete().to(principals::delete)),
    );
    let principals = table.at("/principals");
    scope.service(
        principals
            .route(get().to(principals::list))
            .route(post().to(principals::create)),
    );
    let project = table.at("/projects/{project}");
    scope.service(project.route(delete().to(projects::delete)));
    let projects = table.at("/projects");
    scope.service(
        projects
            .route(get().to(projects::list))
            .route(post().to(projects::create)),
    );
    let organizations = table.at("/organizations");
    scope.service(organizations.route(get().to(projects::organizations)));
}

/// What is outdated, and what counts as that.
fn outdated(scope: &mut ServiceConfig, table: &Table<'_>) {
    scope.service(table.at("/board").route(get().to(board::list)));
    let of_project = table.at("/freshness");
    scope.service(
        of_project
            .route(get().to(freshness::get_project))
            .route(put().to(freshness::set_project)),
    );
    let of_bucket = table.at("/buckets/{bucket}/freshness");
    scope.service(
        of_bucket
            .route(get().to(freshness::get_bucket))
            .route(put().to(freshness::set_bucket)),
    );
    let of_channel = table.at("/buckets/{bucket}/channels/{channel}/freshness");
    scope.service(
        of_channel
            .route(get().to(freshness::get_channel))
            .route(put().to(freshness::set_channel)),
    );
}

/// The description of all this, for whoever asks.
async fn description() -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "application/json"))
        .insert_header((header::CACHE_CONTROL, "no-cache"))
        .body(include_str!("openapi.json"))
}
