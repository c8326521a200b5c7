//! Which documents are read, and which packages they name.

use serde_json::{Value, json};

use super::packages;
use crate::domain::sbom::Format::{self, CycloneDx, Spdx};

fn read(format: Format, document: &Value) -> Result<Vec<String>, String> {
    let packages = packages(format, document.to_string().as_bytes())?;
    let line = |p: super::Package| format!("{} {} {}", p.name, p.version, p.purl);
    Ok(packages.into_iter().map(line).collect())
}

#[test]
fn nested_components_are_flattened_and_duplicates_shown_once() {
    let zlib =
        json!({"type": "library", "name": "zlib", "version": "1.3", "purl": "pkg:deb/zlib@1.3"});
    let document = json!({
        "bomFormat": "CycloneDX", "specVersion": "1.6",
        "metadata": {"component": {"type": "container", "name": "image", "components": [zlib]}},
        "components": [
            {"type": "library", "name": "openssl", "version": "3.0", "components": [
                {"type": "library", "name": "inner", "components": [zlib, null]}]},
            {"type": "file", "name": "/etc/passwd"}, zlib],
        "services": null,
    });
    // A component that is null says nothing; so does a list that is.
    let expected = ["inner  ", "openssl 3.0 ", "zlib 1.3 pkg:deb/zlib@1.3"];
    assert_eq!(read(CycloneDx, &document).unwrap(), expected);
    let empty = json!({"bomFormat": "CycloneDX", "specVersion": "1.2", "components": null});
    assert!(read(CycloneDx, &empty).unwrap().is_empty());
}

#[test]
fn what_an_spdx_document_describes_is_no_package_of_it() {
    let document = |extra: Value| {
        let mut document = json!({
            "spdxVersion": "SPDX-2.3",
            "packages": [
                {"SPDXID": "SPDXRef-image", "name": "image"},
                {"SPDXID": "SPDXRef-z", "name": "zlib", "versionInfo": "1.3", "externalRefs": [
                    {"referenceCategory": "SECURITY", "referenceType": "cpe23Type", "referenceLocator": "cpe"},
                    {"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl",
                     "referenceLocator": "pkg:deb/zlib@1.3"}]}],
        });
        let (target, extra) = (document.as_object_mut().unwrap(), extra);
        target.extend(extra.as_object().unwrap().clone());
        document
    };
    let described = json!({"documentDescribes": ["SPDXRef-image"]});
    let relation = json!({"relationships": [{"spdxElementId": "SPDXRef-DOCUMENT",
        "relationshipType": "DESCRIBES", "relatedSpdxElement": "SPDXRef-image"}]});
    let described_by = json!({"relationships": [{"spdxElementId": "SPDXRef-image",
        "relationshipType": "DESCRIBED_BY", "relatedSpdxElement": "SPDXRef-DOCUMENT"}]});
    for extra in [described, relation, described_by] {
        let packages = read(Spdx, &document(extra)).unwrap();
        assert_eq!(packages, ["zlib 1.3 pkg:deb/zlib@1.3"]);
    }
    let every = json!({"documentDescribes": ["SPDXRef-image", "SPDXRef-z"]});
    assert_eq!(read(Spdx, &document(every)).unwrap().len(), 2);
    assert_eq!(read(Spdx, &document(json!({}))).unwrap().len(), 2);
}

