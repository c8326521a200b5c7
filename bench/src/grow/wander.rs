//! Load that comes to everything there is: each request is about another bucket or version, so that whatever a
//! server keeps in memory is full up to its bounds.

use std::path::Path;

use super::questions::Registry;
use crate::{
    Done,
    exchange::{Ask, Place},
    seed::{self, READ_CHANNEL, fingerprint},
    wrk,
};

/// Channels and versions in turn, by chance but the same in each run.
const SCRIPT: &str = r#"
math.randomseed(7)
local turn = 0
request = function()
   turn = 1 - turn
   local number = math.random(0, VERSIONS - 1)
   local bucket = BASE .. string.format("BUCKET", number % BUCKETS)
   if turn == 0 then
      return wrk.format("GET", bucket .. "/channels/CHANNEL")
   end
   return wrk.format("GET", bucket .. "/versions/" .. string.format("FINGERPRINT", number))
end
"#;

/// Drives for so many seconds: how many answers there were, none of them an error.
pub(super) fn drive(registry: &Registry, seconds: u32, folder: &Path) -> Done<u64> {
    let (target, sizes) = (&registry.target, &registry.sizes);
    // What Lua is to make of a number, from what this program makes of one.
    let form = |text: String| {
        let digits = text.chars().rev().take_while(char::is_ascii_digit).count();
        let (name, _) = text.split_at(text.len() - digits);
        format!("{name}%0{digits}d")
    };
    let base = format!("{}/", target.scope().buckets());
    let script = SCRIPT
        .replace("VERSIONS", &sizes.versions.to_string())
        .replace("BUCKETS", &sizes.buckets.to_string())
        .replace("FINGERPRINT", &form(fingerprint(0)))
        .replace("BUCKET", &form(seed::bucket(0)))
        .replace("CHANNEL", READ_CHANNEL)
        .replace("BASE", &format!("{base:?}"));
    let place = Place {
        address: &target.address,
        authority: None,
    };
    let ask = Ask::get(base).by(&target.token);
    Ok(wrk::count(folder, place, (&ask, &script), seconds)?.requests)
}
