//! `env`: the variables for a CI job.

use clap::Args;
use serde_json::{Map, Value};

use super::{Common, Done, note, on_registry, principal::ending, print, print_json};

/// What `env` takes.
#[derive(Args)]
pub(crate) struct EnvCommand {
    /// The principal as which the job signs in
    #[arg(long, value_name = "NAME")]
    principal: String,
    /// The project, by name or id; needed when there are several and the principal is bound to none
    #[arg(
        long,
        value_name = "NAME",
        default_value = "",
        hide_default_value = true
    )]
    project: String,
    /// End the old secret, and all its tokens, at once
    #[arg(long)]
    now: bool,
    #[command(flatten)]
    common: Common,
}

impl EnvCommand {
    /// Does it.
    pub(crate) fn run(&self) -> Done {
        on_registry(&self.common.flags, async |registry| {
            let place = self.common.place(&self.project);
            let old = ending(self.now);
            let variables = registry.variables(&place, &self.principal, old).await?;
            if self.common.json {
                let pairs = variables.pairs()?.into_iter();
                let object: Map<String, Value> = pairs
                    .map(|(name, value)| (name, value.map_or(Value::Null, Value::from)))
                    .collect();
                print_json(&object)?;
            } else {
                print(&variables.text()?)?;
            }
            note(
                "The secret is not shown again. The one before lasts another day, unless --now was given.",
            );
            let files = variables.files();
            if !files.is_empty() {
                let files = files.join(" and ");
                note(&format!(
                    "On another machine the job needs copies of {files}; set the paths to them there."
                ));
            }
            Ok(())
        })
    }
}
