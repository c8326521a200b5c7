//! The command line: all commands, from which help, man pages and completions are made as well.

use clap::{Parser, Subcommand};

use crate::commands::{auth, bucket, build, push};
use crate::settings::Flags;

/// Records machine images in a Touchmark registry, and finds, promotes and revokes them
#[derive(Debug, Parser)]
#[command(
    name = "touchmark",
    version,
    subcommand_required = true,
    arg_required_else_help = true
)]
#[command(
    after_help = "Exit codes: 0 done, 1 failed, 2 wrong usage or declined, 3 revoked, 4 not allowed, \
    5 not found, 6 conflict, 7 registry away, 8 built but not recorded, 130 interrupted."
)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) flags: Flags,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run Packer and record what it builds
    Build(Box<build::Arguments>),
    /// Record what was built elsewhere, or send what could not be sent before
    Push(Box<push::Arguments>),
    /// List, show, create, change and delete buckets
    #[command(subcommand)]
    Bucket(bucket::Command),
    /// Sign in and out, and see who you are
    #[command(subcommand)]
    Auth(auth::Command),
    /// Show the settings in force and where each comes from
    Config,
    /// Print the version
    Version,
}
