//! What older clients still ask for, one module per protocol version.

pub mod v2021;
pub mod v2022;
