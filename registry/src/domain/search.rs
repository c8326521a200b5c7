//! What a text that is searched for may mean, and which names and labels it fits.

use super::{commit, label::Labels};

/// Characters of a text that is searched for at most.
pub const LONGEST: usize = 1_024;
/// Characters from which a text may be the beginning of a fingerprint or of the name of a package; a shorter
/// one must be all of it.
pub const PREFIX: usize = 4;

/// What is searched for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sought {
    /// The text, without spaces around it.
    pub text: String,
    /// A bucket, and what is meant in it.
    pub place: Option<(String, Pointer)>,
    /// The beginning of a commit.
    pub commit: Option<String>,
}

/// A version of a bucket, as people name it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pointer {
    /// By its number.
    Number(i64),
    /// By the channel that hands it out.
    Channel(String),
}

impl Pointer {
    /// Reads what stands behind the name of a bucket; `None` when it is no word.
    pub fn parse(text: &str) -> Option<Self> {
        if text.is_empty() || text.contains(char::is_whitespace) {
            return None;
        }
        let digits = text.strip_prefix(['v', 'V']);
        let number = digits.and_then(|digits| digits.parse().ok());
        Some(number.map_or_else(|| Self::Channel(text.to_owned()), Self::Number))
    }
}

impl Sought {
    /// Reads a text.
    pub fn parse(text: &str) -> Self {
        let text: String = text.trim().chars().take(LONGEST).collect();
        Self {
            place: place(&text),
            commit: commit::prefix(&text),
            text,
        }
    }

    /// Whether the text is long enough to be the beginning of something.
    pub fn is_prefix(&self) -> bool {
        self.text.chars().count() >= PREFIX
    }

    /// How well a name fits: 0 is the name itself, 1 begins so, 2 has it somewhere.
    pub fn fits_name(&self, name: &str) -> Option<u8> {
        let (name, text) = (name.to_lowercase(), self.text.to_lowercase());
        if name == text {
            Some(0)
        } else if name.starts_with(&text) {
            Some(1)
        } else {
            name.contains(&text).then_some(2)
        }
    }

    /// The first label that fits: its key or its value has the text, or it begins with `key=value`.
    pub fn fits_label<'a>(&self, labels: &'a Labels) -> Option<(&'a str, &'a str)> {
        let text = self.text.to_lowercase();
        let fits = |key: &str, value: &str| {
            let (key, value) = (key.to_lowercase(), value.to_lowercase());
            match text.split_once('=') {
                Some((wanted, begin)) => key == wanted && value.starts_with(begin),
                None => key.contains(&text) || value.contains(&text),
            }
        };
        let mut pairs = labels.pairs().iter();
        pairs
            .find(|(key, value)| fits(key, value))
            .map(|(key, value)| (key.as_str(), value.as_str()))
    }
}

/// `bucket v12`, `bucket:v12`, `bucket:channel` or `bucket channel`.
fn place(text: &str) -> Option<(String, Pointer)> {
    let (bucket, rest) = text
        .split_once(':')
        .or_else(|| text.split_once(char::is_whitespace))?;
    let bucket = Some(bucket.trim()).filter(|bucket| !bucket.is_empty())?;
    Some((bucket.to_owned(), Pointer::parse(rest.trim())?))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn a_version_is_named_by_number_or_channel() {
        let place = |text: &str| Sought::parse(text).place;
        let number = Some(("app".to_owned(), Pointer::Number(12)));
        for text in ["app v12", " app:v12 ", "app: V12", "app  v12"] {
            assert_eq!(place(text), number, "{text}");
        }
        let channel = Some(("app".to_owned(), Pointer::Channel("prod".to_owned())));
        assert_eq!(place("app:prod"), channel);
        assert_eq!(place("app prod"), channel);
        for text in ["app", "app:", ":prod", "some words here", ""] {
            assert_eq!(place(text), None, "{text}");
        }
    }

    #[test]
    fn names_fit_better_the_more_they_are_the_text() {
        let fits = |name: &str| Sought::parse("App").fits_name(name);
        assert_eq!(fits("app"), Some(0));
        assert_eq!(fits("app-server"), Some(1));
        assert_eq!(fits("my-app"), Some(2));
        assert_eq!(fits("db"), None);
    }

    #[test]
    fn labels_fit_by_key_by_value_and_by_both() {
        let pairs = [("team", "Core"), ("os", "debian-12")];
        let pairs = pairs.map(|(key, value)| (key.to_owned(), value.to_owned()));
        let labels = Labels::parse("labels", BTreeMap::from(pairs)).unwrap();
        let fits = |text: &str| {
            Sought::parse(text)
                .fits_label(&labels)
                .map(|(key, _)| key.to_owned())
        };
        for (text, key) in [
            ("core", "team"),
            ("TEA", "team"),
            ("team=co", "team"),
            ("os=", "os"),
        ] {
            assert_eq!(fits(text).as_deref(), Some(key), "{text}");
        }
        for text in ["tea=core", "os=12", "none"] {
            assert_eq!(fits(text), None, "{text}");
        }
    }
}
