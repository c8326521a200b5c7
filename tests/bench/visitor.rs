//! Somebody who is signed in to the web pages and reads them.

use std::sync::Arc;

use reqwest::{Client, Response, header::COOKIE, redirect::Policy};
use touchmark_registry::{
    auth::{secret::Secret, session::SESSION},
    domain::role::Role,
    ops::{
        Access,
        people::{self, Choice, Origin},
        principals::Create,
    },
    store::principals::Scope,
};

use crate::TestServer;

/// A person with a session.
#[derive(Debug)]
pub struct Visitor {
    client: Client,
    url: String,
    cookie: String,
}

impl Visitor {
    /// A new person with this role in the first project, signed in.
    pub async fn of(server: &TestServer, name: &str, role: Role) -> Self {
        let create = Create {
            name: name.to_owned(),
            project_id: None,
            scope: Scope::Project(server.project.id.clone()),
            role,
        };
        let (state, now) = (&server.state, server.clock.now());
        let access = Arc::new(Access::system(server.project.clone()));
        let created = people::create(&state.store, access, create, now).await;
        let (_, link) = created.expect("a new person");
        let choice = Choice {
            name: String::new(),
            password: Secret::new("four words are enough".to_owned()),
        };
        let origin = Origin::new(None, String::new());
        let started = people::accept(state, link.reveal(), choice, origin).await;
        let cookie = started.expect("a session").token.cookie(SESSION);
        // Whoever installed one before did the same.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder().redirect(Policy::none()).build();
        Self {
            client: client.expect("a client"),
            url: server.url.clone(),
            cookie: format!("{SESSION}={}", cookie.value()),
        }
    }

    /// The answer to a path and query.
    pub async fn ask(&self, path: &str) -> Response {
        let request = self.client.get(format!("{}{path}", self.url));
        let request = request.header(COOKIE, &self.cookie);
        request.send().await.expect("an answer")
    }

    /// The status and the text of a page.
    pub async fn page(&self, path: &str) -> (u16, String) {
        let answer = self.ask(path).await;
        let status = answer.status().as_u16();
        (status, answer.text().await.expect("text"))
    }
}
