//! How an artifact is used: texts that work as they are pasted.

use std::fmt::Write as _;

use touchmark_wire::paths;

use super::artifacts::Found;

/// A text to copy.
pub(super) struct Snippet {
    /// For what it is.
    pub(super) title: &'static str,
    /// The text.
    pub(super) text: String,
}

/// What the texts name.
pub(super) struct Usage<'a> {
    /// How clients reach this registry.
    pub(super) public_url: &'a str,
    /// The project by name, and the ids of its organization and of it.
    pub(super) project: (&'a str, &'a str, &'a str),
    /// The bucket.
    pub(super) bucket: &'a str,
    /// The fingerprint of the version.
    pub(super) fingerprint: &'a str,
    /// The name of the version.
    pub(super) version: String,
    /// The channel that hands the version out, if one does.
    pub(super) channel: Option<&'a str>,
    /// The artifact.
    pub(super) found: Found<'a>,
    /// Whether other builds made an artifact for the same platform and region.
    pub(super) ambiguous: bool,
}

impl Usage<'_> {
    /// All of them.
    pub(super) fn snippets(&self) -> Vec<Snippet> {
        let snippet = |title, text| Snippet { title, text };
        vec![
            snippet("Terraform", self.terraform()),
            snippet("Packer", self.packer()),
            snippet("Command line", self.command()),
            snippet("curl", self.curl()),
        ]
    }

    /// Arguments that the data sources of Terraform and Packer have in common.
    fn arguments(&self, version: &str) -> String {
        let (build, artifact) = (self.found.build, self.found.artifact);
        let mut pairs = vec![
            ("bucket_name", quoted(self.bucket)),
            ("version_fingerprint", version.to_owned()),
            ("platform", quoted(&build.platform)),
            ("region", quoted(&artifact.region)),
        ];
        if self.ambiguous {
            pairs.push(("component_type", quoted(&build.component_type)));
        }
        block(&pairs)
    }

    /// The data sources, whose types are `version` and `artifact`.
    fn sources(&self, version: &str, artifact: &str) -> String {
        let name = identifier(self.bucket);
        let mut text = String::new();
        let fingerprint = match self.channel {
            Some(channel) => {
                let pairs = [
                    ("bucket_name", quoted(self.bucket)),
                    ("channel_name", quoted(channel)),
                ];
                let _ = write!(
                    text,
                    "data \"{version}\" \"{name}\" {{\n{}}}\n\n",
                    block(&pairs)
                );
                format!("data.{version}.{name}.fingerprint")
            }
            None => quoted(self.fingerprint),
        };
        let arguments = self.arguments(&fingerprint);
        let _ = write!(text, "data \"{artifact}\" \"{name}\" {{\n{arguments}}}\n\n");
        text
    }

    fn terraform(&self) -> String {
        let name = identifier(self.bucket);
        let sources = self.sources("hcp_packer_version", "hcp_packer_artifact");
        let value = format!("data.hcp_packer_artifact.{name}.external_identifier");
        format!("{sources}output \"{name}\" {{\n  value = {value}\n}}\n")
    }

    fn packer(&self) -> String {
        let name = identifier(self.bucket);
        let sources = self.sources("hcp-packer-version", "hcp-packer-artifact");
        let value = format!("data.hcp-packer-artifact.{name}.external_identifier");
        format!("{sources}locals {{\n  {name} = {value}\n}}\n")
    }

    fn command(&self) -> String {
        let (build, artifact) = (self.found.build, self.found.artifact);
        let project = ("--project", self.project.0);
        let (verb, name, options) = match self.channel {
            Some(channel) => {
                let mut options = vec![
                    ("--platform", build.platform.as_str()),
                    ("--region", artifact.region.as_str()),
                ];
                if self.ambiguous {
                    options.push(("--component-type", build.component_type.as_str()));
                }
                ("resolve", channel, options)
            }
            None => ("version show", self.version.as_str(), Vec::new()),
        };
        let mut text = format!(
            "touchmark {verb} {}",
            word(&format!("{}:{name}", self.bucket))
        );
        let options = options.into_iter().chain([project]);
        for (option, value) in options.filter(|(_, value)| !value.is_empty()) {
            let _ = write!(text, " {option} {}", word(value));
        }
        text
    }

    fn curl(&self) -> String {
        let (build, artifact) = (self.found.build, self.found.artifact);
        let (project, organization_id, project_id) = self.project;
        let path = match self.channel {
            Some(channel) => {
                let component = if self.ambiguous {
                    build.component_type.as_str()
                } else {
                    ""
                };
                let pairs = [
                    ("project", project),
                    ("platform", &build.platform),
                    ("region", &artifact.region),
                    ("component_type", component),
                ];
                let pairs = pairs.into_iter().filter(|(_, value)| !value.is_empty());
                paths::with_query(&paths::own_resolve(self.bucket, channel), pairs)
            }
            None => paths::Scope::new(organization_id, project_id)
                .version(self.bucket, self.fingerprint),
        };
        let url = word(&format!("{}{path}", self.public_url));
        format!(
            "curl --fail ${{TOUCHMARK_CA_FILE:+--cacert \"$TOUCHMARK_CA_FILE\"}} \\\n  \
             -H \"Authorization: Bearer $(touchmark auth print-access-token)\" \\\n  {url}"
        )
    }
}

/// Arguments of a block of HCL, one on a line, with their signs of equality below each other.
fn block(pairs: &[(&str, String)]) -> String {
    let width = pairs.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    let mut text = String::new();
    for (name, value) in pairs {
        let _ = writeln!(text, "  {name:width$} = {value}");
    }
    text
}

/// A string of HCL, in which `${` and `%{` begin templates.
fn quoted(value: &str) -> String {
    let text = serde_json::Value::from(value).to_string();
    text.replace("${", "$${").replace("%{", "%%{")
}

/// A name as an identifier of HCL.
fn identifier(name: &str) -> String {
    let plain = |c: char| {
        if c.is_ascii_alphanumeric() || c == '-' {
            c
        } else {
            '_'
        }
    };
    let text: String = name.chars().map(plain).collect();
    if text.starts_with(|c: char| c.is_ascii_alphabetic()) {
        text
    } else {
        format!("image_{text}")
    }
}

/// A word of a shell: as it is if nothing in it means more, else in single quotes.
fn word(value: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@%+=,".contains(c);
    if !value.is_empty() && value.chars().all(plain) {
        return value.to_owned();
    }
    format!("'{}'", value.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_mean_what_they_are() {
        assert_eq!(quoted("a\"${b}%{c}"), r#""a\"$${b}%%{c}""#);
        assert_eq!(word("app:prod"), "app:prod");
        assert_eq!(word("it's $HOME"), r"'it'\''s $HOME'");
        assert_eq!(word("https://a/b?c=d&e"), "'https://a/b?c=d&e'");
    }

    #[test]
    fn every_name_of_a_bucket_makes_an_identifier() {
        assert_eq!(identifier("app-server"), "app-server");
        assert_eq!(identifier("9.base_x"), "image_9_base_x");
    }
}
