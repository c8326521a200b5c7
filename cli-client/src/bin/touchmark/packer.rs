//! Packer as it is found: its version, its templates, its output, and the run of it.

pub(crate) mod arguments;
pub(crate) mod artifacts;
pub(crate) mod files;
pub(crate) mod manifest;
pub(crate) mod process;
pub(crate) mod program;
pub(crate) mod stream;
pub(crate) mod template;
