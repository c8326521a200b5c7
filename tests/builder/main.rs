//! `touchmark build` and `touchmark push` as processes against real servers: with Debian's Packer, and with a
//! stand-in that prints what Packer would print of clouds that are not here.
#![expect(
    clippy::expect_used,
    clippy::too_many_lines,
    reason = "a helper of tests that cannot go on has failed, and most lines of a test are its snapshots"
)]

mod away;
mod clouds;
mod endings;
mod examples;
mod hand_over;
mod heartbeats;
mod packer;
mod parents;
mod push;
mod terminal;
mod workshop;
