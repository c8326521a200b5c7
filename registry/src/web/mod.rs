//! The pages for people: rendered here from `web/templates`, complete without a script.
//!
//! This file is the route table. A handler reads what it shows from the store and changes things by `ops`,
//! as the API does; who may do what is decided there. Each page is a struct with a template; what all
//! pages have in common is in [`frame`], and what a request brings with it in [`visitor`] and [`form`].

mod account;
mod activity;
mod ancestry;
mod assets;
mod board;
mod bucket;
mod buckets;
mod compare;
mod form;
mod frame;
mod home;
mod href;
mod invitation;
mod paging;
mod search;
mod show;
mod sign_in;
mod status;
mod theme;
mod version;
mod versions;
mod visitor;

use actix_web::web::{self, Data, ServiceConfig, get, post};

use crate::{
    api::{measure::Measure, table::Table},
    auth::secret::Secret,
    telemetry::metrics::Metrics,
};

/// All routes of pages, and what is answered where there is none.
pub fn configure(config: &mut ServiceConfig, metrics: &Metrics) {
    let table = Table::new(metrics);
    let page = |path: &str| status::page(table.at(path));
    config.app_data(Data::new(Measure::new(metrics, "unknown")));
    config.service(page("/static/{hash}/{name}").route(get().to(assets::get)));
    config.service(page("/").route(get().to(home::get)));
    config.service(
        page("/sign-in")
            .route(get().to(sign_in::show))
            .route(post().to(sign_in::enter)),
    );
    config.service(page("/sign-out").route(post().to(sign_in::leave)));
    config.service(
        page("/invitations/{link}")
            .route(get().to(invitation::show))
            .route(post().to(invitation::accept)),
    );
    config.service(page("/theme").route(post().to(theme::choose)));
    config.service(page("/account").route(get().to(account::show)));
    config.service(page("/account/password").route(post().to(account::change_password)));
    config.service(page("/account/sessions/{session}/end").route(post().to(account::end)));
    config.service(page("/search").route(get().to(search::choose)));
    let project = "/p/{project}";
    let bucket = format!("{project}/buckets/{{bucket}}");
    config.service(page(project).route(get().to(board::show)));
    config.service(page(&format!("{project}/buckets")).route(get().to(buckets::list)));
    config.service(page(&bucket).route(get().to(bucket::show)));
    config.service(page(&format!("{bucket}/compare")).route(get().to(compare::show)));
    config.service(page(&format!("{bucket}/versions")).route(get().to(versions::list)));
    let version = format!("{bucket}/versions/{{fingerprint}}");
    config.service(page(&version).route(get().to(version::overview::show)));
    config.service(page(&format!("{version}/builds")).route(get().to(version::builds::show)));
    config.service(page(&format!("{version}/packages")).route(get().to(version::packages::show)));
    config.service(page(&format!("{version}/labels")).route(get().to(version::labels::show)));
    config.service(page(&format!("{version}/origin")).route(get().to(version::origin::show)));
    let sbom = format!("{version}/builds/{{build}}/sboms/{{sbom}}");
    config.service(page(&sbom).route(get().to(version::packages::download)));
    config.service(page(&format!("{project}/search")).route(get().to(search::show)));
    config.service(page(&format!("{project}/activity")).route(get().to(activity::project)));
    config.service(page(&format!("{bucket}/ancestry")).route(get().to(ancestry::show)));
    config.service(page(&format!("{bucket}/activity")).route(get().to(activity::bucket)));
    config.default_service(web::to(status::unknown_route));
}

/// The address of the page where an invitation is used.
pub fn invitation_link(public_url: &str, secret: &Secret) -> String {
    format!("{public_url}/invitations/{}", secret.reveal())
}
