//! Somebody who is signed in, and sends forms as a browser without scripts does.

use reqwest::{Client, redirect::Policy};
use touchmark_registry::{
    domain::role::Role,
    ops::{Access, people, principals},
    store::principals::Scope,
};
use touchmark_tests::TestServer;

const PASSWORD: &str = "four words are enough";

/// Somebody who is signed in.
pub(super) struct Person {
    client: Client,
    url: String,
    cookie: String,
}

/// What came back.
pub(super) struct Seen {
    pub(super) status: u16,
    pub(super) body: String,
}

impl Person {
    /// Somebody with a role in the first project.
    pub(super) async fn with(server: &TestServer, role: Role) -> Self {
        let create = principals::Create {
            name: format!("{}-person", role.as_str()),
            project_id: Some(server.project.id.clone()),
            scope: Scope::Project(server.project.id.clone()),
            role,
        };
        let access = Access::system(server.project.clone()).into();
        let made = people::create(&server.state.store, access, create, server.clock.now()).await;
        let (_, link) = made.expect("a person");
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder().redirect(Policy::none()).build();
        let mut person = Self {
            client: client.expect("a client"),
            url: server.url.clone(),
            cookie: String::new(),
        };
        let path = format!("/invitations/{}", link.reveal());
        person.sign_in(&path).await;
        person
    }

    async fn sign_in(&mut self, path: &str) {
        let page = self.client.get(format!("{}{path}", self.url)).send().await;
        let page = page.expect("a page");
        self.cookie = cookies(&page);
        let token = hidden(&page.text().await.expect("text"), "form_token");
        let fields = [
            ("form_token", token.as_str()),
            ("password", PASSWORD),
            ("repeated", PASSWORD),
        ];
        let request = self.client.post(format!("{}{path}", self.url));
        let request = request.header("cookie", &self.cookie).form(&fields);
        let answer = request.send().await.expect("an answer");
        assert_eq!(answer.status().as_u16(), 303);
        self.cookie = cookies(&answer);
    }

    /// Loads a page.
    pub(super) async fn get(&self, path: &str) -> Seen {
        let request = self.client.get(format!("{}{path}", self.url));
        self.sent(request).await
    }

    /// Sends a form without its token.
    pub(super) async fn send_bare(&self, path: &str, fields: &[(&str, &str)]) -> Seen {
        let request = self.client.post(format!("{}{path}", self.url)).form(fields);
        self.sent(request).await
    }

    /// Sends a form, with the token that every page of the person holds.
    pub(super) async fn send(&self, path: &str, fields: &[(&str, &str)]) -> Seen {
        let token = hidden(&self.get("/account").await.body, "form_token");
        let mut fields = fields.to_vec();
        fields.push(("form_token", &token));
        self.send_bare(path, &fields).await
    }

    /// Sends a form that has to be done, and says what the page after it says first.
    pub(super) async fn does(&self, path: &str, fields: &[(&str, &str)]) -> String {
        let token = hidden(&self.get("/account").await.body, "form_token");
        let mut fields = fields.to_vec();
        fields.push(("form_token", &token));
        let request = self
            .client
            .post(format!("{}{path}", self.url))
            .form(&fields);
        let request = request.header("cookie", &self.cookie);
        let answer = request.send().await.expect("an answer");
        let (status, notice) = (answer.status().as_u16(), cookies(&answer));
        let location = header(&answer, "location");
        let body = answer.text().await.expect("text");
        assert_eq!(status, 303, "{path}: {}", main(&body));
        let request = self.client.get(format!("{}/account", self.url));
        let request = request.header("cookie", format!("{}; {notice}", self.cookie));
        let page = request.send().await.expect("a page");
        let page = page.text().await.expect("text");
        let (_, said) = page.split_once("role=\"status\"><p>").expect("a notice");
        let (said, _) = said.split_once("</p>").expect("its end");
        let place = location.replace("/p/default", "");
        format!("{place}: {}", plain(said))
    }

    async fn sent(&self, request: reqwest::RequestBuilder) -> Seen {
        let answer = request.header("cookie", &self.cookie).send().await;
        let answer = answer.expect("an answer");
        Seen {
            status: answer.status().as_u16(),
            body: answer.text().await.expect("text"),
        }
    }
}

impl Seen {
    /// Whether there is this text on the page.
    pub(super) fn says(&self, text: &str) -> bool {
        main(&self.body).contains(text)
    }

    /// The value of a hidden field.
    pub(super) fn hidden(&self, name: &str) -> String {
        hidden(&self.body, name)
    }

    /// The text of the page.
    pub(super) fn text(&self) -> String {
        main(&self.body)
    }
}

fn header(answer: &reqwest::Response, name: &str) -> String {
    let value = answer.headers().get(name);
    value.map_or_else(String::new, |value| {
        value.to_str().expect("text").to_owned()
    })
}

/// The cookies that an answer sets.
fn cookies(answer: &reqwest::Response) -> String {
    let set = answer.headers().get_all("set-cookie").into_iter();
    let pairs = set.filter_map(|value| {
        let (pair, rest) = value.to_str().expect("text").split_once(';')?;
        (!rest.contains("Max-Age=0")).then(|| pair.to_owned())
    });
    pairs.collect::<Vec<_>>().join("; ")
}

fn hidden(body: &str, name: &str) -> String {
    let start = format!("name=\"{name}\" value=\"");
    let (_, rest) = body
        .split_once(&start)
        .unwrap_or_else(|| panic!("no field {name}: {}", main(body)));
    let (value, _) = rest.split_once('"').expect("the end of a value");
    value.to_owned()
}

/// The text of the main part of a page, tags left out and blanks joined.
fn main(body: &str) -> String {
    let (_, rest) = body.split_once("<main").unwrap_or(("", body));
    let (_, rest) = rest.split_once('>').unwrap_or(("", rest));
    let (main, _) = rest.split_once("</main>").unwrap_or((rest, ""));
    plain(main)
}

fn plain(html: &str) -> String {
    let mut text = String::new();
    let mut inside = false;
    for letter in html.chars() {
        match letter {
            '<' => inside = true,
            '>' => inside = false,
            _ if !inside => text.push(letter),
            _ => {}
        }
    }
    let text = text.replace("&#39;", "'").replace("&#34;", "\"");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
