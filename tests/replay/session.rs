//! Sends what a recording has to a server of its own, one request after the other, and compares.

use std::time::Duration;

use reqwest::{Client, header};
use serde_json::Value;
use touchmark_tests::TestServer;

use crate::{
    compare::{Comparison, Difference},
    names::Names,
    read,
    recording::{self, Credentials, Exchange},
};

/// What is part of a message that a client shows or looks for, word by word.
const ASSERTED: &str = "version with fingerprint (fingerprint: ";

/// What stands for a token, that of the last sign-in.
const TOKEN: &str = "<text:token>";

/// What passes between two requests: a change never happens at the time of the one before.
const STEP: Duration = Duration::from_millis(10);

/// Replays the recording of this name.
///
/// # Panics
/// When an answer is not as it was, with all that differs.
pub(crate) async fn replay(name: &str) {
    let server = TestServer::start().await;
    let mut names = Names::default();
    names.define("<server>", &server.url);
    names.define("<uuid:organization>", &server.project.organization_id);
    names.define("<uuid:project>", &server.project.id);
    names.define("<time:future>", "2027-01-01T00:00:00.000000Z");
    // Not for use: a client cannot be made without. Another test may have set it.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let http = Client::builder().no_proxy().build().expect("a client");
    let mut problems = Vec::new();
    for exchange in recording::read(name) {
        server.advance(STEP);
        let answer = send(&http, &server, &names, &exchange).await;
        let found = match answer {
            Ok((status, answer)) => {
                if exchange.path == "/oauth2/token" {
                    // Each sign-in gives another.
                    names.forget(TOKEN);
                }
                differences(&exchange, status, &answer, &mut names)
            }
            Err(problem) => vec![difference("request", "one that can be sent", &problem)],
        };
        for found in found {
            let (place, call) = (
                &exchange.place,
                format!("{} {}", exchange.method, exchange.path),
            );
            let Difference {
                path,
                expected,
                got,
            } = found;
            problems.push(format!(
                "{place}: {call}\n  {path}: expected {expected}, got {got}"
            ));
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

/// Sends a request as it was sent; gives the status and the body.
async fn send(
    http: &Client,
    server: &TestServer,
    names: &Names,
    exchange: &Exchange,
) -> Result<(u16, Value), String> {
    let path = names.fill(&exchange.path)?;
    let mut request = http.request(exchange.method.clone(), format!("{}{path}", server.url));
    let id = server.env["HCP_CLIENT_ID"].as_str();
    // A sign-in that was refused had another secret; the recording keeps neither.
    let secret = if exchange.status == 401 {
        "wrong"
    } else {
        &server.env["HCP_CLIENT_SECRET"]
    };
    request = match exchange.credentials {
        Credentials::Token => request.bearer_auth(names.fill(TOKEN)?),
        Credentials::Basic => request.basic_auth(id, Some(secret)),
        Credentials::None => request,
    };
    if let Some(form) = &exchange.form {
        let form = form
            .replace("client_id=<blanked>", &format!("client_id={id}"))
            .replace(
                "client_secret=<blanked>",
                &format!("client_secret={secret}"),
            );
        let kind = "application/x-www-form-urlencoded";
        request = request.header(header::CONTENT_TYPE, kind).body(form);
    }
    if let Some(body) = &exchange.body {
        request = request.json(&filled(names, body)?);
    }
    let answer = request.send().await.map_err(|error| error.to_string())?;
    let status = answer.status().as_u16();
    let kind = answer.headers().get(header::CONTENT_TYPE).cloned();
    if kind.as_ref().is_none_or(|kind| kind != "application/json") {
        return Err(format!("status {status} with the content type {kind:?}"));
    }
    let bytes = answer.bytes().await.map_err(|error| error.to_string())?;
    let body = serde_json::from_slice(&bytes).map_err(|error| error.to_string())?;
    Ok((status, body))
}

/// A body with meanings in the place of names.
fn filled(names: &Names, value: &Value) -> Result<Value, String> {
    Ok(match value {
        Value::String(text) => Value::String(names.fill(text)?),
        Value::Array(items) => items
            .iter()
            .map(|item| filled(names, item))
            .collect::<Result<_, _>>()?,
        Value::Object(object) => {
            let pair = |(key, value): (&String, &Value)| Ok((key.clone(), filled(names, value)?));
            Value::Object(object.iter().map(pair).collect::<Result<_, String>>()?)
        }
        other => other.clone(),
    })
}

/// What is not as it was in an answer.
fn differences(
    exchange: &Exchange,
    status: u16,
    answer: &Value,
    names: &mut Names,
) -> Vec<Difference> {
    let mut found = Vec::new();
    if status != exchange.status {
        let got = format!("{status} {answer}");
        found.push(difference("status", &exchange.status.to_string(), &got));
        return found;
    }
    let known = read::messages(exchange.method.as_str(), &exchange.path);
    if exchange.by_client && known.is_none() {
        found.push(difference("table of what clients read", "a row", "none"));
    }
    let messages = known.unwrap_or_default();
    let asserted = exchange.answer["message"]
        .as_str()
        .is_some_and(|text| text.contains(ASSERTED));
    let is_read = |path: &str| match path {
        "code" => true,
        "message" => asserted,
        path => exchange.by_client && read::is_read(messages, path),
    };
    let mut comparison = Comparison {
        names,
        is_read: &is_read,
        differences: found,
    };
    comparison.at("", &exchange.answer, answer);
    comparison.differences
}

fn difference(path: &str, expected: &str, got: &str) -> Difference {
    let [path, expected, got] = [path, expected, got].map(str::to_owned);
    Difference {
        path,
        expected,
        got,
    }
}
