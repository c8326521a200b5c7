//! The limit server: what is left of a registry when nothing is decided, looked up or converted. The same
//! HTTP server with the same settings and allocator; it checks a token against a map, answers bytes that it
//! was given, and for each step that writes appends rows of the registry's sizes, as durably.

mod journal;

use std::{collections::HashMap, net::TcpListener, path::PathBuf, sync::Arc, time::Duration};

use actix_web::{
    App, HttpRequest, HttpResponse, HttpServer,
    http::{StatusCode, header},
    web::{self, Bytes, Data},
};

use crate::{
    Done,
    output::print,
    script::{STEP, Script},
};
use journal::Journal;

/// What `limit` takes.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// What to answer, as `run` recorded it
    #[arg(long, value_name = "FILE")]
    script: PathBuf,
    /// The SQLite database to append rows to
    #[arg(long, value_name = "FILE")]
    database: PathBuf,
    /// Address and port
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: String,
}

impl Arguments {
    /// Serves until it is killed.
    pub(crate) fn run(&self) -> Done {
        let script: Script = serde_json::from_slice(&std::fs::read(&self.script)?)?;
        let limit = Data::new(Limit::of(script, Journal::open(&self.database)?)?);
        let listener = TcpListener::bind(&self.listen)?;
        print(&format!(
            "The limit listens at http://{}",
            listener.local_addr()?
        ))?;
        actix_web::rt::System::new().block_on(async move {
            let app = move || {
                App::new()
                    .app_data(limit.clone())
                    .route(&limit.read_path, web::get().to(read))
                    .default_service(web::to(step))
            };
            // As the registry has it.
            let server = HttpServer::new(app)
                .client_request_timeout(Duration::from_secs(15))
                .keep_alive(Duration::from_secs(75))
                .workers(1)
                .listen_auto_h2c(listener)?;
            Ok(server.run().await?)
        })
    }
}

/// What the handlers share.
struct Limit {
    tokens: HashMap<String, &'static str>,
    read_path: String,
    read: Bytes,
    steps: Vec<Step>,
    journal: Journal,
}

struct Step {
    status: StatusCode,
    body: Bytes,
    rows: Arc<[usize]>,
}

impl Limit {
    fn of(script: Script, journal: Journal) -> Done<Self> {
        let step = |answer: crate::script::Answer| -> Done<Step> {
            Ok(Step {
                status: StatusCode::from_u16(answer.status)?,
                body: answer.body.into(),
                rows: answer.rows.into(),
            })
        };
        Ok(Self {
            tokens: HashMap::from([(script.token, "admin")]),
            read_path: script.read_path,
            read: script.read.into(),
            steps: script.steps.into_iter().map(step).collect::<Done<_>>()?,
            journal,
        })
    }

    fn knows(&self, request: &HttpRequest) -> bool {
        let sent = request.headers().get(header::AUTHORIZATION);
        let token = sent
            .and_then(|value| value.to_str().ok())
            .and_then(|text| text.strip_prefix("Bearer "));
        token.is_some_and(|token| self.tokens.contains_key(token))
    }
}

async fn read(request: HttpRequest, limit: Data<Limit>) -> HttpResponse {
    if !limit.knows(&request) {
        return HttpResponse::Unauthorized().finish();
    }
    json(StatusCode::OK, limit.read.clone())
}

async fn step(request: HttpRequest, limit: Data<Limit>, _body: Bytes) -> HttpResponse {
    if !limit.knows(&request) {
        return HttpResponse::Unauthorized().finish();
    }
    let number = request
        .headers()
        .get(STEP)
        .and_then(|value| value.to_str().ok());
    let number = number.and_then(|text| text.parse::<usize>().ok());
    let Some(step) = number.and_then(|number| limit.steps.get(number)) else {
        return HttpResponse::NotFound().finish();
    };
    if !step.rows.is_empty() && !limit.journal.append(Arc::clone(&step.rows)).await {
        return HttpResponse::InternalServerError().finish();
    }
    json(step.status, step.body.clone())
}

fn json(status: StatusCode, body: Bytes) -> HttpResponse {
    HttpResponse::build(status)
        .content_type("application/json")
        .body(body)
}
