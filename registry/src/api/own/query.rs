//! Query parameters of our own face: only those that an operation has, each once.

use std::{borrow::Cow, collections::BTreeMap};

use actix_web::{FromRequest, HttpRequest, dev};
use touchmark_wire::time::Timestamp;

use crate::{
    domain::name,
    error::{Error, Result},
    store::{
        PageRequest,
        page::{Listing, Wanted},
    },
};

/// Characters of a value at most, but for tokens of pages.
const LONGEST: usize = 256;
/// Characters of a token at most.
const TOKEN: usize = 1_024;

/// Refuses a value that is empty, too long, or has a NUL in it.
pub(super) fn check_word(field: impl Into<Cow<'static, str>>, value: &str) -> Result<()> {
    check_length(field, value, LONGEST)
}

fn check_length(field: impl Into<Cow<'static, str>>, value: &str, limit: usize) -> Result<()> {
    let length = value.chars().count();
    if length == 0 || length > limit || value.contains('\0') {
        let problem = format!("must have 1 to {limit} characters, without a NUL character");
        return Err(Error::invalid(field, problem));
    }
    Ok(())
}

/// The parameters as they were sent.
pub(super) struct Sent(Vec<(String, String)>);

impl FromRequest for Sent {
    type Error = Error;
    type Future = std::future::Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut dev::Payload) -> Self::Future {
        std::future::ready(Ok(Self::of(request)))
    }
}

/// Whether a parameter is what is known by this name.
fn is(known: &str, key: &str) -> bool {
    if known.ends_with('.') {
        key.len() > known.len() && key.starts_with(known)
    } else {
        key == known
    }
}

/// The parameters of an operation.
pub(super) struct Parameters(Vec<(String, String)>);

impl Sent {
    /// Those of a request.
    pub(super) fn of(request: &HttpRequest) -> Self {
        let pairs = url::form_urlencoded::parse(request.query_string().as_bytes());
        Self(pairs.into_owned().collect())
    }

    /// How the project is named; empty when it is not. What is wrong with it is told by [`Sent::only`].
    pub(super) fn project(&self) -> &str {
        let named = self.0.iter().find(|(key, _)| key == "project");
        named.map_or("", |(_, value)| value)
    }

    /// Checks that there are only these parameters, each at most once: a filter that is misspelt would
    /// show everything. A name that ends in a dot stands for all that begin with it, whose values are not
    /// checked.
    ///
    /// # Errors
    /// [`Error::Invalid`], naming the parameter.
    pub(super) fn only(self, known: &[&'static str]) -> Result<Parameters> {
        for (at, (key, value)) in self.0.iter().enumerate() {
            let field = known.iter().find(|name| is(name, key)).ok_or_else(|| {
                let can = if known.is_empty() {
                    "there are none".to_owned()
                } else {
                    format!("there are {}", known.join(", ").replace(".,", ".KEY,"))
                };
                let problem = format!("{key:?} is not a parameter of this operation, {can}");
                Error::invalid("query", problem)
            })?;
            let open = field.ends_with('.');
            let field = format!("query.{}", if open { key } else { *field });
            if self.0.iter().take(at).any(|(before, _)| before == key) {
                return Err(Error::invalid(field, "must be given once"));
            }
            let limit = if key == "page_token" { TOKEN } else { LONGEST };
            if !open {
                check_length(field, value, limit)?;
            }
        }
        Ok(Parameters(self.0))
    }
}

impl Parameters {
    /// The value of a parameter; empty when it was not sent.
    pub(super) fn get(&self, name: &str) -> &str {
        let found = self.0.iter().find(|(key, _)| key == name);
        found.map_or("", |(_, value)| value)
    }

    /// The same, as a value of its own.
    pub(super) fn text(&self, name: &str) -> String {
        self.get(name).to_owned()
    }

    /// The parameters whose names begin so, by the rest of their names.
    pub(super) fn below(&self, prefix: &str) -> BTreeMap<String, String> {
        let pairs = self.0.iter();
        let named = pairs.filter_map(|(key, value)| Some((key.strip_prefix(prefix)?, value)));
        named
            .map(|(key, value)| (key.to_owned(), value.clone()))
            .collect()
    }

    /// Yes or no; no when it was not sent.
    pub(super) fn flag(&self, name: &str, field: &'static str) -> Result<bool> {
        match self.get(name) {
            "true" => Ok(true),
            "" | "false" => Ok(false),
            _ => Err(Error::invalid(field, "must be true or false")),
        }
    }

    /// A moment; `None` when it was not sent.
    pub(super) fn time(&self, name: &str, field: &'static str) -> Result<Option<i64>> {
        let text = self.get(name);
        if text.is_empty() {
            return Ok(None);
        }
        let problem = "must be a time such as 2026-01-31T12:00:00Z";
        let time = Timestamp::parse(text).map_err(|_| Error::invalid(field, problem))?;
        Ok(Some(time.as_micros()))
    }

    /// Which rows of a list are wanted, in its usual order or the other way round.
    pub(super) fn page(&self, listing: &Listing, order_by: &str) -> Result<PageRequest> {
        let wanted = Wanted {
            page_size: self.text("page_size"),
            next: self.text("page_token"),
            previous: String::new(),
            order_by: vec![order_by.to_owned()],
        };
        let token = || Error::invalid("query.page_token", "is not a token of this list");
        let size = || Error::invalid("query.page_size", "must be a number from 1 to 1000");
        if matches!(self.0.iter().find(|(key, _)| key == "page_size"), Some((_, text)) if !fits(text))
        {
            return Err(size());
        }
        let request = PageRequest::parse(&wanted, listing).map_err(|_| token())?;
        // PostgreSQL cannot take a NUL, and a token is not the only way to write one.
        if let Some(cursor) = request.cursor() {
            name::check_text("query.page_token", &cursor.key, TOKEN)?;
        }
        Ok(request)
    }
}

fn fits(size: &str) -> bool {
    size.bytes().all(|byte| byte.is_ascii_digit())
        && matches!(
            size.parse::<usize>(),
            Ok(1..=crate::domain::limit::PAGE_MAX)
        )
}
