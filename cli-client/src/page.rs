//! Which page of a list a call asks for.

/// Which page of a list a call asks for; the default is the first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Page {
    /// Number of entries; the registry decides if not set.
    pub size: Option<u32>,
    /// Token of the page, from the answer before it.
    pub next_page_token: Option<String>,
    /// Token of the page, from the answer after it.
    pub previous_page_token: Option<String>,
    /// Fields to sort by, each with ` asc` or ` desc` if wanted.
    pub order_by: Vec<String>,
}

impl Page {
    /// The page as query parameters.
    pub(crate) fn query(&self) -> Vec<(&'static str, String)> {
        let mut query = Vec::new();
        let mut add = |name, value: Option<String>| query.extend(value.map(|value| (name, value)));
        add(
            "pagination.page_size",
            self.size.map(|size| size.to_string()),
        );
        add("pagination.next_page_token", self.next_page_token.clone());
        add(
            "pagination.previous_page_token",
            self.previous_page_token.clone(),
        );
        for field in &self.order_by {
            add("sorting.order_by", Some(field.clone()));
        }
        query
    }
}
