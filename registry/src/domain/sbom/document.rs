//! What an SBOM says: that it is of the format it is said to be, and its packages. It is read in one
//! pass that keeps nothing else, since a document may have hundreds of megabytes.

mod seeds;

use std::collections::{BTreeSet, HashSet};

use serde::{Deserialize, Deserializer, de, de::DeserializeSeed};

use super::{Format, Package};
use crate::domain::limit;
use seeds::{Components, Each, Within};

/// The packages of a document, each once, in order.
pub(super) fn packages(format: Format, json: &[u8]) -> Result<Vec<Package>, String> {
    let text = std::str::from_utf8(json).map_err(|_| "must be UTF-8".to_owned())?;
    if is_deep(json) {
        let most = limit::SBOM_DEPTH;
        return Err(format!("must not be nested more than {most} deep"));
    }
    let mut outline = Outline::default();
    let mut reader = serde_json::Deserializer::from_str(text);
    let mut track = serde_path_to_error::Track::new();
    let tracked = serde_path_to_error::Deserializer::new(&mut reader, &mut track);
    let read = Top(&mut outline).deserialize(tracked);
    read.and_then(|()| reader.end()).map_err(|error| {
        let error = error.to_string().replace(['\n', '\r'], " ");
        match track.path().to_string().as_str() {
            "." => format!("must be a JSON document: {error}"),
            path => format!("must be a {} document: at {path}: {error}", format.as_str()),
        }
    })?;
    outline.claim(format)?;
    Ok(match format {
        Format::CycloneDx => outline.components.into_iter().collect(),
        Format::Spdx => outline.not_described(),
    })
}

/// Whether something lies deeper than the limit. Readers of JSON skip what they do not look for without
/// counting, and whoever downloads the document may not.
fn is_deep(json: &[u8]) -> bool {
    let (mut depth, mut quoted, mut escaped) = (0_usize, false, false);
    for byte in json {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'{' | b'[' if !quoted => {
                depth += 1;
                if depth > limit::SBOM_DEPTH {
                    return true;
                }
            }
            b'}' | b']' if !quoted => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    false
}

/// What is kept of a document while it is read.
#[derive(Default)]
struct Outline {
    bom_format: Option<String>,
    spec_version: Option<String>,
    spdx_version: Option<String>,
    linked_data: bool,
    components: BTreeSet<Package>,
    elements: Vec<(String, Package)>,
    described: HashSet<String>,
}

impl Outline {
    /// Refuses a document that is not of this format, or of both.
    fn claim(&self, format: Format) -> Result<(), String> {
        let cyclone = self.bom_format.as_deref() == Some("CycloneDX");
        let starts = |version: &Option<String>, with: &str| {
            let rest = version.as_deref().and_then(|text| text.strip_prefix(with));
            rest.is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_digit()))
        };
        let problem = match format {
            _ if cyclone && self.spdx_version.is_some() => {
                "must be one of CycloneDX and SPDX, not both"
            }
            Format::CycloneDx if !cyclone => {
                "must be a CycloneDX document, with bomFormat \"CycloneDX\""
            }
            Format::CycloneDx if !starts(&self.spec_version, "1.") => {
                "must be CycloneDX 1.x: specVersion says otherwise"
            }
            Format::Spdx if self.spdx_version.is_none() && self.linked_data => {
                "SPDX 3 (JSON-LD) is not read yet: send SPDX 2.2 or 2.3 as JSON"
            }
            Format::Spdx if !starts(&self.spdx_version, "SPDX-2.") => {
                "must be an SPDX 2.x document, with spdxVersion such as \"SPDX-2.3\""
            }
            _ => return Ok(()),
        };
        Err(problem.to_owned())
    }

    /// The packages of an SPDX document but for what it describes, which is the image itself. Some tools
    /// have the document describe every package: these stay, since none of them is the image.
    fn not_described(self) -> Vec<Package> {
        let Self {
            elements,
            described,
            ..
        } = self;
        let is_subject = |id: &String| described.contains(id);
        let all = elements.len() > 1 && elements.iter().all(|(id, _)| is_subject(id));
        let kept = elements
            .into_iter()
            .filter(|(id, _)| all || !is_subject(id))
            .map(|(_, package)| package);
        kept.collect::<BTreeSet<_>>().into_iter().collect()
    }

    fn describe(&mut self, id: String) -> Result<(), String> {
        within(self.described.len())?;
        self.described.insert(id);
        Ok(())
    }
}

