//! Somebody who is signed in, and looks at pages of the first project.

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
use touchmark_tests::TestServer;

/// A person with a session.
pub(crate) struct Visitor {
    client: reqwest::Client,
    url: String,
    project: String,
    cookie: String,
}

/// A page as it came.
pub(crate) struct Seen {
    pub(crate) status: u16,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) body: String,
}

impl Seen {
    /// A header; empty when there is none.
    pub(crate) fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value.map_or("", |value| value.to_str().expect("a text"))
    }

    /// What a person reads of the content, a space between pieces.
    pub(crate) fn text(&self) -> String {
        let main = self
            .body
            .split_once("<main")
            .map_or(self.body.as_str(), |(_, rest)| rest);
        let main = main.split_once("</main>").map_or(main, |(main, _)| main);
        let mut text = String::new();
        for piece in main
            .split('<')
            .skip(usize::from(self.body.contains("<main")))
        {
            let (_, words) = piece.split_once('>').unwrap_or(("", piece));
            text.push(' ');
            text.push_str(words);
        }
        let words: Vec<&str> = text.split_whitespace().collect();
        words.join(" ").replace("&#34;", "\"").replace("&#39;", "'")
    }
}

impl Visitor {
    /// A new person with this role in the first project.
    pub(crate) async fn new(server: &TestServer, name: &str, role: Role) -> Self {
        let access = std::sync::Arc::new(Access::system(server.project.clone()));
        let create = Create {
            name: name.to_owned(),
            project_id: Some(server.project.id.clone()),
            scope: Scope::Project(server.project.id.clone()),
            role,
        };
        let (store, now) = (&server.state.store, server.clock.now());
        let created = people::create(store, access, create, now).await;
        let (_, link) = created.expect("a person");
        let choice = Choice {
            name: String::new(),
            password: Secret::new("correct horse battery".to_owned()),
        };
        let origin = Origin {
            address: None,
            agent: String::new(),
            request_id: String::new(),
        };
        let started = people::accept(&server.state, link.reveal(), choice, origin).await;
        let cookie = started.expect("a session").token.cookie(SESSION);
        // Another test may have been first.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
        Self {
            client: client.build().expect("a client"),
            url: server.url.clone(),
            project: format!("/p/{}", server.project.name),
            cookie: format!("{}={}", cookie.name(), cookie.value()),
        }
    }

    /// A page of the project, by what follows its address.
    pub(crate) async fn see(&self, path: &str) -> Seen {
        let path = format!("{}{path}", self.project);
        self.ask(&path, &[]).await
    }

    /// A page by its whole path, with headers.
    pub(crate) async fn ask(&self, path: &str, headers: &[(&str, &str)]) -> Seen {
        let request = self.client.get(format!("{}{path}", self.url));
        let request = request.header("cookie", &self.cookie);
        let request = headers.iter().fold(request, |request, (name, value)| {
            request.header(*name, *value)
        });
        let answer = request.send().await.expect("an answer");
        Seen {
            status: answer.status().as_u16(),
            headers: answer.headers().clone(),
            body: answer.text().await.expect("a text"),
        }
    }

    /// Where a page of the project is.
    pub(crate) fn path(&self, path: &str) -> String {
        format!("{}{path}", self.project)
    }
}
