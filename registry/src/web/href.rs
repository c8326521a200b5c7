//! Addresses of pages.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What may stand in a segment of a path as it is.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// A text as a segment of a path, or as the value of a query.
pub(super) fn encoded(text: &str) -> String {
    utf8_percent_encode(text, SEGMENT).to_string()
}

/// The board of a project.
pub(super) fn project(name: &str) -> String {
    format!("/p/{}", encoded(name))
}

/// The buckets of a project.
pub(super) fn buckets(project_name: &str) -> String {
    format!("{}/buckets", project(project_name))
}

/// A bucket.
pub(super) fn bucket(project: &str, name: &str) -> String {
    format!("{}/{}", buckets(project), encoded(name))
}

/// A version of a bucket.
pub(super) fn version(project: &str, bucket_name: &str, fingerprint: &str) -> String {
    let bucket = bucket(project, bucket_name);
    format!("{bucket}/versions/{}", encoded(fingerprint))
}

/// The versions of a bucket.
pub(super) fn versions(project: &str, bucket_name: &str) -> String {
    format!("{}/versions", bucket(project, bucket_name))
}

/// What differs between two versions of a bucket, by fingerprint; the page chooses where one is empty.
pub(super) fn compare(project: &str, bucket_name: &str, (from, to): (&str, &str)) -> String {
    let page = format!("{}/compare", bucket(project, bucket_name));
    let pairs = [("from", from), ("to", to)];
    let pairs = pairs.iter().filter(|(_, value)| !value.is_empty());
    let query: Vec<String> = pairs
        .map(|(name, value)| format!("{name}={}", encoded(value)))
        .collect();
    if query.is_empty() {
        return page;
    }
    format!("{page}?{}", query.join("&"))
}

/// What happened to a version.
pub(super) fn version_activity(project_name: &str, bucket_name: &str, fingerprint: &str) -> String {
    let page = format!("{}/activity", project(project_name));
    let (bucket, version) = (encoded(bucket_name), encoded(fingerprint));
    format!("{page}?bucket={bucket}&version={version}")
}

/// What in a project has to do with a text.
pub(super) fn search(project_name: &str, text: &str) -> String {
    format!("{}/search?q={}", project(project_name), encoded(text))
}

/// The channels of a bucket.
pub(super) fn channels(project: &str, bucket_name: &str) -> String {
    format!("{}/channels", bucket(project, bucket_name))
}

/// A channel of a bucket.
pub(super) fn channel(project: &str, bucket_name: &str, name: &str) -> String {
    format!("{}/{}", channels(project, bucket_name), encoded(name))
}

/// Where a bucket is made. Not below the buckets, one of which may be called `new`.
pub(super) fn new_bucket(project_name: &str) -> String {
    format!("{}/new-bucket", project(project_name))
}

/// Where the versions are revoked that hold some artifacts, one a line; none asks for them.
pub(super) fn revoke_artifacts(project_name: &str, artifacts: &str) -> String {
    let path = format!("{}/revoke", project(project_name));
    if artifacts.is_empty() {
        return path;
    }
    format!("{path}?artifact={}", encoded(artifacts))
}

/// The sign-in page, and after it this path.
pub(super) fn sign_in(next: &str) -> String {
    if next == "/" {
        return "/sign-in".into();
    }
    format!("/sign-in?next={}", encoded(next))
}

/// The path if it leads to a page of ours, else the start.
pub(super) fn own(path: &str) -> &str {
    // Browsers leave tabs and ends of lines out before they look at an address.
    let strange = path.contains(|c: char| c == '\\' || c.is_control());
    let ours = path.starts_with('/') && !path.starts_with("//") && !strange;
    if ours { path } else { "/" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_led_away() {
        for path in [
            "https://example.com",
            "//example.com",
            "/\\example.com",
            "/\t/example.com",
            "/\n/example.com",
            "",
            "x",
        ] {
            assert_eq!(own(path), "/", "{path}");
        }
        assert_eq!(own("/p/one?state=act"), "/p/one?state=act");
    }

    #[test]
    fn names_are_encoded() {
        assert_eq!(project("a b/c?d"), "/p/a%20b%2Fc%3Fd");
        assert_eq!(sign_in("/p/one?x=1"), "/sign-in?next=%2Fp%2Fone%3Fx%3D1");
        assert_eq!(sign_in("/"), "/sign-in");
    }
}
