//! The board as a table in CSV: a line for each reason, and one for each bucket without any.

use std::borrow::Cow;

use touchmark_wire::time::Timestamp;

use crate::{
    cache::board::Row,
    domain::{board::Reason, time::Time},
    error::{Error, Result},
};

const HEAD: [&str; 10] = [
    "bucket", "state", "reason", "severity", "since", "due", "channel", "version", "text",
    "command",
];

/// The table of these rows.
pub(super) fn of<'a>(rows: impl Iterator<Item = &'a Row>) -> Result<Vec<u8>> {
    let mut table = csv::Writer::from_writer(Vec::new());
    table.write_record(HEAD).map_err(Error::internal)?;
    for row in rows {
        let lines: Vec<Option<&Reason>> = match row.reasons.as_ref() {
            [] => vec![None],
            reasons => reasons.iter().map(Some).collect(),
        };
        for reason in lines {
            let cells = cells(row, reason);
            let cells = cells.iter().map(|cell| harmless(cell).into_owned());
            table.write_record(cells).map_err(Error::internal)?;
        }
    }
    table
        .into_inner()
        .map_err(|error| Error::internal(error.to_string()))
}

fn cells(row: &Row, reason: Option<&Reason>) -> [String; 10] {
    let time = |time: Option<Time>| {
        let time = time.map(|time| Timestamp::from(time).to_string());
        time.unwrap_or_default()
    };
    let of = |text: fn(&Reason) -> String| reason.map(text).unwrap_or_default();
    [
        row.bucket.to_string(),
        row.state.as_str().to_owned(),
        of(|reason| reason.kind.as_str().to_owned()),
        of(|reason| reason.severity.as_str().to_owned()),
        time(reason.and_then(|reason| reason.since)),
        time(reason.and_then(|reason| reason.due)),
        of(|reason| reason.channel.clone().unwrap_or_default()),
        of(|reason| {
            let version = reason.version.as_ref();
            version.map(|found| found.name.clone()).unwrap_or_default()
        }),
        of(Reason::text),
        reason
            .map(|reason| reason.command(&row.bucket))
            .unwrap_or_default(),
    ]
}

/// A cell that no program takes for a formula.
fn harmless(cell: &str) -> Cow<'_, str> {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        Cow::Owned(format!("'{cell}"))
    } else {
        Cow::Borrowed(cell)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_program_would_compute_is_a_text() {
        for cell in ["=1+1", "+1", "-1", "@sum", "\tx", "\rx"] {
            assert_eq!(harmless(cell), format!("'{cell}"));
        }
        for cell in ["", "a=1", "'=1", "1-1"] {
            assert_eq!(harmless(cell), cell);
        }
    }
}
