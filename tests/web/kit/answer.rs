//! What a browser makes of an answer: text, links, forms.

use reqwest::{Url, header::HeaderMap};
use scraper::{ElementRef, Html, Selector};

/// A form that is sent by `POST`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Form {
    /// The path that it is sent to.
    pub(crate) action: String,
    /// What it is sent with as it is shown.
    pub(crate) fields: Vec<(String, String)>,
}

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
