//! Reads a channel from a registry's SQLite database as anybody would who keeps nothing in memory: a pool of
//! connections, a few queries in a thread where blocking is allowed, and serde. Its answers are those of the
//! registry, byte by byte.

mod rows;

use std::{
    path::Path,
    sync::{Condvar, Mutex, PoisonError},
};

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web};
use diesel::{Connection as _, QueryResult, SqliteConnection, connection::SimpleConnection as _};
use touchmark_wire::channel::{Channel, GetChannelResponse};

use super::{Limit, json};
use crate::{Done, output::note};

/// Channels, as the registry has them.
pub(super) const PATH: &str = "/packer/2023-01-01/organizations/{organization}/projects/{project}\
     /buckets/{bucket}/channels/{channel}";

/// As many connections as the registry reads with.
const CONNECTIONS: usize = 4;

/// The connections that nobody uses just now.
pub(super) struct Lookup {
    idle: Mutex<Vec<SqliteConnection>>,
    returned: Condvar,
}

impl Lookup {
    /// Opens the database.
    pub(super) fn open(path: &Path) -> Done<Self> {
        let path = path.to_str().ok_or("the path must be UTF-8")?;
        let open = |_| -> Done<SqliteConnection> {
            let mut conn = SqliteConnection::establish(path)?;
            conn.batch_execute("PRAGMA busy_timeout = 5000; PRAGMA cache_size = -8000;")?;
            Ok(conn)
        };
        Ok(Self {
            idle: Mutex::new((0..CONNECTIONS).map(open).collect::<Done<_>>()?),
            returned: Condvar::new(),
        })
    }

    fn with<T>(&self, work: impl FnOnce(&mut SqliteConnection) -> T) -> T {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let mut conn = loop {
            match idle.pop() {
                Some(conn) => break conn,
                None => {
                    idle = self
                        .returned
                        .wait(idle)
                        .unwrap_or_else(PoisonError::into_inner);
                }
            }
        };
        drop(idle);
        let done = work(&mut conn);
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.push(conn);
        self.returned.notify_one();
        done
    }
}

/// All of it as it is at one moment.
#[expect(
    clippy::disallowed_methods,
    reason = "this is no registry, which has threads for that"
)]
fn snapshot(
    conn: &mut SqliteConnection,
    project: (&str, &str),
    channel: (&str, &str),
) -> QueryResult<Channel> {
    conn.transaction(|conn| rows::channel(conn, project, channel))
}

/// Answers a channel.
pub(super) async fn get(
    request: HttpRequest,
    path: web::Path<(String, String, String, String)>,
    limit: web::Data<Limit>,
    lookup: web::Data<Lookup>,
) -> HttpResponse {
    if !limit.knows(&request) {
        return HttpResponse::Unauthorized().finish();
    }
    let (organization, project, bucket, channel) = path.into_inner();
    let found = web::block(move || {
        lookup.with(|conn| snapshot(conn, (&organization, &project), (&bucket, &channel)))
    });
    let body = match found.await {
        Ok(Ok(channel)) => serde_json::to_vec(&GetChannelResponse {
            channel: Some(channel),
        })
        .map_err(|error| error.to_string()),
        Ok(Err(error)) => Err(error.to_string()),
        Err(error) => Err(error.to_string()),
    };
    match body {
        Ok(body) => json(StatusCode::OK, body.into()),
        Err(error) => {
            note(&format!("error: {error}"));
            HttpResponse::InternalServerError().finish()
        }
    }
}
