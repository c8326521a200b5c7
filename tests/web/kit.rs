//! A browser without scripts: cookies, links, forms.

use std::{collections::BTreeMap, sync::Mutex};

use actix_web::cookie::Cookie;
use reqwest::{Client, Method, Url, header::HeaderMap, redirect::Policy};
use scraper::{ElementRef, Html, Selector};
use touchmark_registry::{domain::role::Role, store::principals::Scope};
use touchmark_tests::TestServer;

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

/// A form that is sent by `POST`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Form {
    /// The path that it is sent to.
    pub(crate) action: String,
    /// What it is sent with as it is shown.
    pub(crate) fields: Vec<(String, String)>,
}

/// Names and values of headers.
pub(crate) type Headers<'a> = &'a [(&'a str, &'a str)];

/// An answer.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    /// The path and query that was asked for.
    pub(crate) address: String,
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

/// Elements that a selector finds.
pub(crate) fn select<'a>(html: &'a Html, selector: &str) -> Vec<ElementRef<'a>> {
    let selector = Selector::parse(selector).expect("a selector");
    html.select(&selector).collect()
}

impl Answer {
    /// The first value of a header; empty when there is none.
    pub(crate) fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value.map_or("", |value| value.to_str().expect("text"))
    }

    /// Where it leads.
    pub(crate) fn location(&self) -> &str {
        self.header("location")
    }

    /// Whether it is a page.
    pub(crate) fn is_page(&self) -> bool {
        self.header("content-type").starts_with("text/html")
    }

    /// The page.
    pub(crate) fn html(&self) -> Html {
        Html::parse_document(&self.body)
    }

    /// The text of the page, without what is between the lines.
    pub(crate) fn text(&self) -> String {
        let html = self.html();
        let words: Vec<&str> = html.root_element().text().collect();
        let words = words.join(" ");
        words.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// All forms that change something.
    pub(crate) fn forms(&self) -> Vec<Form> {
        let html = self.html();
        let posted = select(&html, "form").into_iter().filter(|form| {
            form.attr("method")
                .is_some_and(|method| method.eq_ignore_ascii_case("post"))
        });
        posted
            .map(|form| Form {
                action: match form.attr("action").unwrap_or_default() {
                    "" => self.address.clone(),
                    action => action.to_owned(),
                },
                fields: fields(form),
            })
            .collect()
    }

    /// The form that is sent to this path.
    pub(crate) fn form(&self, action: &str) -> Form {
        let forms = self.forms();
        let found = forms.iter().find(|form| form.action == action);
        found
            .cloned()
            .unwrap_or_else(|| panic!("{} has no form for {action}, but {forms:?}", self.address))
    }

    /// The token that the first form carries.
    pub(crate) fn token(&self) -> String {
        let forms = self.forms();
        let form = forms.first().unwrap_or_else(|| {
            panic!(
                "{} has no form: {} {}",
                self.address, self.status, self.body
            )
        });
        form.value("form_token").to_owned()
    }

    /// The paths and queries that its links and search forms lead to, those of other hosts left out.
    pub(crate) fn links(&self) -> Vec<String> {
        let html = self.html();
        let base = Url::parse("http://here/").expect("an address");
        let base = base.join(&self.address).expect("an address");
        let mut links: Vec<String> = Vec::new();
        for link in select(&html, "a[href], link[href], [hx-get]") {
            let href = link.attr("href").or(link.attr("hx-get"));
            links.push(href.unwrap_or_default().to_owned());
        }
        for file in select(&html, "script[src], img[src]") {
            links.push(file.attr("src").unwrap_or_default().to_owned());
        }
        for form in select(&html, "form") {
            let method = form.attr("method").unwrap_or("get");
            if method.eq_ignore_ascii_case("get") {
                let action = form.attr("action").unwrap_or_default();
                links.push(format!("{action}?{}", encoded(&fields(form))));
            }
        }
        let absolute = links.iter().filter_map(|link| base.join(link).ok());
        let ours = absolute.filter(|url| url.host_str() == Some("here"));
        ours.map(|url| path_and_query(&url)).collect()
    }
}

fn path_and_query(url: &Url) -> String {
    match url.query() {
        Some(query) => format!("{}?{query}", url.path()),
        None => url.path().to_owned(),
    }
}

/// The names and values that a form is sent with, as it is shown.
fn fields(form: ElementRef<'_>) -> Vec<(String, String)> {
    let selector =
        Selector::parse("input[name], textarea[name], select[name]").expect("a selector");
    let sent = form.select(&selector).filter(|field| {
        let choice = matches!(field.attr("type"), Some("checkbox" | "radio"));
        !choice || field.attr("checked").is_some()
    });
    let pair = |field: ElementRef<'_>| {
        let name = field.attr("name").unwrap_or_default().to_owned();
        let value = match field.value().name() {
            "textarea" => field.text().collect(),
            "select" => chosen(field),
            _ => field.attr("value").unwrap_or_default().to_owned(),
        };
        (name, value)
    };
    sent.map(pair).collect()
}

fn chosen(select: ElementRef<'_>) -> String {
    let options = Selector::parse("option").expect("a selector");
    let all: Vec<_> = select.select(&options).collect();
    let selected = all.iter().find(|option| option.attr("selected").is_some());
    let option = selected.or(all.first());
    option.map_or_else(String::new, |option| {
        let value = option.attr("value").map(str::to_owned);
        value.unwrap_or_else(|| option.text().collect())
    })
}

/// Fields as they are encoded in forms and addresses.
pub(crate) fn encoded(fields: &[(String, String)]) -> String {
    let mut url = Url::parse("http://here/").expect("an address");
    url.query_pairs_mut().extend_pairs(fields);
    url.query().unwrap_or_default().to_owned()
}

impl Form {
    /// The value of a field; empty when there is none.
    pub(crate) fn value(&self, name: &str) -> &str {
        let found = self.fields.iter().find(|(key, _)| key == name);
        found.map_or("", |(_, value)| value.as_str())
    }

    /// The same with these values.
    pub(crate) fn with(mut self, values: &[(&str, &str)]) -> Self {
        for (name, value) in values {
            self.fields.retain(|(key, _)| key != name);
            self.fields.push(((*name).to_owned(), (*value).to_owned()));
        }
        self
    }
}

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
