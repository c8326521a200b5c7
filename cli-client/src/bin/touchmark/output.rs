//! The result of a command, on standard output: text for people, or JSON with all or some of its fields.

use std::fmt::Write as _;

use serde::Serialize;
use serde_json::{Map, Value};
use unicode_width::UnicodeWidthStr;

use crate::exit::{Context, Failure, Result};
use crate::settings::Flags;

/// What a command found or did.
pub(crate) struct Report {
    /// As JSON: an object, or an array of objects for a list.
    value: Value,
    /// For people; ends with a line break unless it is empty.
    text: String,
    /// Why the command fails although it has a result.
    failure: Option<Failure>,
}

impl Report {
    /// A result that is shown as `text`, or as the JSON of `value`.
    pub(crate) fn new(value: &impl Serialize, text: impl Into<String>) -> Result<Self> {
        let value = serde_json::to_value(value).context(|| "the result is no JSON".to_owned())?;
        let mut text = text.into();
        if !text.is_empty() && !text.ends_with('\n') {
            text.push('\n');
        }
        Ok(Self {
            value,
            text,
            failure: None,
        })
    }

    /// A document that is printed as it is.
    pub(crate) fn document(value: &impl Serialize, text: String) -> Result<Self> {
        let report = Self::new(value, "")?;
        Ok(Self { text, ..report })
    }

    /// The same, after which the command fails.
    #[must_use]
    pub(crate) fn but(mut self, failure: Option<Failure>) -> Self {
        self.failure = failure;
        self
    }

    /// How the command ends once the result is printed.
    pub(crate) fn end(self) -> Result<()> {
        self.failure.map_or(Ok(()), Err)
    }

    /// The same with nothing for people, since it has been shown already.
    pub(crate) fn silent(self) -> Self {
        Self {
            text: String::new(),
            ..self
        }
    }

    /// What is printed under these flags, and what is wrong with them: a field that the result does not have is
    /// `null` in it, since the command may have changed something that is to be told.
    pub(crate) fn print(&self, flags: &Flags) -> Result<(String, Result)> {
        let mut fine = Ok(());
        let Some(fields) = &flags.json else {
            return Ok((self.text.clone(), fine));
        };
        let value = chosen(&self.value, fields, &mut fine);
        let mut text = serde_json::to_string_pretty(&value)
            .context(|| "the result cannot be written".to_owned())?;
        text.push('\n');
        Ok((text, fine))
    }
}

/// An entry of a list that has no end, as a line: `text`, or the JSON of `value` under these flags.
///
/// # Errors
/// A usage failure when the entry does not have a field that the flags name.
pub(crate) fn line(value: &impl Serialize, text: &str, flags: &Flags) -> Result<String> {
    let Some(fields) = &flags.json else {
        return Ok(format!("{text}\n"));
    };
    let value = serde_json::to_value(value).context(|| "the result is no JSON".to_owned())?;
    let mut fine = Ok(());
    let value = chosen(&value, fields, &mut fine);
    fine.map(|()| format!("{value}\n"))
}

/// The fields that are wanted, separated by commas; all when none is named.
fn chosen(value: &Value, fields: &str, fine: &mut Result) -> Value {
    if fields.is_empty() {
        return value.clone();
    }
    let fields: Vec<&str> = fields.split(',').map(str::trim).collect();
    select(value, &fields, fine)
}

fn select(value: &Value, fields: &[&str], fine: &mut Result) -> Value {
    match value {
        Value::Array(entries) => {
            let entries = entries.iter();
            entries.map(|entry| select(entry, fields, fine)).collect()
        }
        Value::Object(object) => {
            let mut chosen = Map::new();
            for &field in fields {
                let value = object.get(field);
                if value.is_none() {
                    *fine = Err(unknown(field, object));
                }
                chosen.insert(field.to_owned(), value.cloned().unwrap_or_default());
            }
            Value::Object(chosen)
        }
        other => other.clone(),
    }
}

fn unknown(field: &str, object: &Map<String, Value>) -> Failure {
    let known: Vec<&str> = object.keys().map(String::as_str).collect();
    Failure::usage(format!(
        "the result has no field {field:?}; it has {}",
        known.join(", ")
    ))
}

/// Rows under a heading, in columns.
pub(crate) struct Table {
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table with these headings.
    pub(crate) fn new<const N: usize>(headings: [&str; N]) -> Self {
        let headings = headings.map(str::to_uppercase);
        Self {
            rows: vec![headings.into()],
        }
    }

    /// Adds a row.
    pub(crate) fn row<const N: usize>(&mut self, cells: [String; N]) {
        self.rows.push(cells.map(|cell| shown(&cell)).into());
    }

    /// As text; `nothing` when there are no rows.
    pub(crate) fn text(&self, nothing: &str) -> String {
        if self.rows.len() == 1 {
            return format!("{nothing}\n");
        }
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let cells = |column: usize| self.rows.iter().filter_map(move |row| row.get(column));
        let widths: Vec<usize> = (0..columns)
            .map(|column| cells(column).map(|cell| cell.width()).max().unwrap_or(0))
            .collect();
        let mut text = String::new();
        for row in &self.rows {
            let mut line = String::new();
            for (cell, wide) in row.iter().zip(&widths) {
                line.push_str(&padded(cell, wide + 2));
            }
            text.push_str(line.trim_end());
            text.push('\n');
        }
        text
    }
}

/// One thing: what it is, a line for each part of it.
#[derive(Default)]
pub(crate) struct Details {
    lines: Vec<(&'static str, String)>,
}

impl Details {
    /// Adds a part, unless there is nothing to say of it.
    pub(crate) fn line(&mut self, name: &'static str, value: impl Into<String>) -> &mut Self {
        let value = value.into();
        if !value.is_empty() {
            self.lines.push((name, shown(&value)));
        }
        self
    }

    /// As text.
    pub(crate) fn text(&self) -> String {
        let names = self.lines.iter().map(|(name, _)| name.len());
        let wide = names.max().unwrap_or(0) + 3;
        let mut text = String::new();
        for (name, value) in &self.lines {
            let _ = writeln!(text, "{}{value}", padded(&format!("{name}:"), wide));
        }
        text
    }
}

fn padded(text: &str, wide: usize) -> String {
    format!("{text}{}", " ".repeat(wide.saturating_sub(text.width())))
}

/// Control characters could rule the terminal.
pub(crate) fn shown(text: &str) -> String {
    text.replace(char::is_control, "\u{fffd}")
}
