//! The HCP face, resource by resource, as clients see it.

mod buckets;
