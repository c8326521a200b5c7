//! What `packer build -machine-readable` prints: lines of comma-separated fields, in which commas are written as
//! `%!(PACKER_COMMA)` and line breaks as `\n`.

use std::collections::BTreeMap;

/// How a comma inside a field is written.
const COMMA: &str = "%!(PACKER_COMMA)";

/// What a line says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Line {
    /// Something for people.
    Ui(String),
    /// A build went well.
    Finished(String),
    /// A build went wrong, and why.
    Failed(String, String),
    /// Part of a build's list of artifacts.
    Artifact(String),
    /// Anything else.
    Other,
}

/// Something that a build left behind.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Output {
    /// What made it: a builder or a post-processor.
    pub(crate) builder_id: String,
    /// Its id, in the form of who made it.
    pub(crate) id: String,
    /// Its files, as paths.
    pub(crate) files: Vec<String>,
}

/// Reads lines, and collects the artifacts of builds, which are printed after all builds have ended.
#[derive(Debug, Default)]
pub(crate) struct Reader {
    /// By the name of the build, the artifacts by their number.
    outputs: BTreeMap<String, BTreeMap<usize, Output>>,
}

impl Reader {
    /// Takes a line without its end.
    pub(crate) fn read(&mut self, line: &str) -> Line {
        let fields: Vec<String> = line.split(',').map(unescaped).collect();
        let fields: Vec<&str> = fields.iter().map(String::as_str).collect();
        match fields.as_slice() {
            [time, _, "ui", _, text @ ..] if is_time(time) => ui(&text.join(",")),
            [time, target, "error", message @ ..] if is_time(time) && !target.is_empty() => {
                Line::Failed((*target).to_owned(), message.join(","))
            }
            [time, target, "artifact", number, rest @ ..] if is_time(time) => {
                self.artifact(target, number, rest);
                Line::Artifact((*target).to_owned())
            }
            [time, target, "artifact-count", ..] if is_time(time) => {
                self.outputs.entry((*target).to_owned()).or_default();
                Line::Artifact((*target).to_owned())
            }
            [time, ..] if is_time(time) => Line::Other,
            // Plugins and the loader of Packer write as they like.
            _ => Line::Ui(line.to_owned()),
        }
    }

    fn artifact(&mut self, target: &str, number: &str, fields: &[&str]) {
        let Ok(number) = number.parse() else { return };
        let outputs = self.outputs.entry(target.to_owned()).or_default();
        match fields {
            ["nil"] => {
                outputs.remove(&number);
            }
            ["builder-id", id] => {
                (*id).clone_into(&mut outputs.entry(number).or_default().builder_id);
            }
            ["id", id] => (*id).clone_into(&mut outputs.entry(number).or_default().id),
            ["file", _, path] => outputs
                .entry(number)
                .or_default()
                .files
                .push((*path).to_owned()),
            _ => {}
        }
    }

    /// What the builds left behind, by their names.
    pub(crate) fn outputs(self) -> BTreeMap<String, Vec<Output>> {
        let builds = self.outputs.into_iter();
        builds
            .map(|(target, outputs)| (target, outputs.into_values().collect()))
            .collect()
    }
}

fn is_time(field: &str) -> bool {
    !field.is_empty() && field.bytes().all(|byte| byte.is_ascii_digit())
}

fn unescaped(field: &str) -> String {
    field.replace(COMMA, ",")
}

fn ui(text: &str) -> Line {
    let text = text.replace("\\n", "\n").replace("\\r", "");
    if let Some((target, rest)) = text
        .strip_prefix("Build '")
        .and_then(|rest| rest.split_once("' "))
    {
        if rest.starts_with("finished") {
            return Line::Finished(target.to_owned());
        }
        if let Some(problem) = rest.strip_prefix("errored") {
            let problem = problem.split_once(": ").map_or("", |(_, problem)| problem);
            return Line::Failed(target.to_owned(), problem.to_owned());
        }
    }
    Line::Ui(text)
}

/// The build that a line for people may be about, as in `==> amazon-ebs.base: Creating…`.
pub(crate) fn subject(text: &str) -> Option<&str> {
    let text = text.trim_start_matches('\n');
    let rest = text
        .strip_prefix("==> ")
        .or_else(|| text.strip_prefix("    "))?;
    let (name, _) = rest.split_once(": ")?;
    // A post-processor adds itself: `file (compress)`.
    let name = name.split_once(" (").map_or(name, |(name, _)| name);
    (!name.is_empty() && !name.contains(' ')).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::{Line, Output, Reader, subject};

    #[test]
    fn artifacts_are_collected_by_build() {
        let mut reader = Reader::default();
        for line in [
            "1,a.b,artifact-count,2",
            "1,a.b,artifact,0,builder-id,mitchellh.amazonebs",
            "1,a.b,artifact,0,id,us-east-1:ami-0a%!(PACKER_COMMA)us-west-2:ami-0b",
            "1,a.b,artifact,0,files-count,0",
            "1,a.b,artifact,0,end",
            "1,a.b,artifact,1,nil",
            "1,a.b,artifact,1,end",
        ] {
            assert_eq!(reader.read(line), Line::Artifact("a.b".to_owned()));
        }
        let output = Output {
            builder_id: "mitchellh.amazonebs".to_owned(),
            id: "us-east-1:ami-0a,us-west-2:ami-0b".to_owned(),
            files: Vec::new(),
        };
        assert_eq!(reader.outputs().remove("a.b"), Some(vec![output]));
    }

    #[test]
    fn the_end_of_a_build_is_seen() {
        let mut reader = Reader::default();
        let line = "1,,ui,say,Build 'golden.file.one' finished after 36 milliseconds.";
        assert_eq!(
            reader.read(line),
            Line::Finished("golden.file.one".to_owned())
        );
        let line =
            "1,,ui,error,Build 'null.x' errored after 2 seconds: exit status 1%!(PACKER_COMMA) bad";
        let failed = Line::Failed("null.x".to_owned(), "exit status 1, bad".to_owned());
        assert_eq!(reader.read(line), failed);
        let failed = Line::Failed("null.x".to_owned(), "bad".to_owned());
        assert_eq!(reader.read("1,null.x,error,bad"), failed);
        assert_eq!(reader.read("no, time"), Line::Ui("no, time".to_owned()));
    }

    #[test]
    fn lines_for_people_name_their_build() {
        assert_eq!(
            subject("==> golden.file.one: Running"),
            Some("golden.file.one")
        );
        assert_eq!(subject("    file (compress): Tarring"), Some("file"));
        assert_eq!(subject("==> Wait completed after 1 second"), None);
        assert_eq!(subject("==> Interrupted"), None);
        assert_eq!(
            subject("\n==> Builds finished. The artifacts of successful builds are:"),
            None
        );
    }
}
