//! The HTTP interface in JSON: reads a request, calls an operation or a read, converts the answer.
//!
//! This file is the route table. Within a scope literals come before parameters, since routes are
//! tried in order, and the scopes that are asked most come first.

pub(crate) mod address;
mod ancestry;
pub(crate) mod answer;
mod buckets;
mod builds;
mod channels;
mod convert;
mod enforced_blocks;
mod health;
mod iam;
pub(crate) mod keep;
mod legacy;
pub(crate) mod measure;
mod oauth;
mod operations;
pub(crate) mod own;
mod packages;
mod policies;
mod registry;
pub(crate) mod request;
mod resource_manager;
mod run_tasks;
pub(crate) mod sboms;
mod search;
mod service_principals;
pub(crate) mod table;
mod unsupported;
mod versions;

use actix_web::{
    HttpRequest,
    web::{self, Data, ServiceConfig, delete, get, patch, post, put},
};

use crate::{
    error::{Error, Kind},
    telemetry::metrics::Metrics,
};
use measure::Measure;
use table::Table;
use unsupported::not_built;

/// All routes. `metrics` says whether `/metrics` is served here.
pub fn configure(config: &mut ServiceConfig, metrics: &Metrics, shows_metrics: bool) {
    let table = Table::new(metrics);
    config.app_data(Data::new(Measure::new(metrics, "unknown")));
    let project = "/organizations/{organization}/projects/{project}";
    config.service(
        web::scope(&format!("/packer/2023-01-01{project}"))
            .configure(|scope| packer(scope, &table.below("/packer/2023-01-01")))
            .default_service(web::to(unknown_route)),
    );
    config.service(table.at("/oauth2/token").route(post().to(oauth::token)));
    config.service(
        web::scope("/api/v1")
            .configure(|scope| own::configure(scope, &table.below("/api/v1")))
            .default_service(web::to(unknown_route)),
    );
    resource_manager(config, &table);
    iam(config, &table);
    let operation = format!("/operation/2020-05-05{project}/operations/{{id}}");
    config.service(table.at(&operation).route(get().to(operations::get)));
    config.service(
        table
            .at(&format!("{operation}/wait"))
            .route(get().to(operations::wait)),
    );
    config.service(
        web::scope(&format!("/packer/2021-04-30{project}"))
            .configure(|scope| packer_2021(scope, &table.below("/packer/2021-04-30")))
            .default_service(web::to(unknown_route)),
    );
    let labels = "images/{bucket}/channels/{channel}/_search/by_labels";
    let labels = format!("/packer/2022-12-02{project}/{labels}");
    config.service(table.at(&labels).route(post().to(legacy::search_by_labels)));
    config.service(
        table
            .at("/download/sboms/{sbom}")
            .route(get().to(sboms::download)),
    );
    // What Terraform calls: its address is handed out, so that it must not change.
    let run_task = table.at(&format!("{}/{{api_id}}", run_tasks::PREFIX));
    config.service(run_task.route(post().to(run_tasks::run)));
    config.service(table.at("/livez").route(get().to(health::live)));
    config.service(table.at("/readyz").route(get().to(health::ready)));
    if shows_metrics {
        config.service(table.at("/metrics").route(get().to(health::metrics)));
    }
}

/// The routes of a listener that shows nothing but metrics.
pub fn configure_metrics(config: &mut ServiceConfig, metrics: &Metrics) {
    let table = Table::new(metrics);
    config.app_data(Data::new(Measure::new(metrics, "unknown")));
    config.service(table.at("/metrics").route(get().to(health::metrics)));
    config.default_service(web::to(unknown_route));
}

/// The main service: `packer/2023-01-01`, below a project.
fn packer(scope: &mut ServiceConfig, table: &Table<'_>) {
    scope.service(
        web::scope("/buckets/{bucket}")
            .configure(|scope| bucket(scope, &table.below("/buckets/{bucket}")))
            .default_service(web::to(unknown_route)),
    );
    scope.service(
        table
            .at("/buckets")
            .route(get().to(buckets::list))
            .route(put().to(buckets::create)),
    );
    scope.service(
        table
            .at("/_search/external_artifact")
            .route(post().to(search::external_artifact)),
    );
    scope.service(
        table
            .at("/registry")
            .route(get().to(registry::get))
            .route(put().to(registry::create))
            .route(patch().to(registry::update))
            .route(delete().to(registry::delete)),
    );
    enforced_blocks(scope, table);
    run_tasks(scope, table);
}

