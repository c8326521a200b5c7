//! Under what callers are remembered: their token, and how they say where they are.

use quick_cache::Equivalent;

/// How a request says in which project it takes place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Where<'a> {
    /// In the project of this id.
    Id(&'a str),
    /// In the words of our own face: by id or name, or, when it says nothing, in the caller's only one. Which
    /// project that is depends on the caller.
    Words(&'a str),
}

/// A token in a project: what an `Authorization` header said, and where.
#[derive(PartialEq, Eq, Hash)]
pub(super) struct Token {
    header: Box<[u8]>,
    in_words: bool,
    project: Box<str>,
}

/// The same, borrowed from a request.
#[derive(Hash)]
pub(super) struct TokenRef<'a> {
    header: &'a [u8],
    in_words: bool,
    project: &'a str,
}

impl<'a> TokenRef<'a> {
    pub(super) fn new(header: &'a [u8], place: Where<'a>) -> Self {
        let (in_words, project) = match place {
            Where::Id(id) => (false, id),
            Where::Words(words) => (true, words),
        };
        Self {
            header,
            in_words,
            project,
        }
    }

    /// The same, to be kept.
    pub(super) fn to_owned(&self) -> Token {
        Token {
            header: self.header.into(),
            in_words: self.in_words,
            project: self.project.into(),
        }
    }
}

impl Equivalent<Token> for TokenRef<'_> {
    fn equivalent(&self, token: &Token) -> bool {
        *self.header == *token.header
            && self.in_words == token.in_words
            && *self.project == *token.project
    }
}
