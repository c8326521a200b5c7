//! Tells a story operation by operation, examines each answer and remembers what was called.

use std::{
    collections::BTreeSet,
    io::{Read as _, Write as _},
    net::TcpStream,
};

use serde_json::Value;
use touchmark_client::{HeaderMap, Method};
use touchmark_tests::{Answer, Client, TestServer};

use crate::{
    document::{Document, Operation},
    examine::examine,
};

/// A caller who remembers.
pub(crate) struct Teller<'a> {
    /// Whom it calls.
    pub(crate) server: &'a TestServer,
    client: Client,
    document: &'static Document,
    /// The operations that succeeded.
    pub(crate) succeeded: BTreeSet<String>,
}

impl<'a> Teller<'a> {
    /// One with the rights of this client.
    pub(crate) fn new(server: &'a TestServer, client: Client) -> Self {
        Self {
            server,
            client,
            document: Document::get(),
            succeeded: BTreeSet::new(),
        }
    }

    /// The same for the operations of our own face.
    pub(crate) fn own(server: &'a TestServer, client: Client) -> Self {
        Self {
            document: Document::own(),
            ..Self::new(server, client)
        }
    }

    /// Calls an operation: status and body. A query goes behind the name: `DeleteVersion?a=b`.
    pub(crate) async fn ask(
        &mut self,
        call: &str,
        values: &[(&str, &str)],
        body: Option<Value>,
    ) -> (u16, Value) {
        let (id, query) = call.split_once('?').unwrap_or((call, ""));
        let operation = self.document.operation(id);
        let mut path = operation.path(self.server, values);
        if !query.is_empty() {
            path = format!("{path}?{query}");
        }
        let method = operation.method.clone();
        let answer = self.client.send(method, &path, body.as_ref()).await;
        self.note(operation, &answer.expect("an answer"))
    }

    /// Calls an operation that has a body and succeeds.
    pub(crate) async fn tell(&mut self, call: &str, values: &[(&str, &str)], body: Value) -> Value {
        let (status, answer) = self.ask(call, values, Some(body)).await;
        assert_eq!(status, 200, "{call}: {answer}");
        answer
    }

    /// Calls an operation that has no body and succeeds.
    pub(crate) async fn look(&mut self, call: &str, values: &[(&str, &str)]) -> Value {
        let (status, answer) = self.ask(call, values, None).await;
        assert_eq!(status, 200, "{call}: {answer}");
        answer
    }

    /// Asks for a token with a form, and with these headers, as no method of the client does.
    pub(crate) async fn token(&mut self, headers: &str, form: &str) -> (u16, Value) {
        let operation = Document::get().operation("OAuth2_Token");
        assert_eq!(operation.method, Method::POST);
        let authority = self.server.url.strip_prefix("http://");
        let authority = authority.expect("plain HTTP").to_owned();
        let length = form.len();
        let request = format!(
            "POST {} HTTP/1.1\r\nHost: {authority}\r\nConnection: close\r\n{headers}\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {length}\r\n\r\n{form}",
            operation.path
        );
        let answer = tokio::task::spawn_blocking(move || exchange(&authority, &request)).await;
        self.note(operation, &answer.expect("an answer"))
    }

    fn note(&mut self, operation: &Operation, answer: &Answer) -> (u16, Value) {
        let body = examine(operation, answer);
        if answer.status == 200 {
            self.succeeded.insert(operation.id.clone());
        }
        (answer.status, body)
    }
}

fn exchange(authority: &str, request: &str) -> Answer {
    let mut stream = TcpStream::connect(authority).expect("a connection");
    stream.write_all(request.as_bytes()).expect("a request");
    let mut text = String::new();
    stream.read_to_string(&mut text).expect("an answer");
    let (head, body) = text.split_once("\r\n\r\n").expect("head and body");
    let mut lines = head.lines();
    let status = lines.next().and_then(|line| line.split(' ').nth(1));
    let mut headers = HeaderMap::new();
    let media_type = lines
        .filter_map(|line| line.split_once(": "))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-type"));
    if let Some((_, value)) = media_type {
        headers.insert("content-type", value.parse().expect("a header"));
    }
    Answer {
        status: status.expect("a status").parse().expect("a number"),
        headers,
        body: body.as_bytes().to_vec(),
    }
}
