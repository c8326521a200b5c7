//! The page tokens that list responses carry.

use serde::{Deserialize, Serialize};

/// Opaque tokens of the neighbouring pages, empty at the ends.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PaginationResponse {
    /// Token of the next page, or empty.
    pub next_page_token: String,
    /// Token of the previous page, or empty.
    pub previous_page_token: String,
}
