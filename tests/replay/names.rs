//! What a server makes up has names in a recording: `<ulid:build-1>`, `<time:4>`. They get their meaning
//! when an answer shows them first, and keep it.

use std::{collections::HashMap, sync::OnceLock};

use regex_lite::Regex;

/// Names and what they stand for on the server that is replayed to.
#[derive(Debug, Default)]
pub(crate) struct Names {
    known: HashMap<String, String>,
}

impl Names {
    /// Gives a name its meaning beforehand.
    pub(crate) fn define(&mut self, name: &str, meaning: &str) {
        self.known.insert(name.to_owned(), meaning.to_owned());
    }

    /// Lets a name get another meaning.
    pub(crate) fn forget(&mut self, name: &str) {
        self.known.remove(name);
    }

    /// Text of a request, with meanings in the place of names; the name that has none is the error.
    pub(crate) fn fill(&self, text: &str) -> Result<String, String> {
        let mut filled = String::new();
        for part in parts(text) {
            match part {
                Part::Text(text) => filled.push_str(text),
                Part::Name { name, .. } => {
                    let meaning = self
                        .known
                        .get(name)
                        .ok_or_else(|| format!("no answer has shown what {name} stands for"))?;
                    filled.push_str(meaning);
                }
            }
        }
        Ok(filled)
    }

    /// Whether `got` is what `expected` says; names without a meaning get theirs from `got`.
    pub(crate) fn meet(&mut self, expected: &str, got: &str) -> bool {
        let parts = parts(expected);
        let mut rest = got;
        for (index, part) in parts.iter().enumerate() {
            let literal = match part {
                Part::Text(text) => (*text).to_owned(),
                Part::Name { name, form } => {
                    if let Some(meaning) = self.known.get(*name) {
                        meaning.clone()
                    } else {
                        let end = match parts.get(index + 1) {
                            Some(Part::Text(next)) => rest.find(next).unwrap_or(rest.len()),
                            _ => rest.len(),
                        };
                        let meaning = &rest[..end];
                        if !is_of(form, meaning) {
                            return false;
                        }
                        self.define(name, meaning);
                        meaning.to_owned()
                    }
                }
            };
            let Some(after) = rest.strip_prefix(&literal) else {
                return false;
            };
            rest = after;
        }
        rest.is_empty()
    }
}

enum Part<'a> {
    Text(&'a str),
    Name { name: &'a str, form: &'a str },
}

fn parts(text: &str) -> Vec<Part<'_>> {
    static NAME: OnceLock<Regex> = OnceLock::new();
    let name = NAME.get_or_init(|| {
        Regex::new(r"<(?:(ulid|uuid|time|text):[a-z0-9_-]+|server)>").expect("a pattern")
    });
    let (mut parts, mut end) = (Vec::new(), 0);
    for found in name.captures_iter(text) {
        let whole = found.get(0).expect("a match");
        if whole.start() > end {
            parts.push(Part::Text(&text[end..whole.start()]));
        }
        parts.push(Part::Name {
            name: whole.as_str(),
            form: found.get(1).map_or("text", |form| form.as_str()),
        });
        end = whole.end();
    }
    if end < text.len() {
        parts.push(Part::Text(&text[end..]));
    }
    parts
}

/// Whether a name of this form can stand for this text.
fn is_of(form: &str, text: &str) -> bool {
    static FORMS: OnceLock<[(&str, Regex); 4]> = OnceLock::new();
    let forms = FORMS.get_or_init(|| {
        [
            ("ulid", "^[0-7][0-9A-HJKMNP-TV-Z]{25}$"),
            ("uuid", "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"),
            ("time", r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3,9}Z$"),
            ("text", "^[!-~]+$"),
        ]
        .map(|(form, pattern)| (form, Regex::new(pattern).expect("a pattern")))
    });
    forms
        .iter()
        .any(|(known, pattern)| *known == form && pattern.is_match(text))
}

#[test]
fn a_name_means_what_it_meant_first() {
    let mut names = Names::default();
    let (one, two) = ("01JGXQ5Z8M0000000000000001", "01JGXQ5Z8M0000000000000002");
    assert!(names.fill("/builds/<ulid:build-1>").is_err());
    assert!(names.meet("bucket/<ulid:build-1>/x", &format!("bucket/{one}/x")));
    assert!(names.meet("<ulid:build-1>", one));
    assert!(!names.meet("<ulid:build-1>", two));
    assert!(!names.meet("<ulid:build-2>", "not-an-id"));
    assert!(!names.meet("<ulid:build-3>", ""));
    assert!(names.meet("<no-defined-source-file>", "<no-defined-source-file>"));
    assert_eq!(
        names.fill("/builds/<ulid:build-1>"),
        Ok(format!("/builds/{one}"))
    );
}
