//! The command line: all commands, from which help, man pages and completions are made as well.

use std::path::PathBuf;

use clap::{Parser, Subcommand};
use clap_complete::Shell;

use crate::commands::{
    artifact, auth, bucket, build, channel, events, push, resolve, sbom, version,
};
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
    /// Print the id of the image that a channel hands out
    Resolve(resolve::Arguments),
    /// List, show, create, change and delete buckets
    #[command(subcommand)]
    Bucket(bucket::Command),
    /// Show and change what channels hold
    #[command(subcommand)]
    Channel(channel::Command),
    /// List, show, compare, revoke, restore and delete versions; alone, print the version of this program
    Version {
        #[command(subcommand)]
        command: Option<version::Command>,
    },
    /// Find out where artifacts come from
    #[command(subcommand)]
    Artifact(artifact::Command),
    /// Upload, download and list software bills of material
    #[command(subcommand)]
    Sbom(sbom::Command),
    /// Show what happened, the newest first
    #[command(after_help = "\
With --follow it goes on with the oldest first until it is interrupted, and waits for a registry that is away.

Examples:
  $ touchmark events --bucket alpine --limit 10
  $ touchmark events --action channel.assigned --since 2026-01-01T00:00:00Z --json=at,actor,resource")]
    Events(events::Events),
    /// Sign in and out, and see who you are
    #[command(subcommand)]
    Auth(auth::Command),
    /// Show the settings in force and where each comes from
    #[command(after_help = "\
Examples:
  $ touchmark config")]
    Config,
    /// Check what could keep the other commands from working
    #[command(after_help = "\
Exits with 1 when a check failed.

Examples:
  $ touchmark doctor
  $ touchmark doctor --json")]
    Doctor,
    /// Print the script that completes commands in a shell, and the names that the registry knows
    #[command(after_help = "\
The shell reads it whenever it starts, in zsh behind compinit:
  ~/.bashrc                   source <(touchmark completion bash)
  ~/.zshrc                    source <(touchmark completion zsh)
  ~/.config/fish/config.fish  touchmark completion fish | source
  ~/.config/elvish/rc.elv     eval (touchmark completion elvish | slurp)
  $PROFILE of PowerShell      touchmark completion powershell | Out-String | Invoke-Expression

It completes the names of buckets, channels, versions and the like as well. The registry is asked for them while you \
type, has 300 ms to answer, and is asked again after a minute.

Examples:
  $ touchmark completion bash > touchmark.bash
  $ touchmark completion zsh > touchmark.zsh")]
    Completion {
        /// The shell
        shell: Shell,
    },
    /// Print the manual page, or write the pages of all commands into a folder
    #[command(after_help = "\
Examples:
  $ touchmark man > touchmark.1
  $ touchmark man man1")]
    Man {
        /// Write all pages into this folder, which is made
        #[arg(value_name = "DIR")]
        folder: Option<PathBuf>,
    },
}