fn bucket(scope: &mut ServiceConfig, table: &Table<'_>) {
    named_channels(scope, table);
    scope.service(
        table
            .at("/versions/{fingerprint}/builds/{build}")
            .route(get().to(builds::get))
            .route(patch().to(builds::update))
            .route(delete().to(builds::delete)),
    );
    scope.service(
        table
            .at("/versions/{fingerprint}/builds")
            .route(get().to(builds::list))
            .route(post().to(builds::create)),
    );
    scope.service(
        table
            .at("/versions/{fingerprint}")
            .route(get().to(versions::get))
            .route(patch().to(versions::update))
            .route(delete().to(versions::delete)),
    );
    scope.service(
        table
            .at("")
            .route(get().to(buckets::get))
            .route(patch().to(buckets::update))
            .route(delete().to(buckets::delete)),
    );
    scope.service(
        table
            .at("/versions")
            .route(get().to(versions::list))
            .route(post().to(versions::create)),
    );
    scope.service(
        table
            .at("/channels")
            .route(get().to(channels::list))
            .route(post().to(channels::create)),
    );
    scope.service(
        table
            .at("/channels/{channel}/history")
            .route(get().to(channels::history)),
    );
    scope.service(table.at("/ancestry").route(get().to(ancestry::list)));
    contents(scope, table);
}

/// One channel by its name, and the operation whose name is a channel's name as well.
fn named_channels(scope: &mut ServiceConfig, table: &Table<'_>) {
    // A channel may be called `assign` all the same.
    scope.service(
        table
            .at("/channels/{channel:assign}")
            .route(post().to(channels::assign))
            .route(get().to(channels::get))
            .route(patch().to(channels::update))
            .route(delete().to(channels::delete)),
    );
    scope.service(
        table
            .at("/channels/{channel}")
            .route(get().to(channels::get))
            .route(patch().to(channels::update))
            .route(delete().to(channels::delete)),
    );
}

/// Software bills of material, the packages in them, and what is known of these.
fn contents(scope: &mut ServiceConfig, table: &Table<'_>) {
    let build = "/versions/{fingerprint}/builds/{build}";
    scope.service(
        table
            .at(&format!("{build}/packages"))
            .route(get().to(packages::of_build)),
    );
    scope.service(
        table
            .at(&format!("{build}/sboms"))
            .route(get().to(sboms::list))
            .route(put().to(sboms::upload)),
    );
    scope.service(
        table
            .at(&format!("{build}/sboms/{{sbom}}"))
            .route(get().to(sboms::get)),
    );
    scope.service(table.at("/packages").route(get().to(packages::of_bucket)));
    // Nothing is scanned here, and an empty list would look like "nothing was found".
    for path in [
        "/packages/vulnerability-summary",
        "/packages/with-vulnerabilities",
        "/vulnerabilities",
    ] {
        let answer = not_built("vulnerabilities: nothing is scanned");
        scope.service(table.at(path).route(get().to(answer)));
    }
}

fn enforced_blocks(scope: &mut ServiceConfig, table: &Table<'_>) {
    scope.service(
        table
            .at("/enforced_blocks/bucket/{bucket}")
            .route(get().to(enforced_blocks::by_bucket)),
    );
    scope.service(
        table
            .at("/enforced_blocks")
            .route(get().to(enforced_blocks::list))
            .route(put().to(enforced_blocks::create)),
    );
    let block = "/enforced_blocks/{block}";
    scope.service(
        table
            .at(block)
            .route(get().to(enforced_blocks::get))
            .route(patch().to(enforced_blocks::update))
            .route(delete().to(enforced_blocks::delete)),
    );
    scope.service(
        table
            .at(&format!("{block}/versions"))
            .route(get().to(enforced_blocks::versions))
            .route(put().to(enforced_blocks::create_version)),
    );
    let version = format!("{block}/versions/{{version}}");
    scope.service(
        table
            .at(&version)
            .route(patch().to(enforced_blocks::update_version))
            .route(delete().to(enforced_blocks::delete_version)),
    );
    scope.service(
        table
            .at(&format!("{version}/buckets"))
            .route(get().to(enforced_blocks::linked_buckets))
            .route(post().to(enforced_blocks::link_buckets)),
    );
}