/// The fields of a document that are looked at.
#[derive(Deserialize)]
#[serde(field_identifier, rename_all = "camelCase")]
enum Key {
    BomFormat,
    SpecVersion,
    SpdxVersion,
    #[serde(rename = "@context")]
    Context,
    Metadata,
    Components,
    Packages,
    DocumentDescribes,
    Relationships,
    #[serde(other)]
    Other,
}

/// Reads a whole document.
struct Top<'a>(&'a mut Outline);

seeds::seed!(Top<'_>, "a JSON object", {
    fn visit_map<A: de::MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let outline = self.0;
        while let Some(key) = map.next_key()? {
            match key {
                Key::BomFormat => outline.bom_format = map.next_value()?,
                Key::SpecVersion => outline.spec_version = map.next_value()?,
                Key::SpdxVersion => outline.spdx_version = map.next_value()?,
                Key::Context => {
                    outline.linked_data = true;
                    map.next_value::<de::IgnoredAny>()?;
                }
                Key::Metadata => {
                    let parts = Within("components", Components(&mut outline.components));
                    map.next_value_seed(Within("component", parts))?;
                }
                Key::Components => {
                    map.next_value_seed(Components(&mut outline.components))?;
                }
                Key::Packages => map.next_value_seed(Each::new(|element: Element| {
                    within(outline.elements.len())?;
                    outline.elements.push(element.checked()?);
                    Ok(())
                }))?,
                Key::DocumentDescribes => {
                    map.next_value_seed(Each::new(|id| outline.describe(id)))?;
                }
                Key::Relationships => {
                    map.next_value_seed(Each::new(|relation: Relation| {
                        relation.subject().map_or(Ok(()), |id| outline.describe(id))
                    }))?;
                }
                Key::Other => {
                    map.next_value::<de::IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }
});

/// Refuses one more package than there may be.
fn within(count: usize) -> Result<(), String> {
    if count < limit::PACKAGES {
        return Ok(());
    }
    Err(format!("more than {} packages", limit::PACKAGES))
}

/// A package that can be kept.
fn check(package: Package) -> Result<Package, String> {
    let Package {
        name,
        version,
        purl,
    } = &package;
    if name.is_empty() {
        return Err("a package without a name".to_owned());
    }
    for (field, text, most) in [
        ("name", name, limit::TEXT),
        ("version", version, limit::TEXT),
        ("purl", purl, limit::PURL),
    ] {
        if text.len() > most {
            return Err(format!("a {field} of more than {most} bytes"));
        }
        if text.contains('\0') {
            return Err(format!("a {field} with a NUL character"));
        }
    }
    Ok(package)
}

/// A package of an SPDX document.
#[derive(Deserialize)]
struct Element {
    #[serde(rename = "SPDXID")]
    id: Option<String>,
    name: Option<String>,
    #[serde(rename = "versionInfo")]
    version: Option<String>,
    #[serde(rename = "externalRefs", default, deserialize_with = "purl")]
    purl: String,
}

impl Element {
    fn checked(self) -> Result<(String, Package), String> {
        let package = check(Package {
            name: self.name.unwrap_or_default(),
            version: self.version.unwrap_or_default(),
            purl: self.purl,
        })?;
        Ok((self.id.unwrap_or_default(), package))
    }
}

/// The purl among the references of a package; the first, if there are several.
fn purl<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Reference {
        reference_type: Option<String>,
        reference_locator: Option<String>,
    }
    let mut purl = String::new();
    Each::new(|reference: Reference| {
        if purl.is_empty() && reference.reference_type.as_deref() == Some("purl") {
            purl = reference.reference_locator.unwrap_or_default();
        }
        Ok(())
    })
    .deserialize(deserializer)?;
    Ok(purl)
}

/// A relationship of an SPDX document.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Relation {
    spdx_element_id: Option<String>,
    relationship_type: Option<String>,
    related_spdx_element: Option<String>,
}

impl Relation {
    /// What the document describes, if this says so.
    fn subject(self) -> Option<String> {
        const DOCUMENT: Option<&str> = Some("SPDXRef-DOCUMENT");
        let (from, to) = (self.spdx_element_id, self.related_spdx_element);
        match self.relationship_type.as_deref() {
            Some("DESCRIBES") if from.as_deref() == DOCUMENT => to,
            Some("DESCRIBED_BY") if to.as_deref() == DOCUMENT => from,
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests;
