//! Reads under load: `wrk` drives, this starts it, reads its numbers and refuses a run with anything wrong.

use std::{
    fmt::Write as _,
    path::Path,
    process::{Command, Stdio},
};

use serde::Deserialize;

use crate::{
    Done,
    exchange::{self, Ask, Place},
};

/// Connections, all of them driven by one thread.
const CONNECTIONS: usize = 16;

/// What `wrk` counted. Times are microseconds.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Counted {
    pub(crate) requests: u64,
    bytes: u64,
    pub(crate) duration: u64,
    errors: u64,
    pub(crate) p50: f64,
    pub(crate) p99: f64,
}

/// `done` alone does not slow `wrk` down; looking at each answer would.
const SCRIPT: &str = r#"
done = function(summary, latency, requests)
   local e = summary.errors
   io.write(string.format(
      'COUNTED {"requests":%d,"bytes":%d,"duration":%d,"errors":%d,"p50":%.1f,"p99":%.1f}\n',
      summary.requests, summary.bytes, summary.duration,
      e.connect + e.read + e.write + e.status + e.timeout,
      latency:percentile(50), latency:percentile(99)))
end
"#;

/// Drives one server for so many seconds. Before and after, its answer is compared byte by byte; in between,
/// all bytes that came must be those of as many answers of this size, none of them an error.
pub(crate) fn drive(
    folder: &Path,
    place: Place<'_>,
    (ask, body): (&Ask, &[u8]),
    seconds: u32,
) -> Done<Counted> {
    let size = inspect(place, ask, body)?;
    let counted = count(folder, place, (ask, ""), seconds)?;
    judge(&counted, size)?;
    inspect(place, ask, body)?;
    Ok(counted)
}

/// Lets `wrk` ask this, or what `script` makes of it, in Lua, and counts.
pub(crate) fn count(
    folder: &Path,
    place: Place<'_>,
    (ask, script): (&Ask, &str),
    seconds: u32,
) -> Done<Counted> {
    let mut text = format!("{SCRIPT}\nwrk.method = {:?}\n", ask.method);
    // In a file, since everybody on the machine can read the arguments of a process.
    for (name, value) in &ask.headers {
        writeln!(text, "wrk.headers[{name:?}] = {value:?}")?;
    }
    if !ask.body.is_empty() {
        writeln!(text, "wrk.body = {:?}", ask.body)?;
    }
    text.push_str(script);
    let file = folder.join("load.lua");
    std::fs::write(&file, text)?;
    let scheme = place.authority.map_or("http", |_| "https");
    let output = Command::new("wrk")
        .args(["-t1", &format!("-c{CONNECTIONS}"), &format!("-d{seconds}s")])
        .args(["--latency", "-s"])
        .arg(&file)
        .arg(format!("{scheme}://{}{}", place.address, ask.path))
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("wrk (Debian: apt-get install wrk): {error}"))?;
    let text = String::from_utf8_lossy(&output.stdout);
    let counted = text
        .lines()
        .find_map(|line| line.strip_prefix("COUNTED "))
        .ok_or_else(|| format!("wrk: {text}{}", String::from_utf8_lossy(&output.stderr)))?;
    let counted: Counted = serde_json::from_str(counted)?;
    if counted.errors > 0 || counted.requests == 0 {
        return Err(format!("wrk met errors: {counted:?}").into());
    }
    Ok(counted)
}

/// Compares one answer with what it must be, and tells the size of all of it.
fn inspect(place: Place<'_>, ask: &Ask, body: &[u8]) -> Done<u64> {
    let answer = exchange::send(place, ask)?;
    if answer.body != body {
        let (address, path) = (place.address, &ask.path);
        return Err(format!("{address} answers {path} with other bytes than it should").into());
    }
    Ok(answer.size())
}

fn judge(counted: &Counted, size: u64) -> Done {
    // One answer for each connection may be half read when time is up.
    let whole = counted.requests * size;
    let most = whole + CONNECTIONS as u64 * size;
    if counted.bytes < whole || counted.bytes > most {
        return Err(format!("answers are not of {size} bytes each: {counted:?}").into());
    }
    Ok(())
}
