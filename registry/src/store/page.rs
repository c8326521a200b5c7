//! Pages of a list: by key, never by offset. A token names the row that it begins after (or ends
//! before), so rows that come or go meanwhile neither repeat nor skip others.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use serde::{Deserialize, Serialize};

use crate::{
    domain::limit,
    error::{Error, Result},
};

/// The order of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sort {
    /// The field's name on the wire.
    pub field: &'static str,
    /// Whether the greatest comes first.
    pub descending: bool,
}

/// What a list can be asked for.
#[derive(Debug, Clone, Copy)]
pub struct Listing {
    /// Fields it can be sorted by; each has an index.
    pub sortable: &'static [&'static str],
    /// Its order when none is asked for.
    pub default: Sort,
    /// Rows of a page when no size is asked for.
    pub size: usize,
}

/// The paging parameters as they were sent; empty for "not sent".
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Rows, as decimal text.
    pub page_size: String,
    /// Go on after this token.
    pub next: String,
    /// Go back before this token.
    pub previous: String,
    /// `field [asc|desc]`, possibly several separated by commas.
    pub order_by: Vec<String>,
}

/// Which rows of a list are wanted.
#[derive(Debug, Clone)]
pub struct PageRequest {
    /// Rows at most.
    pub size: usize,
    /// The order.
    pub sort: Sort,
    start: Option<Token>,
}

/// A row's place in an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    /// The value that rows are sorted by; numbers as decimal text.
    pub key: String,
    /// What tells rows with the same value apart.
    pub id: String,
}

impl Cursor {
    /// The place of a row whose key is a number that occurs once.
    pub fn number(key: i64) -> Self {
        Self {
            key: key.to_string(),
            id: String::new(),
        }
    }

    /// The place of a row whose key is a text that occurs once.
    pub fn text(key: &str) -> Self {
        Self {
            key: key.to_owned(),
            id: String::new(),
        }
    }

    /// The key as a number.
    ///
    /// # Errors
    /// [`Error::Invalid`] when it is none: the token was not made here.
    pub fn as_number(&self) -> Result<i64> {
        self.key
            .parse()
            .map_err(|_| bad_token("pagination.next_page_token"))
    }
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Token {
    field: String,
    descending: bool,
    backward: bool,
    cursor: Cursor,
}

fn bad_token(field: &'static str) -> Error {
    Error::invalid(field, "is not a token of this list")
}

impl PageRequest {
    /// Reads the parameters of a list.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a size, an order or a token that cannot be used.
    pub fn parse(wanted: &Wanted, listing: &Listing) -> Result<Self> {
        let size = match wanted.page_size.as_str() {
            "" | "0" => listing.size,
            text => text
                .parse::<usize>()
                .map_err(|_| Error::invalid("pagination.page_size", "must be a number, 0 or more"))?
                .min(limit::PAGE_MAX),
        };
        let sort = parse_sort(&wanted.order_by, listing)?;
        let (field, text, backward) = match (wanted.next.as_str(), wanted.previous.as_str()) {
            ("", "") => {
                return Ok(Self {
                    size,
                    sort,
                    start: None,
                });
            }
            (next, "") => ("pagination.next_page_token", next, false),
            ("", previous) => ("pagination.previous_page_token", previous, true),
            _ => {
                let problem = "cannot be given together with pagination.next_page_token";
                return Err(Error::invalid("pagination.previous_page_token", problem));
            }
        };
        let token: Token = BASE64
            .decode(text)
            .ok()
            .and_then(|json| serde_json::from_slice(&json).ok())
            .ok_or_else(|| bad_token(field))?;
        // No key has a NUL in it, and PostgreSQL would fail on one.
        let cursor = &token.cursor;
        let fits = ![&cursor.key, &cursor.id]
            .iter()
            .any(|text| text.contains('\0'))
            && token.backward == backward
            && token.field == sort.field
            && token.descending == sort.descending;
        if !fits {
            return Err(bad_token(field));
        }
        Ok(Self {
            size,
            sort,
            start: Some(token),
        })
    }

    /// The row to go on from.
    pub fn cursor(&self) -> Option<&Cursor> {
        self.start.as_ref().map(|token| &token.cursor)
    }

    /// Whether the query must run from great to small: the order turned round when going back.
    pub fn descending(&self) -> bool {
        self.sort.descending != self.backward()
    }

    /// Rows to ask the database for: one more than wanted tells whether there are more.
    pub fn fetch(&self) -> i64 {
        i64::try_from(self.size).unwrap_or(i64::MAX - 1) + 1
    }

    fn backward(&self) -> bool {
        self.start.as_ref().is_some_and(|token| token.backward)
    }

