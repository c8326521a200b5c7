//! The commands of an operator: what they take and what they print.

use std::{fmt::Write as _, path::PathBuf};

use clap::{Args, Subcommand};
use touchmark_registry::{
    config::Flags,
    error::Error,
    maintenance::{
        self,
        archive::Manifest,
        backup::{self, Existing},
        restore::{self, Restored},
    },
};

use super::{Done, Failure, load, principal::show::exported, print};

/// What an operator does to a whole registry.
#[derive(Subcommand)]
pub(crate) enum Operation {
    /// Re-verify everything that is stored; works on the database, also while a server runs
    Check(Check),
    /// Copy a registry on SQLite into one private file, also while a server runs
    Backup(Backup),
    /// Put a backup back into a data folder that no server uses
    Restore(Restore),
    /// Give a locked-out admin a new secret; works on the database, also while a server runs
    Recover(Recover),
}

#[derive(Args)]
pub(crate) struct Check {
    /// Print the findings as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    flags: Flags,
}

#[derive(Args)]
pub(crate) struct Backup {
    /// The file to write; it holds every secret of the registry
    file: PathBuf,
    /// Replace the file if it exists
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    flags: Flags,
}

#[derive(Args)]
pub(crate) struct Restore {
    /// The file that `backup` wrote
    file: PathBuf,
    /// Move what is in the data folder aside
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    flags: Flags,
}

#[derive(Args)]
pub(crate) struct Recover {
    /// The admin to let in [default: the oldest of the organization]
    #[arg(long, value_name = "NAME")]
    principal: Option<String>,
    #[command(flatten)]
    flags: Flags,
}

impl Operation {
    /// Does it.
    pub(crate) fn run(self) -> Done {
        match self {
            Self::Check(command) => command.run(),
            Self::Backup(command) => command.run(),
            Self::Restore(command) => command.run(),
            Self::Recover(command) => command.run(),
        }
    }
}

fn existing(force: bool) -> Existing {
    if force {
        Existing::Replace
    } else {
        Existing::Keep
    }
}

fn wait<T>(work: impl Future<Output = Result<T, Error>>) -> Result<T, Failure> {
    Ok(actix_web::rt::System::new().block_on(work)?)
}

impl Check {
    fn run(self) -> Done {
        let settings = load(&self.flags)?;
        let findings = wait(maintenance::check(&settings))?;
        let mut text = String::new();
        if self.json {
            let json = serde_json::to_string_pretty(&findings);
            text = json.map_err(|error| error.to_string())?;
            text.push('\n');
        } else if findings.is_empty() {
            text.push_str("everything is sound\n");
        }
        if !self.json {
            for finding in &findings {
                let _ = writeln!(text, "{finding}");
            }
        }
        print(&text)?;
        match findings.len() {
            0 => Ok(()),
            count => Err(Failure::new(
                1,
                format!("{count} findings: stop writing to this registry, and see what changed it"),
            )),
        }
    }
}

impl Backup {
    fn run(self) -> Done {
        let settings = load(&self.flags)?;
        let made = backup::backup(&settings, &self.file, existing(self.force));
        let made = made?;
        let mut text = format!(
            "Backed up to {}: {}\n",
            self.file.display(),
            described(&made)
        );
        text.push_str(
            "It holds every secret of the registry: keep it where only you can read it.\n",
        );
        Ok(print(&text)?)
    }
}

fn described(manifest: &Manifest) -> String {
    let names: Vec<&str> = manifest
        .members
        .iter()
        .map(|member| member.name.as_str())
        .collect();
    format!(
        "{} as of {}, up to event {}, schema {}",
        names.join(", "),
        manifest.created_at,
        manifest.last_event,
        manifest.schema,
    )
}

impl Restore {
    fn run(self) -> Done {
        let settings = load(&self.flags)?;
        let restored = wait(restore::restore(
            &settings,
            &self.file,
            existing(self.force),
        ))?;
        let Restored {
            manifest,
            aside,
            findings,
            advice,
        } = restored;
        let folder = settings.data_dir.display();
        let mut text = format!("Restored to {folder}: {}\n", described(&manifest));
        if let Some(aside) = aside {
            let _ = writeln!(text, "What was there before is in {}", aside.display());
        }
        for line in advice {
            let _ = writeln!(text, "Note: {line}");
        }
        let findings = findings.map(|found| {
            for finding in &found {
                let _ = writeln!(text, "{finding}");
            }
            found.len()
        });
        if findings == Some(0) {
            text.push_str("Checked: everything is sound\n");
        }
        print(&text)?;
        match findings {
            Some(count @ 1..) => {
                let message = format!("{count} findings: the backup itself is not sound");
                Err(Failure::new(1, message))
            }
            _ => Ok(()),
        }
    }
}

impl Recover {
    fn run(self) -> Done {
        let settings = load(&self.flags)?;
        let (created, path) = wait(maintenance::recover(&settings, self.principal))?;
        let credentials = exported(&created.principal.client_id, created.secret.reveal());
        let name = &created.principal.name;
        Ok(print(&format!(
            "# {name}: all secrets that it had before have ended.\n{credentials}# Written to {} as well.\n",
            path.display()
        ))?)
    }
}
