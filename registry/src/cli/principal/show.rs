//! Principals as the command line shows them.

use serde_json::json;
use touchmark_wire::own::{GivenRole, NewSecret, Principal, Secret};

use super::super::{Common, Done, note, print, print_json, table, when};

/// The credentials as lines for a shell. They are shown once.
pub(super) fn credentials(new: &NewSecret, common: &Common) -> Done {
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
pub(in crate::cli) fn exported(client_id: &str, client_secret: &str) -> String {
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

/// All of them.
pub(super) fn list(principals: Vec<Principal>, common: &Common) -> Done {
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

/// One of them.
pub(super) fn show(principal: &Principal, common: &Common) -> Done {
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
    let lines: Vec<String> = pairs
        .iter()
        .map(|(name, value)| {
            format!(
                "{name:<10} {value}
"
            )
        })
        .collect();
    let mut text = lines.concat();
    let rows: Vec<Vec<String>> = principal.secrets.iter().map(secret).collect();
    text.push('\n');
    text.push_str(&table(&["SECRET", "CREATED", "ENDS", "LAST USED"], &rows));
    Ok(print(&text)?)
}

fn secret(secret: &Secret) -> Vec<String> {
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
}