    fn token(&self, cursor: Cursor, backward: bool) -> String {
        let Sort { field, descending } = self.sort;
        let token = Token {
            field: field.to_owned(),
            descending,
            backward,
            cursor,
        };
        BASE64.encode(serde_json::to_vec(&token).unwrap_or_default())
    }
}

fn parse_sort(order_by: &[String], listing: &Listing) -> Result<Sort> {
    let mut sort = None;
    for part in order_by.iter().flat_map(|text| text.split(',')) {
        let mut words = part.split_whitespace();
        let Some(name) = words.next() else { continue };
        let field = listing
            .sortable
            .iter()
            .find(|field| **field == name)
            .ok_or_else(|| {
                let can = listing.sortable.join(", ");
                Error::invalid(
                    "sorting.order_by",
                    format!("cannot sort by {name:?}, only by {can}"),
                )
            })?;
        let descending = match (words.next(), words.next()) {
            (None, None) => false,
            (Some(word), None) if word.eq_ignore_ascii_case("asc") => false,
            (Some(word), None) if word.eq_ignore_ascii_case("desc") => true,
            _ => {
                return Err(Error::invalid(
                    "sorting.order_by",
                    "must be: field [asc|desc]",
                ));
            }
        };
        // What comes after the first field only tells equal rows apart, of which there are none.
        sort.get_or_insert(Sort { field, descending });
    }
    Ok(sort.unwrap_or(listing.default))
}

/// Some rows of a list, and the tokens of the pages around them (empty at the ends).
#[derive(Debug, Clone)]
pub struct Page<T> {
    /// The rows, in the order that was asked for.
    pub rows: Vec<T>,
    /// Token of the next page.
    pub next: String,
    /// Token of the page before.
    pub previous: String,
}

impl<T> Page<T> {
    /// Makes a page of what a query for [`PageRequest::fetch`] rows answered.
    pub fn of(mut rows: Vec<T>, request: &PageRequest, place: impl Fn(&T) -> Cursor) -> Self {
        let more = rows.len() > request.size;
        rows.truncate(request.size);
        if request.backward() {
            rows.reverse();
        }
        let (before, after) = match (request.backward(), request.start.is_some()) {
            (true, _) => (more, true),
            (false, started) => (started, more),
        };
        let token = |row: Option<&T>, there: bool, backward: bool| match row {
            Some(row) if there => request.token(place(row), backward),
            _ => String::new(),
        };
        let next = token(rows.last(), after, false);
        let previous = token(rows.first(), before, true);
        Self {
            rows,
            next,
            previous,
        }
    }

    /// Makes a page of a whole list that is in memory, in the order of its keys.
    pub fn cut(mut all: Vec<T>, request: &PageRequest, place: impl Fn(&T) -> Cursor) -> Self {
        if request.descending() {
            all.reverse();
        }
        let beyond = |row: &T| match request.cursor() {
            Some(cursor) if request.descending() => place(row).key < cursor.key,
            Some(cursor) => place(row).key > cursor.key,
            None => true,
        };
        let rows = all
            .into_iter()
            .filter(beyond)
            .take(request.size + 1)
            .collect();
        Self::of(rows, request, place)
    }

    /// The same page of something else.
    pub fn map<U>(self, convert: impl FnMut(T) -> U) -> Page<U> {
        let rows = self.rows.into_iter().map(convert).collect();
        Page {
            rows,
            next: self.next,
            previous: self.previous,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LISTING: Listing = Listing {
        sortable: &["name"],
        default: Sort {
            field: "name",
            descending: false,
        },
        size: 2,
    };

    fn page(wanted: &Wanted) -> Page<i64> {
        let request = PageRequest::parse(wanted, &LISTING).unwrap();
        Page::cut((1..=5).collect(), &request, |row| Cursor::number(*row))
    }

    #[test]
    fn walking_forth_and_back_shows_each_row_once() {
        let first = page(&Wanted::default());
        assert_eq!((first.rows, first.previous.as_str()), (vec![1, 2], ""));
        let second = page(&Wanted {
            next: first.next,
            ..Wanted::default()
        });
        assert_eq!(second.rows, vec![3, 4]);
        let third = page(&Wanted {
            next: second.next,
            ..Wanted::default()
        });
        assert_eq!((third.rows, third.next.as_str()), (vec![5], ""));
        let back = page(&Wanted {
            previous: third.previous,
            ..Wanted::default()
        });
        assert_eq!(back.rows, vec![3, 4]);
        let start = page(&Wanted {
            previous: back.previous,
            ..Wanted::default()
        });
        assert_eq!((start.rows, start.previous.as_str()), (vec![1, 2], ""));
    }

    #[test]
    fn a_token_belongs_to_its_order() {
        let next = page(&Wanted::default()).next;
        let turned = Wanted {
            next,
            order_by: vec!["name desc".into()],
            ..Wanted::default()
        };
        assert!(PageRequest::parse(&turned, &LISTING).is_err());
        let nul = r#"{"field":"name","descending":false,"backward":false,"cursor":{"key":"\u0000","id":""}}"#;
        for junk in ["junk".to_owned(), BASE64.encode(nul)] {
            let junk = Wanted {
                next: junk,
                ..Wanted::default()
            };
            assert!(PageRequest::parse(&junk, &LISTING).is_err());
        }
    }

    #[test]
    fn unknown_fields_and_sizes_are_refused() {
        for order in ["size", "name up", "name asc desc"] {
            let wanted = Wanted {
                order_by: vec![order.into()],
                ..Wanted::default()
            };
            assert!(PageRequest::parse(&wanted, &LISTING).is_err(), "{order}");
        }
        for size in ["-1", "ten"] {
            let wanted = Wanted {
                page_size: size.into(),
                ..Wanted::default()
            };
            assert!(PageRequest::parse(&wanted, &LISTING).is_err(), "{size}");
        }
    }
}
