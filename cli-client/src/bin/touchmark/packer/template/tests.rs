//! Templates of both languages.

use std::collections::BTreeMap;

use touchmark_client::wire::version::TemplateType;

use super::{PackerArguments, Template};

fn read(name: &str, text: &str, flags: &[&str]) -> Template {
    let folder =
        std::env::temp_dir().join(format!("touchmark-template-{}-{name}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join(name);
    std::fs::write(&path, text).unwrap();
    let mut words: Vec<String> = flags.iter().map(|&flag| flag.to_owned()).collect();
    words.push(path.to_string_lossy().into_owned());
    let template = Template::read(&PackerArguments::parse(&words).unwrap()).unwrap();
    std::fs::remove_dir_all(folder).unwrap();
    template
}

fn names(template: &Template) -> Vec<(&str, Vec<&str>)> {
    let components = template.components.iter();
    let names = components.map(|component| {
        let targets = component.targets.iter().map(String::as_str);
        (component.component_type.as_str(), targets.collect())
    });
    names.collect()
}

#[test]
fn hcl2_names_its_builds_and_its_bucket() {
    let text = r#"
variable "bucket" { default = "alpine" }
variable "zone" {}
locals { team = "platform" }
hcp_packer_registry {
  bucket_name   = var.bucket
  description   = "of ${local.team}"
  bucket_labels = { team = local.team }
  build_labels  = { size = 3 }
  channels      = ["dev"]
}
source "googlecompute" "base" { zone = var.zone }
source "file" "one" {
  source = "in.txt"
  target = "${path.root}/x"
}
build {
  name    = "golden"
  sources = ["source.googlecompute.base", "source.file.one"]
}
build {
  name = "silver"
  source "source.file.one" { name = "two" }
  source "file.one" {}
}
"#;
    let template = read("a.pkr.hcl", text, &["-var", "zone=europe-west1-b"]);
    assert_eq!(template.kind, TemplateType::Hcl2);
    assert_eq!(
        names(&template),
        [
            (
                "googlecompute.base",
                vec!["golden.googlecompute.base", "googlecompute.base"]
            ),
            ("golden.file.one", vec!["golden.file.one"]),
            ("file.two", vec!["silver.file.two", "file.two"]),
            ("silver.file.one", vec!["silver.file.one"]),
        ]
    );
    let block = template.registry.clone().unwrap();
    assert_eq!(
        (block.bucket_name.as_str(), block.description.as_str()),
        ("alpine", "of platform")
    );
    let labels = |name: &str, value: &str| BTreeMap::from([(name.to_owned(), value.to_owned())]);
    assert_eq!(
        (block.bucket_labels, block.build_labels),
        (labels("team", "platform"), labels("size", "3"))
    );
    assert_eq!(block.channels, ["dev"]);
    let base = template.component("golden.googlecompute.base").unwrap();
    assert_eq!(base.region(), "europe-west1-b");
    assert_eq!(
        template.component("silver.file.two").unwrap().source(),
        "in.txt"
    );
}

#[test]
fn json_names_its_builds() {
    let text = r#"{
      "variables": {"zone": "z1", "other": null},
      "builders": [
        {"type": "file", "target": "one.txt"},
        {"type": "googlecompute", "name": "second", "zone": "{{user `zone`}}", "image_name": "{{timestamp}}"}
      ]
    }"#;
    let template = read("b.json", text, &[]);
    assert_eq!(template.kind, TemplateType::Json);
    assert_eq!(
        names(&template),
        [
            ("file", vec!["file", "file"]),
            (
                "googlecompute.second",
                vec!["googlecompute.second", "second"]
            ),
        ]
    );
    assert_eq!(template.component("second").unwrap().region(), "z1");
    assert!(template.registry.is_none());
}

#[test]
fn hcl2_in_json_says_the_same() {
    let text = r#"{
      "variable": {"bucket": {"default": "alpine"}, "zone": {}},
      "hcp_packer_registry": {"bucket_name": "${var.bucket}", "build_labels": {"size": 3, "of": "${var.bucket}s"}},
      "source": {
        "googlecompute": {"base": {"zone": "${var.zone}"}},
        "file": {"one": {"source": "in.txt"}, "two": [{}]}
      },
      "build": [
        {"name": "golden", "sources": ["source.googlecompute.base", "source.file.one"]},
        {"name": "silver", "source": {"source.file.one": {"name": "again"}, "file.two": {}}}
      ]
    }"#;
    let template = read("a.pkr.json", text, &["-var", "zone=europe-west1-b"]);
    assert_eq!(template.kind, TemplateType::Hcl2);
    assert!(template.has_several);
    let types: Vec<&str> = names(&template).into_iter().map(|(name, _)| name).collect();
    assert_eq!(
        types,
        ["googlecompute.base", "file.one", "file.two", "file.again"]
    );
    let block = template.registry.clone().unwrap();
    assert_eq!(block.bucket_name, "alpine");
    let labels: Vec<_> = block
        .build_labels
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    assert_eq!(labels, ["of=alpines", "size=3"]);
    assert_eq!(
        template
            .component("golden.googlecompute.base")
            .unwrap()
            .region(),
        "europe-west1-b"
    );
    assert_eq!(
        template.component("silver.file.again").unwrap().source(),
        "in.txt"
    );
}
