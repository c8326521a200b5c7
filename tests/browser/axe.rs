//! axe-core in the page: what keeps somebody from using it.

use serde_json::{Value, json};
use touchmark_tests::{installed, variable};

use crate::chromium::{Chromium, REQUIRED};

/// Everything that WCAG 2.2 AA asks for and a program can find out, and what is good practice beside it.
const RUN: &str = "
    const [done] = arguments;
    axe.run(document, {
        runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
        rules: {'target-size': {enabled: true}},
        resultTypes: ['violations'],
    }).then(
        (found) => done({violations: found.violations, rules: found.passes.length}),
        (error) => done({error: String(error)}),
    );";

/// The script of axe-core, if it is on this machine.
pub(crate) fn script() -> Option<String> {
    let path = variable("AXE_CORE").unwrap_or_else(|| "AXE_CORE".to_owned());
    if !installed(&path, REQUIRED) {
        return None;
    }
    Some(std::fs::read_to_string(path).expect("a script"))
}

/// What is wrong with the page that is shown, a line for each element.
pub(crate) async fn violations(chromium: &Chromium, script: &str) -> Vec<String> {
    // One from an earlier look at the same page does as well.
    if chromium.run("return typeof axe").await != json!("object") {
        chromium.run(script).await;
    }
    let answer = chromium.client.execute_async(RUN, Vec::new());
    let answer = answer.await.expect("a run of axe");
    assert!(
        answer["rules"].as_u64() > Some(5),
        "axe did not run: {answer}"
    );
    let violations = answer["violations"].as_array().expect("a list");
    let nodes = violations.iter().flat_map(|violation| {
        let nodes = violation["nodes"].as_array().expect("a list");
        nodes.iter().map(|node| told(violation, node))
    });
    nodes.collect()
}

fn told(violation: &Value, node: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let summary = text(&node["failureSummary"]).replace('\n', " ");
    format!(
        "{}: {} ({summary})",
        text(&violation["id"]),
        text(&node["html"])
    )
}
