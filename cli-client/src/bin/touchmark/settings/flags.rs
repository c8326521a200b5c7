//! The flags that all commands have.

use std::path::PathBuf;

use crate::completion::{Named, names};

/// What they say.
#[derive(Debug, Clone, Default, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "they are flags")]
#[expect(clippy::doc_markdown, reason = "this is the text of the help")]
pub(crate) struct Flags {
    #[arg(
        long,
        global = true,
        value_name = "URL",
        help = "Address of the registry, such as https://registry.example.com:8443",
        help_heading = "Global options"
    )]
    pub(crate) url: Option<String>,
    /// Project, by name or id [default: the only one]
    #[arg(
        long,
        global = true,
        value_name = "NAME",
        help_heading = "Global options",
        add = names(Named::Project)
    )]
    pub(crate) project: Option<String>,
    /// Profile of client.toml to use, before what the environment says
    #[arg(
        long,
        global = true,
        value_name = "NAME",
        help_heading = "Global options",
        add = names(Named::Profile)
    )]
    pub(crate) profile: Option<String>,
    /// Trust the certificates in this PEM file instead of the system's
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        help_heading = "Global options"
    )]
    pub(crate) ca_file: Option<PathBuf>,
    /// Print the result as JSON: whole, or only these fields, as in --json=name,id
    #[arg(
        long,
        global = true,
        value_name = "FIELDS",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "",
        help_heading = "Global options"
    )]
    pub(crate) json: Option<String>,
    /// Ask nothing, even at a terminal
    #[arg(long, global = true, help_heading = "Global options")]
    pub(crate) no_input: bool,
    /// Print results and errors only
    #[arg(long, short, global = true, help_heading = "Global options")]
    pub(crate) quiet: bool,
    /// No colours, as with NO_COLOR
    #[arg(long, global = true, help_heading = "Global options")]
    pub(crate) no_color: bool,
    /// Show each request and its answer
    #[arg(long, global = true, help_heading = "Global options")]
    pub(crate) debug: bool,
}