#[test]
fn a_document_of_another_format_is_refused() {
    let cyclone = json!({"bomFormat": "CycloneDX", "specVersion": "1.5"});
    let spdx = json!({"spdxVersion": "SPDX-2.3"});
    let both = json!({"bomFormat": "CycloneDX", "specVersion": "1.5", "spdxVersion": "SPDX-2.3"});
    let third = json!({"@context": "https://spdx.org/rdf/3.0.1/spdx-context.jsonld", "@graph": []});
    for (format, document, says) in [
        (Spdx, &cyclone, "SPDX 2.x"),
        (CycloneDx, &spdx, "a CycloneDX document"),
        (Spdx, &both, "not both"),
        (CycloneDx, &both, "not both"),
        (Spdx, &third, "SPDX 3"),
        (CycloneDx, &json!({"bomFormat": "CycloneDX"}), "specVersion"),
        (
            CycloneDx,
            &json!({"bomFormat": "CycloneDX", "specVersion": "2.0"}),
            "1.x",
        ),
        (Spdx, &json!({"spdxVersion": "SPDX-2."}), "SPDX 2.x"),
        (Spdx, &json!({"spdxVersion": 2}), "at spdxVersion"),
        (Spdx, &json!([]), "a JSON object"),
        (Spdx, &json!(null), "SPDX 2.x"),
    ] {
        let problem = read(format, document).unwrap_err();
        assert!(problem.contains(says), "{document}: {problem}");
    }
}

#[test]
fn what_cannot_be_kept_is_refused_with_its_place() {
    let of = |component: Value| {
        let components = json!([{"name": "good"}, component]);
        let document =
            json!({"bomFormat": "CycloneDX", "specVersion": "1.5", "components": components});
        read(CycloneDx, &document).unwrap_err()
    };
    for (component, says) in [
        (json!({}), "without a name"),
        (json!({"name": "a\0b"}), "a name with a NUL"),
        (
            json!({"name": "a", "version": "\0"}),
            "a version with a NUL",
        ),
        (
            json!({"name": "a", "purl": "x".repeat(4_097)}),
            "a purl of more",
        ),
        (json!({"name": "x".repeat(1_025)}), "a name of more"),
        (json!({"name": 1}), "components[1].name"),
        (json!("zlib"), "components[1]"),
    ] {
        let problem = of(component.clone());
        assert!(problem.contains(says), "{component}: {problem}");
        assert!(problem.contains("at components[1]"), "{problem}");
    }
}

#[test]
fn text_that_is_no_document_is_refused() {
    for bad in [
        b"".as_slice(),
        b"<bom/>",
        b"{",
        b"{} {}",
        b"\xff\xfe",
        b"{\"a\":\"\xff\"}",
        b"\xef\xbb\xbf{}",
    ] {
        assert!(packages(CycloneDx, bad).is_err(), "{bad:?}");
    }
}

#[test]
fn depth_and_number_of_packages_have_a_limit() {
    let nested = |depth: usize| {
        let (open, close) = (
            r#"{"name":"a","components":["#.repeat(depth),
            "]}".repeat(depth),
        );
        format!(r#"{{"bomFormat":"CycloneDX","specVersion":"1.5","components":[{open}{close}]}}"#)
    };
    assert!(packages(CycloneDx, nested(49).as_bytes()).is_ok());
    assert!(packages(CycloneDx, nested(50).as_bytes()).is_err());
    let ignored = format!(r#"{{"x":{}1{}}}"#, "[".repeat(100_000), "]".repeat(100_000));
    assert!(
        packages(CycloneDx, ignored.as_bytes())
            .unwrap_err()
            .contains("deep")
    );
    let quoted = format!(
        r#"{{"bomFormat":"CycloneDX","specVersion":"1.5","x":"\"{}"}}"#,
        "[".repeat(200)
    );
    assert!(packages(CycloneDx, quoted.as_bytes()).is_ok());
    let many: Vec<Value> = (0..=100_000)
        .map(|n| json!({"name": n.to_string()}))
        .collect();
    let problem = read(CycloneDx, &json!({"components": many})).unwrap_err();
    assert!(problem.contains("more than 100000 packages"), "{problem}");
    let same: Vec<Value> = (0..=100_000).map(|_| json!({"name": "a"})).collect();
    let document = json!({"bomFormat": "CycloneDX", "specVersion": "1.5", "components": same});
    assert_eq!(read(CycloneDx, &document).unwrap().len(), 1);
}
