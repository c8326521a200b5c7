//! Macros that write the repeated parts of enums and request bodies.

use std::fmt;

/// A text that names no value of an enum.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownValue {
    /// The text.
    pub value: String,
    /// The names that would have been understood.
    pub expected: &'static [&'static str],
}

impl fmt::Display for UnknownValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let expected = self.expected.join(", ");
        write!(
            f,
            "unknown value {:?}, expected one of {expected}",
            self.value
        )
    }
}

impl std::error::Error for UnknownValue {}

/// Declares an enum whose values have names in the protocol; `| "…"` adds a
/// name that is only read.
macro_rules! string_enum {
    (
        $(#[$meta:meta])*
        pub enum $name:ident {
            $($(#[$variant_meta:meta])* $variant:ident = $text:literal $(| $alias:literal)*),+ $(,)?
        }
    ) => {
        $(#[$meta])*
        #[derive(
            Debug, Clone, Copy, Default, PartialEq, Eq, Hash,
            serde::Serialize, serde::Deserialize,
        )]
        pub enum $name {
            $(
                $(#[$variant_meta])*
                #[serde(rename = $text $(, alias = $alias)*)]
                $variant,
            )+
        }

        impl $name {
            /// All values, in the order of the protocol document.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The names of all values.
            pub const NAMES: &'static [&'static str] = &[$($text),+];

            /// The value's name in the protocol.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)+
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::UnknownValue;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match text {
                    $($text $(| $alias)* => Ok(Self::$variant),)+
                    _ => Err($crate::UnknownValue {
                        value: text.to_owned(),
                        expected: Self::NAMES,
                    }),
                }
            }
        }
    };
}

/// Declares a request body: absent and `null` read as the default, and defaults
/// are not written, except for the fields under `always`.
macro_rules! body {
    (
        $(#[$meta:meta])*
        pub struct $name:ident {
            $($(#[$field_meta:meta])* pub $field:ident: $type:ty,)*
        } $(always {
            $($(#[$always_meta:meta])* pub $always:ident: $always_type:ty,)*
        })?
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
        #[serde(default)]
        pub struct $name {
            $(
                $(#[$field_meta])*
                #[serde(
                    deserialize_with = "crate::sparse::null_default",
                    skip_serializing_if = "crate::sparse::is_default"
                )]
                pub $field: $type,
            )*
            $($($(#[$always_meta])* pub $always: $always_type,)*)?
        }
    };
}
