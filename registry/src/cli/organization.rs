//! `organization`: registries of their own, side by side.

use clap::Subcommand;
use serde_json::json;
use touchmark_registry::{commands::Registry, config::Flags};

use super::{Done, confirm, note, on_registry, print, print_json, table, when};

#[derive(Subcommand)]
pub(crate) enum OrganizationCommand {
    /// Create an organization with a first project, which nobody outside it sees
    Create {
        /// Its name, unique in this registry
        name: String,
        /// Print JSON
        #[arg(long)]
        json: bool,
        #[command(flatten, next_help_heading = "Settings of the server")]
        flags: Flags,
    },
    /// List all organizations
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
        #[command(flatten, next_help_heading = "Settings of the server")]
        flags: Flags,
    },
    /// Delete an organization without buckets, with its projects and principals
    Delete {
        /// Its name or id
        name: String,
        /// The name once more, where nobody can be asked
        #[arg(long, value_name = "NAME")]
        confirm: Option<String>,
        /// Print JSON
        #[arg(long)]
        json: bool,
        #[command(flatten, next_help_heading = "Settings of the server")]
        flags: Flags,
    },
}

impl OrganizationCommand {
    /// Does it.
    pub(crate) fn run(self) -> Done {
        let (Self::Create { flags, .. } | Self::List { flags, .. } | Self::Delete { flags, .. }) =
            &self;
        let flags = flags.clone();
        on_registry(&flags, async |registry| self.on(registry).await)
    }

    async fn on(self, registry: &Registry<'_>) -> Done {
        match self {
            Self::Create { name, json, .. } => create(registry, (name, json)).await,
            Self::List { json, .. } => list(registry, json).await,
            Self::Delete {
                name,
                confirm: given,
                json,
                ..
            } => {
                let found = registry.show_organization(&name).await?;
                confirm("organization", &found.name, given.as_deref())?;
                registry.delete_organization(&found.id).await?;
                note(&format!("The organization {} is deleted.", found.name));
                if json {
                    return print_json(&json!({}));
                }
                Ok(())
            }
        }
    }
}

async fn create(registry: &Registry<'_>, (name, json): (String, bool)) -> Done {
    let (organization, project) = registry.create_organization(name).await?;
    let name = organization.name.clone();
    if json {
        print_json(&json!({ "organization": organization, "project": project }))?;
    } else {
        let rows = [
            vec![
                "organization".to_owned(),
                organization.name,
                organization.id,
            ],
            vec!["project".to_owned(), project.name, project.id],
        ];
        print(&table(&["KIND", "NAME", "ID"], &rows))?;
    }
    note(&format!(
        "Nobody can sign in to it yet. Next: touchmark-registry principal create admin --role admin --scope organization --organization {name}"
    ));
    Ok(())
}

async fn list(registry: &Registry<'_>, json: bool) -> Done {
    let found = registry.list_organizations().await?;
    if json {
        return print_json(&json!({ "organizations": found }));
    }
    let rows: Vec<Vec<String>> = found
        .into_iter()
        .map(|row| vec![row.name, row.id, when(row.created_at)])
        .collect();
    Ok(print(&table(&["NAME", "ID", "CREATED"], &rows))?)
}
