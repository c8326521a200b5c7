//! The table of how things grow.

use std::fmt;

use serde::Serialize;

/// One question, and how long each registry took for it: milliseconds.
#[derive(Debug, Serialize)]
pub(super) struct Row {
    pub(super) question: &'static str,
    pub(super) p50_and_p99: Vec<(f64, f64)>,
}

/// What one registry takes.
#[derive(Debug, Serialize)]
pub(super) struct Column {
    pub(super) versions: usize,
    /// Answers that were given before memory was looked at, each about another bucket or version.
    pub(super) requests_under_load: u64,
    /// The most memory that the server ever had.
    pub(super) peak_kilobytes: u64,
    /// With SQLite's log of writes as large as it grew.
    pub(super) bytes_while_served: u64,
    pub(super) bytes: u64,
}

/// Everything.
#[derive(Debug, Default, Serialize)]
pub(super) struct Table {
    pub(super) load_average: String,
    pub(super) columns: Vec<Column>,
    pub(super) rows: Vec<Row>,
}

impl Table {
    fn line(
        &self,
        f: &mut fmt::Formatter<'_>,
        name: &str,
        cell: impl Fn(&Column) -> String,
    ) -> fmt::Result {
        write!(f, "| {name} |")?;
        for column in &self.columns {
            write!(f, " {} |", cell(column))?;
        }
        writeln!(f)
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "load average {}\n", self.load_average)?;
        self.line(f, "p50 in ms (ratio to the first)", |column| {
            format!("{} versions", column.versions)
        })?;
        write!(f, "| --- |")?;
        for _ in &self.columns {
            write!(f, " ---: |")?;
        }
        writeln!(f)?;
        for row in &self.rows {
            write!(f, "| {} |", row.question)?;
            let first = row.p50_and_p99.first().map_or(f64::NAN, |(p50, _)| *p50);
            for (number, (p50, _)) in row.p50_and_p99.iter().enumerate() {
                write!(f, " {p50:.2}")?;
                if number > 0 {
                    write!(f, " ({:.2})", p50 / first)?;
                }
                write!(f, " |")?;
            }
            writeln!(f)?;
        }
        self.line(f, "on disk, MB", |column| {
            (column.bytes / 1_000_000).to_string()
        })?;
        self.line(f, "on disk while served, MB", |column| {
            (column.bytes_while_served / 1_000_000).to_string()
        })?;
        self.line(f, "server's memory under load, most, MB", |column| {
            (column.peak_kilobytes / 1_000).to_string()
        })?;
        self.line(f, "answers under that load", |column| {
            column.requests_under_load.to_string()
        })
    }
}
