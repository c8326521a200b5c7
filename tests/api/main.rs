//! The HCP face, resource by resource, as clients see it.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a helper of tests that cannot go on has failed"
)]

mod ancestry;
mod ancestry_filters;
mod bad_input;
mod board;
mod board_forms;
mod board_memory;
mod board_rules;
mod bucket_list;
mod buckets;
mod build_life;
mod build_values;
mod builds;
mod channel_assignment;
mod channel_history;
mod channels;
mod enforced_blocks;
mod error_values;
mod errors;
mod kit;
mod legacy;
mod limits;
mod memory;
mod operations;
mod own_events;
mod own_principals;
mod own_projects;
mod own_sboms;
mod packages;
mod policies;
mod policy_effects;
mod policy_refusals;
mod principals;
mod registry;
mod resolve;
mod resolve_memory;
mod resolve_refusals;
mod resource_manager;
mod revocation_inheritance;
mod revocation_limits;
mod revocation_many;
mod revocation_of_newcomers;
mod revocation_preview;
mod revocation_preview_family;
mod revocation_rollback;
mod revocation_selection;
mod revocations;
mod roles;
mod run_tasks;
mod sbom_kit;
mod sbom_values;
mod sboms;
mod search;
mod service_principals;
mod sign_in;
mod slow_down;
mod version_delete;
mod versions;
mod whoami;
