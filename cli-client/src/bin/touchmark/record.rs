//! What is to be said of a build, kept on disk until the registry has heard it.

pub(crate) mod courier;
pub(crate) mod display;
pub(crate) mod entry;
pub(crate) mod journal;
pub(crate) mod parent;
pub(crate) mod report;
pub(crate) mod sbom;
pub(crate) mod sender;
pub(crate) mod surroundings;
