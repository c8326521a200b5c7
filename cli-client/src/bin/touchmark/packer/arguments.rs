//! The arguments of `packer build`, as far as a recording needs to understand them. Packer takes single dashes and
//! double ones, and values after `=` or, for some, as the next argument.

use serde_json::{Map, Value, json};

use crate::exit::{Failure, Result};

/// The arguments, as they go to Packer, and what they say.
#[derive(Debug, Clone, Default)]
pub(crate) struct PackerArguments {
    /// As given, but for what would change the form of the output; the template is the last.
    pub(crate) all: Vec<String>,
    /// The template: a file or a folder.
    pub(crate) template: String,
    /// Values of `-var`, as name and value.
    pub(crate) variables: Vec<(String, String)>,
    /// Values of `-var-file`.
    pub(crate) variable_files: Vec<String>,
    /// Values of `-only`.
    pub(crate) only: Vec<String>,
    /// Values of `-except`.
    pub(crate) except: Vec<String>,
    debug: bool,
    force: bool,
}

/// Those whose value may be the next argument.
const WITH_VALUE: [&str; 6] = [
    "var",
    "var-file",
    "only",
    "except",
    "on-error",
    "parallel-builds",
];
/// Our own flags, which have to come before Packer's.
const OURS: [&str; 14] = [
    "bucket",
    "fingerprint",
    "label",
    "parent",
    "parent-artifact",
    "region",
    "channel",
    "sbom",
    "record",
    "journal",
    "message-format",
    "dry-run",
    "heartbeat",
    "profile",
];

impl PackerArguments {
    /// Understands the arguments.
    ///
    /// # Errors
    /// A usage failure when there is no template, or one of our own flags stands among them.
    pub(crate) fn parse(given: &[String]) -> Result<Self> {
        let mut arguments = Self::default();
        let mut rest = given.iter();
        while let Some(argument) = rest.next() {
            let Some(flag) = argument
                .strip_prefix('-')
                .map(|flag| flag.trim_start_matches('-'))
            else {
                argument.clone_into(&mut arguments.template);
                arguments.all.push(argument.clone());
                continue;
            };
            let (name, mut value) = match flag.split_once('=') {
                Some((name, value)) => (name, Some(value.to_owned())),
                None => (flag, None),
            };
            if OURS.contains(&name) {
                let problem = format!("--{name} has to come before Packer's own arguments");
                return Err(Failure::usage(problem)
                    .hint("touchmark build [our flags] [Packer's arguments] TEMPLATE"));
            }
            // These change the form of the output, which we read.
            if matches!(name, "machine-readable" | "timestamp-ui" | "color") {
                continue;
            }
            arguments.all.push(argument.clone());
            if value.is_none() && WITH_VALUE.contains(&name) {
                value = rest.next().cloned();
                arguments.all.extend(value.clone());
            }
            arguments.note(name, value.unwrap_or_default());
        }
        if arguments.template.is_empty() {
            return Err(Failure::usage("the template is missing")
                .hint("touchmark build --bucket NAME TEMPLATE"));
        }
        Ok(arguments)
    }

    fn note(&mut self, name: &str, value: String) {
        let words = |value: &str| value.split(',').map(str::to_owned).collect::<Vec<_>>();
        match name {
            "var" => {
                let (name, value) = value.split_once('=').unwrap_or((&value, ""));
                self.variables.push((name.to_owned(), value.to_owned()));
            }
            "var-file" => self.variable_files.push(value),
            "only" => self.only.extend(words(&value)),
            "except" => self.except.extend(words(&value)),
            "debug" => self.debug = value != "false",
            "force" => self.force = value != "false",
            _ => {}
        }
    }

    /// What Packer itself records of its options; of variables the names only, since values may be secret.
    pub(crate) fn options(&self) -> Value {
        let list = |values: &[String]| {
            if values.is_empty() {
                Value::Null
            } else {
                json!(values)
            }
        };
        let names: Vec<String> = self
            .variables
            .iter()
            .map(|(name, _)| name.clone())
            .collect();
        let mut options = Map::new();
        options.insert("debug".to_owned(), json!(self.debug));
        options.insert("except".to_owned(), list(&self.except));
        options.insert("force".to_owned(), json!(self.force));
        options.insert("only".to_owned(), list(&self.only));
        options.insert("path".to_owned(), json!(self.template));
        options.insert("var-files".to_owned(), list(&self.variable_files));
        options.insert("vars".to_owned(), list(&names));
        Value::Object(options)
    }
}

#[cfg(test)]
mod tests {
    use super::PackerArguments;

    fn parse(text: &str) -> crate::exit::Result<PackerArguments> {
        let words: Vec<String> = text.split(' ').map(str::to_owned).collect();
        PackerArguments::parse(&words)
    }

    #[test]
    fn values_follow_a_sign_or_are_the_next_argument() {
        let arguments =
            parse("-var a=1 --var=b=x=y -only=file.one,null.x -color=false -force t.pkr.hcl")
                .unwrap();
        assert_eq!(arguments.template, "t.pkr.hcl");
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(arguments.variables, [pair("a", "1"), pair("b", "x=y")]);
        assert_eq!(arguments.only, ["file.one", "null.x"]);
        assert_eq!(
            arguments.all.join(" "),
            "-var a=1 --var=b=x=y -only=file.one,null.x -force t.pkr.hcl"
        );
        let options = arguments.options().to_string();
        assert_eq!(
            options,
            r#"{"debug":false,"except":null,"force":true,"only":["file.one","null.x"],"path":"t.pkr.hcl","var-files":null,"vars":["a","b"]}"#
        );
    }

    #[test]
    fn our_own_flags_come_first_and_there_is_a_template() {
        let refused = |text: &str| parse(text).map(|_| ()).unwrap_err().message;
        assert_eq!(
            refused("-force --bucket=x t.json"),
            "--bucket has to come before Packer's own arguments"
        );
        assert_eq!(refused("-force"), "the template is missing");
    }
}
