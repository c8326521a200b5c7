//! Reads under load: `wrk` drives, this starts it, reads its numbers and refuses a run with anything wrong.

use std::{
    fmt::Write as _,
    path::Path,
    process::{Command, Stdio},
};

use serde::Deserialize;

use crate::{Done, exchange};

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

/// What is asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Read<'a> {
    pub(crate) path: &'a str,
    pub(crate) token: &'a str,
    /// What the answer must be.
    pub(crate) body: &'a [u8],
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
/// all bytes that came must be those of as many answers of this size, all with status 200.
pub(crate) fn drive(folder: &Path, address: &str, read: Read<'_>, seconds: u32) -> Done<Counted> {
    let size = inspect(address, read)?;
    let mut script = SCRIPT.to_owned();
    // In a file, since everybody on the machine can read the arguments of a process.
    writeln!(
        script,
        "wrk.headers[\"Authorization\"] = \"Bearer {}\"",
        read.token
    )?;
    let file = folder.join("read.lua");
    std::fs::write(&file, script)?;
    let output = Command::new("wrk")
        .args(["-t1", &format!("-c{CONNECTIONS}"), &format!("-d{seconds}s")])
        .args(["--latency", "-s"])
        .arg(&file)
        .arg(format!("http://{address}{}", read.path))
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("wrk (Debian: apt-get install wrk): {error}"))?;
    let text = String::from_utf8_lossy(&output.stdout);
    let counted = text
        .lines()
        .find_map(|line| line.strip_prefix("COUNTED "))
        .ok_or_else(|| format!("wrk: {text}{}", String::from_utf8_lossy(&output.stderr)))?;
    let counted: Counted = serde_json::from_str(counted)?;
    judge(&counted, size)?;
    inspect(address, read)?;
    Ok(counted)
}

/// Compares one answer with what it must be, and tells the size of all of it.
fn inspect(address: &str, read: Read<'_>) -> Done<u64> {
    let answer = exchange::get(address, read.path, read.token)?;
    if answer.body != read.body {
        return Err(format!("{address} answers other bytes than it should").into());
    }
    Ok((answer.head + answer.body.len()) as u64)
}

fn judge(counted: &Counted, size: u64) -> Done {
    if counted.errors > 0 || counted.requests == 0 {
        return Err(format!("wrk met errors: {counted:?}").into());
    }
    // One answer for each connection may be half read when time is up.
    let whole = counted.requests * size;
    let most = whole + CONNECTIONS as u64 * size;
    if counted.bytes < whole || counted.bytes > most {
        return Err(format!("answers are not of {size} bytes each: {counted:?}").into());
    }
    Ok(())
}
