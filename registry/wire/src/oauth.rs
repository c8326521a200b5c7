//! The token endpoint.

use serde::{Deserialize, Serialize};

/// The only grant type that the token endpoint knows.
pub const CLIENT_CREDENTIALS: &str = "client_credentials";

/// The audience that every client asks for.
pub const AUDIENCE: &str = "https://api.hashicorp.cloud";

body! {
    /// Form that asks for a token.
    pub struct TokenRequest {
        /// Always [`CLIENT_CREDENTIALS`].
        pub grant_type: String,
        /// [`AUDIENCE`], or absent.
        pub audience: String,
        /// Client id; absent when it comes in the `Authorization` header.
        pub client_id: String,
        /// Client secret; absent when it comes in the `Authorization` header.
        pub client_secret: String,
    }
}

/// A token.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TokenResponse {
    /// The token, opaque to clients.
    pub access_token: String,
    /// `bearer`.
    pub token_type: String,
    /// Seconds that it stays valid.
    pub expires_in: i64,
}

/// Why no token was given.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TokenError {
    /// Code, such as `invalid_client`.
    pub error: String,
    /// Text for people.
    pub error_description: String,
}
