//! `principal`: who may sign in.

pub(super) mod show;

use std::time::Duration;

use clap::{Args, Subcommand, ValueEnum};
use serde_json::json;
use touchmark_registry::{
    commands::{Registry, principals::NewPrincipal},
    domain::expiry,
    ops::principals::{Old, Rotation, Standing},
};
use touchmark_wire::own::{RoleName, ScopeKind};

use self::show::{credentials, list, show};
use super::{Common, Done, confirm, note, on_registry, print_json};

#[derive(Subcommand)]
pub(crate) enum PrincipalCommand {
    /// Create a service principal and print its credentials, which are shown once
    Create {
        /// Its name, unique in the organization
        name: String,
        /// What it may do
        #[arg(long, default_value = "builder")]
        role: RoleArgument,
        #[command(flatten)]
        on: On,
        /// End its secret after this span, such as 90d [default: never]
        #[arg(long, value_name = "SPAN", value_parser = lifetime)]
        expires: Option<Duration>,
        #[command(flatten)]
        common: Common,
    },
    /// List all principals, or those that are bound to a project
    List {
        /// Only those of this project, by name or id
        #[arg(
            long,
            value_name = "NAME",
            default_value = "",
            hide_default_value = true
        )]
        project: String,
        #[command(flatten)]
        common: Common,
    },
    /// Show a principal: its roles, and its secrets with their last use
    Show {
        #[command(flatten)]
        who: Who,
    },
    /// Give a principal a new secret and print it; the old one lasts another day
    Rotate {
        #[command(flatten)]
        who: Who,
        /// End the old secret, and all its tokens, at once
        #[arg(long)]
        now: bool,
        /// End the new secret after this span, such as 90d [default: never]
        #[arg(long, value_name = "SPAN", value_parser = lifetime)]
        expires: Option<Duration>,
    },
    /// Delete a principal, its secrets and its roles; its tokens end at once
    Delete {
        #[command(flatten)]
        who: Who,
        /// The name once more, where nobody can be asked
        #[arg(long, value_name = "NAME")]
        confirm: Option<String>,
    },
    /// Give a principal a role, in place of the one that it has there
    Grant {
        #[command(flatten)]
        who: Who,
        /// What it may do
        #[arg(long)]
        role: RoleArgument,
        #[command(flatten)]
        on: On,
    },
    /// Take the role of a principal away
    Revoke {
        #[command(flatten)]
        who: Who,
        #[command(flatten)]
        on: On,
    },
    /// Shut a principal out; its tokens end at once
    Disable {
        #[command(flatten)]
        who: Who,
    },
    /// Let a principal in again that was shut out
    Enable {
        #[command(flatten)]
        who: Who,
    },
}

/// A principal, and where.
#[derive(Args)]
pub(crate) struct Who {
    /// Its name, such as admin
    name: String,
    #[command(flatten)]
    common: Common,
}

/// What a role is on.
#[derive(Args)]
pub(crate) struct On {
    /// What the role is on
    #[arg(long, default_value = "project")]
    pub(super) scope: ScopeArgument,
    /// The project, by name or id; needed when there are several
    #[arg(
        long,
        value_name = "NAME",
        default_value = "",
        hide_default_value = true
    )]
    pub(super) project: String,
}

/// The roles, each with all before it.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum RoleArgument {
    /// Reads
    Viewer,
    /// Also records buckets, versions and builds; for CI
    Builder,
    /// Also moves channels, revokes and deletes
    Contributor,
    /// Also deletes buckets and manages principals
    Admin,
}

impl RoleArgument {
    pub(super) const fn name(self) -> RoleName {
        match self {
            Self::Viewer => RoleName::Viewer,
            Self::Builder => RoleName::Builder,
            Self::Contributor => RoleName::Contributor,
            Self::Admin => RoleName::Admin,
        }
    }
}

/// What roles can be given on here.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum ScopeArgument {
    /// The whole organization
    Organization,
    /// One project
    Project,
}

impl ScopeArgument {
    pub(super) const fn kind(self) -> ScopeKind {
        match self {
            Self::Organization => ScopeKind::Organization,
            Self::Project => ScopeKind::Project,
        }
    }
}

fn lifetime(text: &str) -> Result<Duration, String> {
    expiry::parse("span", text).map_err(|error| error.to_string())
}

impl PrincipalCommand {
    /// Does it.
    pub(crate) fn run(self) -> Done {
        let flags = self.common().flags.clone();
        on_registry(&flags, async |registry| self.on(registry).await)
    }

    fn common(&self) -> &Common {
        match self {
            Self::Create { common, .. } | Self::List { common, .. } => common,
            Self::Show { who }
            | Self::Rotate { who, .. }
            | Self::Delete { who, .. }
            | Self::Grant { who, .. }
            | Self::Revoke { who, .. }
            | Self::Disable { who }
            | Self::Enable { who } => &who.common,
        }
    }

    async fn on(self, registry: &Registry<'_>) -> Done {
        match self {
            Self::Create {
                name,
                role,
                on,
                expires,
                common,
            } => {
                let new = NewPrincipal {
                    name,
                    scope: on.scope.kind(),
                    role: role.name(),
                    lifetime: expires,
                };
                let place = common.place(&on.project);
                let new = registry.create_principal(&place, new).await?;
                credentials(&new, &common)
            }
            Self::List { project, common } => {
                let place = common.place(&project);
                list(registry.list_principals(&place).await?, &common)
            }
            Self::Show { who } => {
                let place = who.common.place("");
                let found = registry.show_principal(&place, &who.name).await?;
                show(&found, &who.common)
            }
            Self::Rotate { who, now, expires } => {
                rotate(registry, who, (ending(now), expires)).await
            }
            Self::Delete { who, confirm } => delete(registry, who, confirm).await,
            Self::Grant { who, role, on } => {
                let place = who.common.place(&on.project);
                let change = (who.name, on.scope.kind(), role.name());
                show(&registry.grant_role(&place, change).await?, &who.common)
            }
            Self::Revoke { who, on } => {
                let place = who.common.place(&on.project);
                let change = (who.name, on.scope.kind());
                show(&registry.revoke_role(&place, change).await?, &who.common)
            }
            Self::Disable { who } => stand(registry, who, Standing::Disabled).await,
            Self::Enable { who } => stand(registry, who, Standing::Enabled).await,
        }
    }
}

/// What becomes of the old secret.
pub(super) const fn ending(now: bool) -> Old {
    if now { Old::EndsNow } else { Old::Overlaps }
}

async fn rotate(
    registry: &Registry<'_>,
    who: Who,
    (old, lifetime): (Old, Option<Duration>),
) -> Done {
    let place = who.common.place("");
    let rotation = Rotation {
        name: who.name,
        old,
        lifetime,
    };
    let rotated = registry.rotate_principal(&place, rotation).await?;
    if let Some(path) = &rotated.written_to {
        note(&format!("Written to {} as well.", path.display()));
    }
    credentials(&rotated.new, &who.common)
}

async fn delete(registry: &Registry<'_>, who: Who, given: Option<String>) -> Done {
    let place = who.common.place("");
    let found = registry.show_principal(&place, &who.name).await?;
    confirm("principal", &found.name, given.as_deref())?;
    registry.delete_principal(&place, &found.name).await?;
    note(&format!("The principal {} is deleted.", found.name));
    if who.common.json {
        return print_json(&json!({}));
    }
    Ok(())
}

async fn stand(registry: &Registry<'_>, who: Who, standing: Standing) -> Done {
    let place = who.common.place("");
    let change = (who.name, standing);
    show(&registry.set_standing(&place, change).await?, &who.common)
}
