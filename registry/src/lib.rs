//! The Touchmark registry: a self-hosted registry for machine-image metadata that speaks the HCP Packer
//! protocol. `ARCHITECTURE.md` says how the parts fit together.

pub mod api;
pub mod auth;
pub mod cache;
mod certificate;
pub mod commands;
pub mod config;
pub mod demo;
pub mod domain;
pub mod envfile;
pub mod error;
mod folder;
pub mod jobs;
pub mod maintenance;
pub mod ops;
pub mod private_file;
pub mod seal;
pub mod server;
mod shown;
pub mod state;
pub mod store;
pub mod telemetry;
pub mod tls;
pub mod web;
