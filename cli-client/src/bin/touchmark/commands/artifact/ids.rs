//! The ids of artifacts that a command is about: from arguments, standard input, a CSV file.

use std::collections::HashSet;
use std::io::{self, Read};

use crate::exit::{Context as _, Failure, Result};

use super::Find;

/// What stands for standard input.
const STDIN: &str = "-";

/// All ids, each once, in the order in which they were given.
pub(super) fn read(arguments: &Find) -> Result<Vec<String>> {
    let mut ids = Vec::new();
    for id in &arguments.ids {
        if id == STDIN {
            let mut text = String::new();
            io::stdin()
                .read_to_string(&mut text)
                .context(|| "standard input cannot be read".to_owned())?;
            ids.extend(text.lines().map(str::to_owned));
        } else {
            ids.push(id.clone());
        }
    }
    if let (Some(file), Some(column)) = (&arguments.csv, &arguments.column) {
        ids.extend(of_csv(file, column)?);
    }
    let mut seen = HashSet::new();
    let ids = ids.into_iter().map(|id| id.trim().to_owned());
    let ids: Vec<String> = ids
        .filter(|id| !id.is_empty() && seen.insert(id.clone()))
        .collect();
    if ids.is_empty() {
        return Err(Failure::usage("there are no ids in what was given"));
    }
    Ok(ids)
}

fn of_csv(file: &str, column: &str) -> Result<Vec<String>> {
    let unreadable = || format!("{file} cannot be read");
    let from: Box<dyn Read> = if file == STDIN {
        Box::new(io::stdin())
    } else {
        Box::new(std::fs::File::open(file).context(unreadable)?)
    };
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(from);
    let headings = reader.headers().context(unreadable)?;
    let place = headings.iter().position(|heading| heading.trim() == column);
    let place = place.ok_or_else(|| {
        let all: Vec<&str> = headings.iter().collect();
        let problem = format!("{file} has no column {column}; it has {}", all.join(", "));
        Failure::usage(problem)
    })?;
    let mut ids = Vec::new();
    for row in reader.records() {
        let row = row.context(unreadable)?;
        ids.extend(row.get(place).map(str::to_owned));
    }
    Ok(ids)
}
