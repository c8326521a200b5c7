//! `project`: the parts of an organization, each with its own buckets.

use clap::Subcommand;
use serde_json::json;
use touchmark_registry::{commands::Registry, ops::projects::Create};

use super::{Common, Done, confirm, note, on_registry, print, print_json, table, when};

#[derive(Subcommand)]
pub(crate) enum ProjectCommand {
    /// Create a project with an active registry
    Create {
        /// Its name, unique in the organization
        name: String,
        /// What it is for
        #[arg(
            long,
            value_name = "TEXT",
            default_value = "",
            hide_default_value = true
        )]
        description: String,
        #[command(flatten)]
        common: Common,
    },
    /// List the projects of an organization
    List {
        #[command(flatten)]
        common: Common,
    },
    /// Delete a project without buckets, with the principals that are bound to it
    Delete {
        /// Its name or id
        name: String,
        /// The name once more, where nobody can be asked
        #[arg(long, value_name = "NAME")]
        confirm: Option<String>,
        #[command(flatten)]
        common: Common,
    },
}

impl ProjectCommand {
    /// Does it.
    pub(crate) fn run(self) -> Done {
        let (Self::Create { common, .. } | Self::List { common } | Self::Delete { common, .. }) =
            &self;
        let flags = common.flags.clone();
        on_registry(&flags, async |registry| self.on(registry).await)
    }

    async fn on(self, registry: &Registry<'_>) -> Done {
        match self {
            Self::Create {
                name,
                description,
                common,
            } => {
                let create = Create { name, description };
                let project = registry.create_project(&common.place(""), create).await?;
                if common.json {
                    return print_json(&project);
                }
                Ok(print(&table(
                    &["NAME", "ID"],
                    &[vec![project.name, project.id]],
                ))?)
            }
            Self::List { common } => list(registry, &common).await,
            Self::Delete {
                name,
                confirm: given,
                common,
            } => {
                let found = registry.show_project(&common.place(&name)).await?;
                confirm("project", &found.name, given.as_deref())?;
                registry.delete_project(&common.place(&found.id)).await?;
                note(&format!("The project {} is deleted.", found.name));
                if common.json {
                    return print_json(&json!({}));
                }
                Ok(())
            }
        }
    }
}

async fn list(registry: &Registry<'_>, common: &Common) -> Done {
    let found = registry.list_projects(&common.place("")).await?;
    if common.json {
        return print_json(&json!({ "projects": found }));
    }
    let rows: Vec<Vec<String>> = found
        .into_iter()
        .map(|row| vec![row.name, row.id, when(row.created_at), row.description])
        .collect();
    Ok(print(&table(
        &["NAME", "ID", "CREATED", "DESCRIPTION"],
        &rows,
    ))?)
}
