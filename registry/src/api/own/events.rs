//! `events`: what happened, as far as the caller may know.

use actix_web::web::Data;
use touchmark_wire::own::EventList;

use super::{
    place,
    query::{Parameters, Sent},
};
use crate::{
    api::answer::{Answer, Json},
    auth::caller::Caller,
    domain::{
        event,
        role::{Action, Role},
    },
    error::{Error, Result},
    ops::Access,
    shown,
    state::State,
    store::{
        Conn, buckets,
        events::{self as rows, Filter, Sight},
        principals::Scope,
    },
};

const PARAMETERS: [&str; 12] = [
    "project",
    "bucket",
    "resource_kind",
    "resource",
    "actor",
    "action",
    "since",
    "until",
    "after",
    "order",
    "page_size",
    "page_token",
];

pub(super) async fn list(state: Data<State>, caller: Caller, query: Sent) -> Answer<EventList> {
    let query = query.only(&PARAMETERS)?;
    let order = match query.get("order") {
        "" | "newest" => "sequence desc",
        "oldest" => "sequence asc",
        _ => return Err(Error::invalid("query.order", "must be newest or oldest")),
    };
    let request = query.page(&rows::LISTING, order)?;
    if let Some(cursor) = request.cursor() {
        let problem = "is not a token of this list";
        cursor
            .as_number()
            .map_err(|_| Error::invalid("query.page_token", problem))?;
    }
    let filter = filter(&query)?;
    let access = place::in_project(&state, caller, ("query.project", query.get("project"))).await?;
    let bucket = query.text("bucket");
    let page = state.store.read(move |conn| {
        let sight = sight(&access)?;
        let mut filter = filter.clone();
        filter.bucket_id = bucket_id(conn, &access, &bucket)?;
        rows::list(conn, (&sight, &filter), &request)
    });
    let page = page.await?;
    Ok(Json(EventList {
        events: page.rows.into_iter().map(shown::event).collect(),
        next_page_token: page.next,
    }))
}

fn filter(query: &Parameters) -> Result<Filter> {
    Ok(Filter {
        bucket_id: String::new(),
        resource_kind: query.text("resource_kind"),
        resource: query.text("resource"),
        actor: query.text("actor"),
        action: query.text("action"),
        since: query.time("since", "query.since")?,
        until: query.time("until", "query.until")?,
        after: after(query.get("after"))?,
    })
}

/// A place in the log; the one before all others when none was sent.
fn after(text: &str) -> Result<i64> {
    if text.is_empty() {
        return Ok(0);
    }
    let place = text.parse::<i64>().ok().filter(|place| *place >= 0);
    let problem = "must be a place in the log, such as 42";
    place.ok_or_else(|| Error::invalid("query.after", problem))
}

/// The id of a bucket that is named; one that is gone can still be asked for by its id.
fn bucket_id(conn: &mut Conn, access: &Access, bucket: &str) -> Result<String> {
    if bucket.is_empty() {
        return Ok(String::new());
    }
    match buckets::find(conn, &access.project.id, bucket) {
        Ok(found) => Ok(found.id),
        Err(Error::Missing(..)) if crate::domain::id::check_ulid("bucket", bucket).is_ok() => {
            Ok(bucket.to_owned())
        }
        Err(error) => Err(error),
    }
}

/// What the caller may see of the log of this project.
fn sight(access: &Access) -> Result<Sight> {
    let reads = access.check(Action::Read, None);
    let on_buckets = |action: Action| -> Vec<String> {
        let roles = access.roles.iter();
        roles
            .filter_map(|(scope, role)| match scope {
                Scope::Bucket(id) if action.check(Some(*role)).is_ok() => Some(id.clone()),
                _ => None,
            })
            .collect()
    };
    let buckets = match reads {
        Ok(()) => None,
        Err(error) => match on_buckets(Action::Read) {
            none if none.is_empty() => return Err(error),
            some => Some(some),
        },
    };
    let admin = access.check(Action::Administer, None).is_ok();
    let sees_all = access.check(Action::SeeRestricted, None).is_ok();
    Ok(Sight {
        organization_id: access.project.organization_id.clone(),
        project_id: access.project.id.clone(),
        organization: access.organization_role() == Some(Role::Admin),
        buckets,
        kinds: (!admin).then_some(&event::OPEN_KINDS),
        restricted: (!sees_all).then(|| on_buckets(Action::SeeRestricted)),
    })
}
