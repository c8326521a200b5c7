//! The limit server: what is left of a registry when nothing is decided, looked up or converted. The same
//! HTTP server with the same settings and allocator; it checks a token against a map, answers bytes that it
//! was given, and for each step that writes appends rows of the registry's sizes, as durably. Told to, it
//! looks one answer up in a registry's database instead, as anybody would.

mod journal;
mod lookup;

use std::{collections::HashMap, net::TcpListener, path::PathBuf, sync::Arc, time::Duration};

use actix_web::{
    App, HttpRequest, HttpResponse, HttpServer,
    http::{StatusCode, header},
    web::{self, Bytes, Data, ServiceConfig},
};
use touchmark_registry::tls;

use crate::{
    Done,
    output::print,
    script::{Read, STEP, Script},
};
use journal::Journal;
use lookup::Lookup;

/// What `limit` takes.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// What to answer, as `run` recorded it
    #[arg(long, value_name = "FILE")]
    script: PathBuf,
    /// The SQLite database to append rows to
    #[arg(long, value_name = "FILE")]
    database: PathBuf,
    /// A registry's SQLite database, to look channels up in
    #[arg(long, value_name = "FILE")]
    lookup: Option<PathBuf>,
    /// Speak TLS with `certificate.pem` and `key.pem` of a folder
    #[arg(long, value_name = "FOLDER")]
    tls: Option<PathBuf>,
    /// Address and port
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: String,
}

impl Arguments {
    /// Serves until it is killed.
    pub(crate) fn run(&self) -> Done {
        let script: Script = serde_json::from_slice(&std::fs::read(&self.script)?)?;
        let reads = Arc::new(script.reads.clone());
        let limit = Data::new(Limit::of(script, Journal::open(&self.database)?)?);
        let lookup = self.lookup.as_deref().map(Lookup::open).transpose()?;
        let lookup = lookup.map(Data::new);
        let listener = TcpListener::bind(&self.listen)?;
        let address = listener.local_addr()?;
        actix_web::rt::System::new().block_on(async move {
            let app = move || {
                let routes = |config: &mut ServiceConfig| match &lookup {
                    Some(lookup) => {
                        config.app_data(lookup.clone());
                        config.route(lookup::PATH, web::get().to(lookup::get));
                    }
                    None => play(config, &reads),
                };
                App::new()
                    .app_data(limit.clone())
                    .configure(routes)
                    .default_service(web::to(step))
            };
            // As the registry has it.
            let server = HttpServer::new(app)
                .client_request_timeout(Duration::from_secs(15))
                .keep_alive(Duration::from_secs(75))
                .workers(1);
            let server = match &self.tls {
                Some(folder) => {
                    let read = |name: &str| std::fs::read_to_string(folder.join(name));
                    let config = tls::server_config(&read("certificate.pem")?, &read("key.pem")?)?;
                    server.listen_rustls_0_23(listener, config)?
                }
                None => server.listen_auto_h2c(listener)?,
            };
            let scheme = self.tls.as_ref().map_or("http", |_| "https");
            print(&format!("The limit listens at {scheme}://{address}"))?;
            Ok(server.run().await?)
        })
    }
}

/// Routes for what is only read.
fn play(config: &mut ServiceConfig, reads: &[Read]) {
    for read in reads {
        let (body, etag) = (Bytes::from(read.body.clone()), read.etag.clone());
        let handler = move |request: HttpRequest, limit: Data<Limit>, _body: Bytes| {
            let answer = limit.read(&request, &body, &etag);
            async move { answer }
        };
        let path = read.path.split('?').next().unwrap_or_default();
        config.route(path, web::route().to(handler));
    }
}

/// What the handlers share.
struct Limit {
    tokens: HashMap<String, &'static str>,
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

    fn read(&self, request: &HttpRequest, body: &Bytes, etag: &str) -> HttpResponse {
        if !self.knows(request) {
            return HttpResponse::Unauthorized().finish();
        }
        let known = request.headers().get(header::IF_NONE_MATCH);
        if known.is_some_and(|known| known == etag) {
            return HttpResponse::NotModified()
                .insert_header((header::ETAG, etag))
                .finish();
        }
        json(StatusCode::OK, body.clone())
    }
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
