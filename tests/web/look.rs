//! The colours of the style sheet: text can be read on whatever it stands on.

use std::collections::BTreeMap;

type Tokens = BTreeMap<String, String>;

fn style_sheet() -> String {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../web/static/touchmark.css");
    std::fs::read_to_string(path).expect("a style sheet")
}

/// The colours that a rule with this selector sets.
fn colours(sheet: &str, selector: &str) -> Tokens {
    let (_, rest) = sheet.split_once(&format!("{selector} {{")).expect("a rule");
    let (rule, _) = rest.split_once('}').expect("the end of a rule");
    let pairs = rule.lines().filter_map(|line| {
        let (name, value) = line.trim().strip_prefix("--")?.split_once(": ")?;
        let value = value.strip_suffix(';')?;
        value
            .starts_with('#')
            .then(|| (name.to_owned(), value.to_owned()))
    });
    pairs.collect()
}

/// The relative luminance of a colour (WCAG 2.2).
fn luminance(colour: &str) -> f64 {
    let digits = colour.strip_prefix('#').expect("a colour");
    assert_eq!(digits.len(), 6, "{colour}");
    let channel = |at: usize| {
        let value = u8::from_str_radix(&digits[at..at + 2], 16).expect("two digits");
        let value = f64::from(value) / 255.0;
        if value <= 0.040_45 {
            value / 12.92
        } else {
            ((value + 0.055) / 1.055).powf(2.4)
        }
    };
    0.2126 * channel(0) + 0.7152 * channel(2) + 0.0722 * channel(4)
}

fn contrast(one: &str, other: &str) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

/// Each ink with each paper that it may stand on.
fn pairs(tokens: &Tokens) -> Vec<(String, String)> {
    let is_paper = |name: &str| name == "paper" || name == "raised" || name.ends_with("-paper");
    let (papers, inks): (Vec<_>, Vec<_>) = tokens.keys().cloned().partition(|name| is_paper(name));
    let mut pairs = Vec::new();
    for ink in inks {
        for paper in &papers {
            let own = paper == "paper" || paper == "raised" || paper.starts_with(&ink);
            let anywhere = ink == "ink" || ink == "muted" || ink == "accent";
            if ink != "line" && ink != "on-accent" && ink != "focus" && (own || anywhere) {
                pairs.push((ink.clone(), paper.clone()));
            }
        }
    }
    pairs.push(("on-accent".to_owned(), "accent".to_owned()));
    pairs
}

#[test]
fn text_can_be_read_in_light_and_dark() {
    let sheet = style_sheet();
    let mut weak = Vec::new();
    for (theme, selector) in [("light", ":root"), ("dark", ":root[data-theme=\"dark\"]")] {
        let tokens = colours(&sheet, selector);
        let pairs = pairs(&tokens);
        assert!(pairs.len() > 20, "{theme}: {pairs:?}");
        for (ink, paper) in pairs {
            let ratio = contrast(&tokens[&ink], &tokens[&paper]);
            if ratio < 4.5 {
                weak.push(format!("{theme}: {ink} on {paper} is {ratio:.2}"));
            }
        }
        for paper in ["paper", "raised"] {
            let ratio = contrast(&tokens["focus"], &tokens[paper]);
            assert!(ratio >= 3.0, "{theme}: the focus on {paper} is {ratio:.2}");
        }
    }
    assert!(weak.is_empty(), "{}", weak.join("\n"));
}

#[test]
fn dark_is_the_same_by_choice_and_by_system() {
    let sheet = style_sheet();
    let chosen = colours(&sheet, ":root[data-theme=\"dark\"]");
    let system = colours(&sheet, ":root:not([data-theme=\"light\"])");
    assert_eq!(chosen, system);
    assert!(chosen.len() > 10);
}

#[test]
fn the_contrast_of_known_colours_is_known() {
    assert!((contrast("#000000", "#ffffff") - 21.0).abs() < 0.001);
    assert!((contrast("#767676", "#ffffff") - 4.54).abs() < 0.01);
}
