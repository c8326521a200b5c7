//! Readers of the parts of a document that hand on what they find, so that no list is ever in memory.

use std::{collections::BTreeSet, marker::PhantomData};

use serde::{Deserialize, de};

use super::{check, within};
use crate::domain::sbom::Package;

/// Makes a reader of `$type`, with these methods of a visitor. Null reads as nothing.
macro_rules! seed {
    ($({$($generic:ident),+})? $type:ty $(where [$($bound:tt)+])?, $expected:literal, { $($method:tt)+ }) => {
        impl<'de, $($($generic),+)?> serde::de::DeserializeSeed<'de> for $type
        where $($($bound)+)?
        {
            type Value = ();

            fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
                deserializer.deserialize_any(self)
            }
        }

        impl<'de, $($($generic),+)?> serde::de::Visitor<'de> for $type
        where $($($bound)+)?
        {
            type Value = ();

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str($expected)
            }

            $($method)+

            fn visit_unit<E: serde::de::Error>(self) -> Result<(), E> {
                Ok(())
            }
        }
    };
}
pub(super) use seed;

/// Hands over each element of a list.
pub(super) struct Each<F, T>(F, PhantomData<T>);

impl<F: FnMut(T) -> Result<(), String>, T> Each<F, T> {
    pub(super) fn new(take: F) -> Self {
        Self(take, PhantomData)
    }
}

seed!({F, T} Each<F, T> where [F: FnMut(T) -> Result<(), String>, T: Deserialize<'de>], "a list", {
    fn visit_seq<A: de::SeqAccess<'de>>(mut self, mut list: A) -> Result<(), A::Error> {
        while let Some(element) = list.next_element()? {
            (self.0)(element).map_err(de::Error::custom)?;
        }
        Ok(())
    }
});

/// Reads one field of an object and nothing else of it.
pub(super) struct Within<S>(pub(super) &'static str, pub(super) S);

seed!({S} Within<S> where [S: de::DeserializeSeed<'de, Value = ()>], "an object", {
    fn visit_map<A: de::MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut inner = Some(self.1);
        while let Some(key) = map.next_key::<String>()? {
            match inner.take_if(|_| key == self.0) {
                Some(inner) => map.next_value_seed(inner)?,
                None => drop(map.next_value::<de::IgnoredAny>()?),
            }
        }
        Ok(())
    }
});

/// The components of a `CycloneDX` document, those inside of others included.
pub(super) struct Components<'a>(pub(super) &'a mut BTreeSet<Package>);

seed!(Components<'_>, "a list of components", {
    fn visit_seq<A: de::SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while list.next_element_seed(Component(&mut *self.0))?.is_some() {}
        Ok(())
    }
});

#[derive(Deserialize)]
#[serde(field_identifier, rename_all = "camelCase")]
enum Key {
    Type,
    Name,
    Version,
    Purl,
    Components,
    #[serde(other)]
    Other,
}

struct Component<'a>(&'a mut BTreeSet<Package>);

seed!(Component<'_>, "a component", {
    fn visit_map<A: de::MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let (mut package, mut is_file) = (Package::default(), false);
        let text = |map: &mut A| map.next_value().map(Option::<String>::unwrap_or_default);
        while let Some(key) = map.next_key()? {
            match key {
                Key::Type => is_file = text(&mut map)? == "file",
                Key::Name => package.name = text(&mut map)?,
                Key::Version => package.version = text(&mut map)?,
                Key::Purl => package.purl = text(&mut map)?,
                Key::Components => map.next_value_seed(Components(&mut *self.0))?,
                Key::Other => drop(map.next_value::<de::IgnoredAny>()?),
            }
        }
        // The files of an image are no packages, and may be many times as many.
        if is_file && package.purl.is_empty() {
            return Ok(());
        }
        let package = check(package).map_err(de::Error::custom)?;
        if !self.0.contains(&package) {
            within(self.0.len()).map_err(de::Error::custom)?;
            self.0.insert(package);
        }
        Ok(())
    }
});
