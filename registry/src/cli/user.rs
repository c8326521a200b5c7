//! `user`: people who sign in to the web pages.

use clap::{Args, Subcommand};
use touchmark_registry::commands::{Registry, people::Invited, people::NewPerson};

use super::{
    Common, Done, note, on_registry,
    principal::{On, RoleArgument},
    print, print_json,
};

#[derive(Subcommand)]
pub(crate) enum UserCommand {
    /// Create a person and print the link by which they set their password
    Create {
        /// Their name, unique in the installation
        name: String,
        /// What they may do
        #[arg(long, default_value = "viewer")]
        role: RoleArgument,
        #[command(flatten)]
        on: On,
        #[command(flatten)]
        common: Common,
    },
    /// Print a new link by which a person sets their password; the one before it ends
    Invite {
        #[command(flatten)]
        who: Person,
    },
}

/// A person, and where.
#[derive(Args)]
pub(crate) struct Person {
    /// Their name
    name: String,
    #[command(flatten)]
    common: Common,
}

impl UserCommand {
    /// Does it.
    pub(crate) fn run(self) -> Done {
        let common = match &self {
            Self::Create { common, .. } => common,
            Self::Invite { who } => &who.common,
        };
        let flags = common.flags.clone();
        on_registry(&flags, async |registry| self.on(registry).await)
    }

    async fn on(self, registry: &Registry<'_>) -> Done {
        match self {
            Self::Create {
                name,
                role,
                on,
                common,
            } => {
                let new = NewPerson {
                    name,
                    scope: on.scope.kind(),
                    role: role.name(),
                };
                let place = common.place(&on.project);
                show(&registry.create_person(&place, new).await?, &common)
            }
            Self::Invite { who } => {
                let place = who.common.place("");
                let invited = registry.invite_person(&place, who.name).await?;
                show(&invited, &who.common)
            }
        }
    }
}

/// The link, which is shown once.
fn show(invited: &Invited, common: &Common) -> Done {
    if common.json {
        return print_json(invited);
    }
    print(&format!("{}\n", invited.link))?;
    note(&format!(
        "Give this link to {}: it sets a password, works once, and for three days.",
        invited.name
    ));
    Ok(())
}
