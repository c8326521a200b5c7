//! A browser without scripts, and the people who use it.

mod answer;

use std::{collections::BTreeMap, sync::Mutex};

use actix_web::cookie::Cookie;
use reqwest::{Client, Method, Url, header::HeaderMap, redirect::Policy};
use touchmark_registry::{domain::role::Role, store::principals::Scope};
use touchmark_tests::TestServer;

pub(crate) use answer::{Answer, Form, encoded, select};

/// The password of everybody here.
pub(crate) const PASSWORD: &str = "four words are enough";
/// The cookie of a session.
pub(crate) const SESSION: &str = "__Host-touchmark";

/// A browser, with the cookies that it was given.
#[derive(Debug)]
pub(crate) struct Browser {
    client: Client,
    base: Url,
    cookies: Mutex<BTreeMap<String, String>>,
}

/// Names and values of headers.
pub(crate) type Headers<'a> = &'a [(&'a str, &'a str)];

impl Browser {
    /// A browser that has not been here before.
    pub(crate) fn new(server: &TestServer) -> Self {
        // Whoever was first has set it.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder().redirect(Policy::none()).build();
        Self {
            client: client.expect("a client"),
            base: Url::parse(&server.url).expect("an address"),
            cookies: Mutex::default(),
        }
    }

    /// A person with a role in the first project, signed in.
    pub(crate) async fn person(server: &TestServer, name: &str, role: Role) -> Self {
        let scope = Scope::Project(server.project.id.clone());
        let link = server.invite(name, scope, role).await;
        Self::accepting(server, &link).await
    }

    /// Somebody who administers everything, signed in.
    pub(crate) async fn admin(server: &TestServer) -> Self {
        let scope = Scope::Organization(server.project.organization_id.clone());
        let link = server.invite("admin-person", scope, Role::Admin).await;
        Self::accepting(server, &link).await
    }

    /// Somebody who sets their password by this link.
    pub(crate) async fn accepting(server: &TestServer, link: &str) -> Self {
        let browser = Self::new(server);
        let page = browser.get(link).await;
        let form = page.form(link);
        let chosen = form.with(&[("password", PASSWORD), ("repeated", PASSWORD)]);
        let answer = browser.send(&chosen).await;
        assert_eq!(answer.status, 303, "{}", answer.body);
        browser
    }

    /// Signs in by name.
    pub(crate) async fn sign_in(&self, name: &str, password: &str) -> Answer {
        let form = self.get("/sign-in").await.form("/sign-in");
        self.send(&form.with(&[("name", name), ("password", password)]))
            .await
    }

    /// Another browser with the same cookies.
    pub(crate) fn copy(&self) -> Self {
        Self {
            client: self.client.clone(),
            base: self.base.clone(),
            cookies: Mutex::new(self.cookies()),
        }
    }

    /// The cookies by name.
    pub(crate) fn cookies(&self) -> BTreeMap<String, String> {
        self.cookies.lock().expect("a lock").clone()
    }

    /// Puts a cookie there.
    pub(crate) fn put_cookie(&self, name: &str, value: &str) {
        let mut cookies = self.cookies.lock().expect("a lock");
        cookies.insert(name.to_owned(), value.to_owned());
    }

    /// Gets a page.
    pub(crate) async fn get(&self, address: &str) -> Answer {
        self.ask(Method::GET, address, (&[], &[])).await
    }

    /// Gets a page, and those that it leads to.
    pub(crate) async fn follow(&self, address: &str) -> Answer {
        let mut answer = self.get(address).await;
        for _ in 0..5 {
            if answer.status != 303 {
                break;
            }
            let next = answer.location().to_owned();
            answer = self.get(&next).await;
        }
        answer
    }

    /// Sends a form.
    pub(crate) async fn send(&self, form: &Form) -> Answer {
        self.ask(Method::POST, &form.action, (&form.fields, &[]))
            .await
    }

    /// Sends a request with these fields and headers.
    pub(crate) async fn ask(
        &self,
        method: Method,
        address: &str,
        (fields, headers): (&[(String, String)], Headers<'_>),
    ) -> Answer {
        let url = self.base.join(address).expect("an address");
        assert_eq!(url.host_str(), self.base.host_str(), "another host: {url}");
        let mut request = self
            .client
            .request(method.clone(), url)
            .header("accept", "text/html");
        let cookies = self.cookies();
        let pairs: Vec<String> = cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        if !pairs.is_empty() {
            request = request.header("cookie", pairs.join("; "));
        }
        if method == Method::POST {
            request = request.form(fields);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = request.send().await.expect("an answer");
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        self.keep(&headers);
        Answer {
            address: address.to_owned(),
            status,
            headers,
            body: answer.text().await.expect("a body"),
        }
    }

    /// Keeps the cookies of an answer, or lets them go.
    fn keep(&self, headers: &HeaderMap) {
        let mut cookies = self.cookies.lock().expect("a lock");
        for value in headers.get_all("set-cookie") {
            let cookie = Cookie::parse(value.to_str().expect("text")).expect("a cookie");
            let gone = cookie
                .max_age()
                .is_some_and(actix_web::cookie::time::Duration::is_zero);
            if gone {
                cookies.remove(cookie.name());
            } else {
                cookies.insert(cookie.name().to_owned(), cookie.value().to_owned());
            }
        }
    }
}
