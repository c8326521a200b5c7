//! HCL2 in its JSON syntax, turned into what its own syntax would give. Which keys are blocks, and how many labels
//! they have, is what Packer's schema says; all others are attributes.

use hcl::expr::TemplateExpr;
use hcl::{Attribute, Block, Body, Expression, Identifier};
use serde_json::{Map, Value};

/// A kind of block.
struct Kind {
    name: &'static str,
    labels: usize,
    inner: &'static [Kind],
}

const REGISTRY: Kind = Kind {
    name: "hcp_packer_registry",
    labels: 0,
    inner: &[],
};

const BLOCKS: [Kind; 5] = [
    REGISTRY,
    Kind {
        name: "variable",
        labels: 1,
        inner: &[],
    },
    Kind {
        name: "locals",
        labels: 0,
        inner: &[],
    },
    Kind {
        name: "source",
        labels: 2,
        inner: &[],
    },
    Kind {
        name: "build",
        labels: 0,
        inner: &[
            Kind {
                name: "source",
                labels: 1,
                inner: &[],
            },
            REGISTRY,
        ],
    },
];

/// Reads a file.
///
/// # Errors
/// When it is no JSON object.
pub(super) fn parse(text: &str) -> serde_json::Result<Body> {
    let object: Map<String, Value> = serde_json::from_str(text)?;
    Ok(body(&object, &BLOCKS))
}

fn body(object: &Map<String, Value>, kinds: &[Kind]) -> Body {
    let mut body = Body::builder();
    for (key, value) in object {
        body = match kinds.iter().find(|kind| kind.name == key) {
            Some(kind) => body.add_blocks(blocks(kind, value, &[])),
            None => body.add_attribute(Attribute::new(
                Identifier::sanitized(key),
                expression(value),
            )),
        };
    }
    body.build()
}

/// One block per object below as many keys as there are labels; a list stands for several.
fn blocks(kind: &Kind, value: &Value, labels: &[&str]) -> Vec<Block> {
    match value {
        Value::Array(entries) => entries
            .iter()
            .flat_map(|entry| blocks(kind, entry, labels))
            .collect(),
        Value::Object(object) if labels.len() < kind.labels => object
            .iter()
            .flat_map(|(label, inner)| blocks(kind, inner, &[labels, &[label]].concat()))
            .collect(),
        Value::Object(object) => {
            let block =
                Block::builder(Identifier::sanitized(kind.name)).add_labels(labels.iter().copied());
            vec![block.add_structures(body(object, kind.inner)).build()]
        }
        _ => Vec::new(),
    }
}

fn expression(value: &Value) -> Expression {
    match value {
        Value::String(text) if text.contains("${") || text.contains("%{") => {
            Expression::from(TemplateExpr::QuotedString(text.clone()))
        }
        Value::Array(entries) => Expression::Array(entries.iter().map(expression).collect()),
        Value::Object(object) => {
            let pairs = object
                .iter()
                .map(|(key, value)| (key.clone().into(), expression(value)));
            Expression::Object(pairs.collect())
        }
        Value::String(text) => Expression::String(text.clone()),
        Value::Bool(truth) => Expression::Bool(*truth),
        Value::Number(number) => number
            .as_f64()
            .and_then(hcl::Number::from_f64)
            .map_or(Expression::Null, Expression::Number),
        Value::Null => Expression::Null,
    }
}
