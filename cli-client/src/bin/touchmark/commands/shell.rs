//! `touchmark completion` and `touchmark man`.

use std::fs;
use std::io;
use std::path::Path;

use clap::CommandFactory as _;
use clap_complete::Shell;
use clap_mangen::Man;
use serde_json::json;

use crate::arguments::Arguments;
use crate::completion;
use crate::exit::{Context as _, Failure, Result};
use crate::output::Report;

/// Prints the script that completes commands in a shell.
pub(crate) fn completion(shell: Shell) -> Result<Report> {
    let script = completion::script(shell)?;
    let value = json!({ "shell": shell.to_string(), "script": script });
    Report::document(&value, script)
}

/// Prints the page of the command itself, or writes the pages of all commands into a folder.
pub(crate) fn man(folder: Option<&Path>) -> Result<Report> {
    let mut command = Arguments::command();
    command.build();
    let Some(folder) = folder else {
        let page = page(&command)?;
        return Report::document(&json!({ "name": "touchmark.1", "page": page }), page);
    };
    fs::create_dir_all(folder).context(|| format!("{} cannot be made", folder.display()))?;
    let mut names = Vec::new();
    write(&command, folder, &mut names)?;
    let text = format!(
        "{} pages were written to {}.",
        names.len(),
        folder.display()
    );
    Report::new(&names, text)
}

fn write(command: &clap::Command, folder: &Path, names: &mut Vec<String>) -> Result<()> {
    let name = format!("{}.1", file_name(command));
    let file = folder.join(&name);
    fs::write(&file, page(command)?).context(|| format!("{} cannot be written", file.display()))?;
    names.push(name);
    let commands = command.get_subcommands();
    for command in commands.filter(|command| command.get_name() != "help") {
        write(command, folder, names)?;
    }
    Ok(())
}

/// The words of the command with dashes between them, as in `touchmark-bucket-list`.
fn file_name(command: &clap::Command) -> String {
    let name = command.get_display_name();
    name.unwrap_or_else(|| command.get_name()).to_owned()
}

fn page(command: &clap::Command) -> Result<String> {
    let mut page = Vec::new();
    let rendered: io::Result<()> = Man::new(command.clone())
        .title(file_name(command))
        .render(&mut page);
    rendered.context(|| "the page cannot be made".to_owned())?;
    text(page)
}

fn text(bytes: Vec<u8>) -> Result<String> {
    String::from_utf8(bytes).map_err(|error| Failure::plain(error.to_string()))
}
