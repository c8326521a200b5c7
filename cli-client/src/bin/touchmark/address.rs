//! How channels and versions are named on the command line: `BUCKET:CHANNEL`, `BUCKET:VERSION`.

use std::fmt;
use std::str::FromStr;

/// Something in a bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Address {
    /// Name of the bucket.
    pub(crate) bucket: String,
    /// Name of what is meant; for a version, its fingerprint or its name.
    pub(crate) name: String,
}

impl FromStr for Address {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_once(':') {
            Some((bucket, name)) if !bucket.is_empty() && !name.is_empty() => Ok(Self {
                bucket: bucket.to_owned(),
                name: name.to_owned(),
            }),
            _ => Err("it is written BUCKET:NAME, as in alpine:production or alpine:v3"),
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.bucket, self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::Address;

    #[test]
    fn addresses_have_two_parts() {
        let address: Result<Address, _> = "alpine:v3".parse();
        assert_eq!(
            address.map(|a| (a.bucket, a.name)),
            Ok(("alpine".into(), "v3".into()))
        );
        for text in ["alpine", ":v3", "alpine:", ":"] {
            assert!(text.parse::<Address>().is_err(), "{text}");
        }
    }
}
