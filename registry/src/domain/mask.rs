//! Update masks: which fields of a body count.

use crate::error::{Error, Result};

/// The fields that a mask names, in `snake_case`; it may name them in lower camel case as well.
///
/// # Errors
/// [`Error::Invalid`] when there is no mask, or it names a field that is not one of `allowed`.
pub fn fields(mask: Option<&str>, allowed: &[&'static str]) -> Result<Vec<&'static str>> {
    let mask = mask.map(str::trim).filter(|mask| !mask.is_empty());
    let can = allowed.join(", ");
    let mask = mask.ok_or_else(|| {
        let problem = format!("is required: one or more of {can}, separated by commas");
        Error::invalid("body.update_mask", problem)
    })?;
    mask.split(',')
        .map(str::trim)
        .map(|path| {
            let known = allowed
                .iter()
                .find(|field| **field == path || lower_camel(field) == path);
            known.copied().ok_or_else(|| {
                let problem = format!("{path:?} cannot be updated, only: {can}");
                Error::invalid("body.update_mask", problem)
            })
        })
        .collect()
}

fn lower_camel(snake: &str) -> String {
    let mut words = snake.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |mut text, word| {
        let mut letters = word.chars();
        text.extend(letters.next().map(|letter| letter.to_ascii_uppercase()));
        text.push_str(letters.as_str());
        text
    })
}

#[cfg(test)]
mod tests {
    use super::fields;

    #[test]
    fn both_spellings_name_a_field() {
        let allowed = ["name", "additional_description"];
        for (mask, expected) in [
            ("name", vec!["name"]),
            (
                "additionalDescription, name",
                vec!["additional_description", "name"],
            ),
            ("additional_description", vec!["additional_description"]),
        ] {
            assert_eq!(fields(Some(mask), &allowed).unwrap(), expected, "{mask}");
        }
    }

    #[test]
    fn a_missing_or_unknown_mask_is_refused() {
        for mask in [
            None,
            Some(""),
            Some(" "),
            Some("Name"),
            Some("name,"),
            Some("id"),
        ] {
            assert!(fields(mask, &["name"]).is_err(), "{mask:?}");
        }
    }
}