fn run_tasks(scope: &mut ServiceConfig, table: &Table<'_>) {
    scope.service(
        table
            .at("/runtasks/config")
            .route(get().to(run_tasks::config))
            .route(patch().to(run_tasks::update_config)),
    );
    let key = table.at("/runtasks/hmac");
    scope.service(key.route(patch().to(run_tasks::regenerate_key)));
    let address = table.at("/runtasks/{task_type}");
    scope.service(address.route(get().to(run_tasks::address)));
}

fn resource_manager(config: &mut ServiceConfig, table: &Table<'_>) {
    let base = "/resource-manager/2019-12-10";
    config.service(
        table
            .at(&format!("{base}/projects/{{id}}"))
            .route(get().to(resource_manager::project)),
    );
    config.service(
        table
            .at(&format!("{base}/projects"))
            .route(get().to(resource_manager::projects)),
    );
    let organization = table.at(&format!("{base}/organizations/{{id}}"));
    config.service(organization.route(get().to(resource_manager::organization)));
    config.service(
        table
            .at(&format!("{base}/organizations"))
            .route(get().to(resource_manager::organizations)),
    );
    config.service(
        table
            .at("/2019-12-10/resource-manager/resources/iam-policy")
            .route(get().to(policies::get))
            .route(put().to(policies::set)),
    );
}

fn iam(config: &mut ServiceConfig, table: &Table<'_>) {
    config.service(
        table
            .at("/iam/2019-12-10/caller-identity")
            .route(get().to(iam::caller_identity)),
    );
    let principals = table.at("/iam/2019-12-10/organizations/{organization}/principals");
    config.service(principals.route(get().to(iam::principals)));
    // Clients encode the slashes of names, and some proxies decode them.
    let create = table.at("/2019-12-10/iam/{parent:.+}/service-principals");
    config.service(create.route(post().to(service_principals::create)));
    // The slashes of a resource name are literal here, and encoded in all other calls.
    let exchange = table.at("/2019-12-10/{resource_name:.+}/exchange-token");
    config.service(exchange.route(post().to(unsupported::exchange_token)));
    let principal = table.at("/2019-12-10/{resource_name:iam[/%].+}");
    config.service(
        principal
            .route(get().to(service_principals::get))
            .route(delete().to(service_principals::delete)),
    );
}

/// What Packer's deprecated data sources still read, and the rest of that version, which is not built.
fn packer_2021(scope: &mut ServiceConfig, table: &Table<'_>) {
    let answer = || not_built("the 2021-04-30 API, but for its reads of channels and iterations");
    let image = "/images/{bucket}";
    scope.service(
        table
            .at(&format!("{image}/channels/{{channel}}"))
            .route(get().to(legacy::channel)),
    );
    scope.service(
        table
            .at(&format!("{image}/iteration"))
            .route(get().to(legacy::iteration)),
    );
    scope.service(table.at("/images").route(put().to(answer())));
    scope.service(table.at(image).route(patch().to(answer())));
    scope.service(
        table
            .at(&format!("{image}/iterations"))
            .route(post().to(answer())),
    );
    let iteration = format!("{image}/iterations/{{iteration}}");
    scope.service(
        table
            .at(&format!("{iteration}/builds"))
            .route(get().to(answer())),
    );
    scope.service(table.at(&iteration).route(post().to(answer())));
    scope.service(table.at("/builds/{build}").route(patch().to(answer())));
    scope.service(table.at("/registry").route(get().to(answer())));
}

/// Counted as one route whatever was asked for: paths of requests would make a series each.
pub(crate) async fn unknown_route(
    request: HttpRequest,
    measure: Data<Measure>,
) -> Result<&'static str, Error> {
    let what = format!("{} {}", request.method(), request.path());
    let error = Error::Missing(Kind::Route, what);
    measure.begin(request.method()).end_with(error.code().1);
    Err(error)
}
