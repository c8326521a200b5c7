//! `principal`: who may sign in.

use std::time::Duration;

use clap::{Args, Subcommand, ValueEnum};
use serde_json::json;
use touchmark_registry::{
    commands::{Registry, principals::NewPrincipal},
    domain::expiry,
    ops::principals::{Old, Rotation, Standing},
};
use touchmark_wire::own::{GivenRole, NewSecret, Principal, RoleName, ScopeKind};

use super::{Common, Done, confirm, note, on_registry, print, print_json, table, when};

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
    scope: ScopeArgument,
    /// The project, by name or id; needed when there are several
    #[arg(
        long,
        value_name = "NAME",
        default_value = "",
        hide_default_value = true
    )]
    project: String,
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
    const fn name(self) -> RoleName {
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
    const fn kind(self) -> ScopeKind {
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

/// The credentials as lines for a shell. They are shown once.
fn credentials(new: &NewSecret, common: &Common) -> Done {
    if common.json {
        return print_json(new);
    }
    let NewSecret {
        client_id,
        client_secret,
        ..
    } = new;
    print(&exported(client_id, client_secret))?;
    note("The secret is not shown again.");
    Ok(())
}

/// The credentials as lines for a shell.
pub(super) fn exported(client_id: &str, client_secret: &str) -> String {
    format!("export HCP_CLIENT_ID='{client_id}'\nexport HCP_CLIENT_SECRET='{client_secret}'\n")
}

fn role(given: &GivenRole) -> String {
    let GivenRole {
        scope, name, role, ..
    } = given;
    let name = if name.is_empty() { "(gone)" } else { name };
    format!("{role} on {scope} {name}")
}

fn state(principal: &Principal) -> String {
    let state = if principal.disabled {
        "disabled"
    } else {
        "enabled"
    };
    state.to_owned()
}

fn list(principals: Vec<Principal>, common: &Common) -> Done {
    if common.json {
        return print_json(&json!({ "principals": principals }));
    }
    let rows: Vec<Vec<String>> = principals
        .into_iter()
        .map(|principal| {
            let roles: Vec<String> = principal.roles.iter().map(role).collect();
            vec![
                principal.name.clone(),
                roles.join(", "),
                state(&principal),
                when(principal.last_used_at),
            ]
        })
        .collect();
    Ok(print(&table(
        &["NAME", "ROLES", "STATE", "LAST USED"],
        &rows,
    ))?)
}

fn show(principal: &Principal, common: &Common) -> Done {
    if common.json {
        return print_json(principal);
    }
    let roles: Vec<String> = principal.roles.iter().map(role).collect();
    let pairs = [
        ("name", principal.name.clone()),
        ("id", principal.id.clone()),
        ("client id", principal.client_id.clone()),
        ("kind", principal.kind.to_string()),
        (
            "project",
            principal
                .project_id
                .clone()
                .unwrap_or_else(|| "none".to_owned()),
        ),
        ("state", state(principal)),
        ("created", when(principal.created_at)),
        ("last used", when(principal.last_used_at)),
        (
            "roles",
            if roles.is_empty() {
                "none".to_owned()
            } else {
                roles.join(", ")
            },
        ),
    ];
    let mut text: String = pairs
        .iter()
        .map(|(name, value)| format!("{name:<10} {value}\n"))
        .collect();
    let rows: Vec<Vec<String>> = principal
        .secrets
        .iter()
        .map(|secret| {
            let ends = match (secret.live, secret.expires_at) {
                (false, _) => "ended".to_owned(),
                (true, expires_at) => when(expires_at),
            };
            vec![
                secret.id.clone(),
                when(secret.created_at),
                ends,
                when(secret.last_used_at),
            ]
        })
        .collect();
    text.push('\n');
    text.push_str(&table(&["SECRET", "CREATED", "ENDS", "LAST USED"], &rows));
    Ok(print(&text)?)
}
