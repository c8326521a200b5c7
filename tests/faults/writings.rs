//! What a writer's bucket looks like after so many steps, and what it looks like in truth.

use touchmark_client::Page;
use touchmark_tests::{Client, Error};

use crate::writer::{BUILDS, CHANNEL, ROUND, Step, fingerprint, is_revoked_in_the_end};

/// All that there is to see of a bucket, one line for each thing.
pub(crate) type Seen = Vec<String>;

/// What became of one version in the first `done` steps of its round.
struct Progress {
    version: usize,
    done: usize,
}

impl Progress {
    fn has(&self, step: Step) -> bool {
        let place = ROUND.iter().position(|other| *other == step);
        place.is_some_and(|place| place < self.done)
    }

    fn is_complete(&self) -> bool {
        self.has(Step::SecondDone)
    }

    fn is_revoked(&self) -> bool {
        self.has(Step::Revoke) && is_revoked_in_the_end(self.version)
    }

    /// The version and its builds.
    fn lines(&self) -> Seen {
        let fingerprint = fingerprint(self.version);
        let (number, status) = match (self.is_revoked(), self.is_complete()) {
            (true, _) => (self.version + 1, "VERSION_REVOKED"),
            (false, true) => (self.version + 1, "VERSION_ACTIVE"),
            (false, false) => (0, "VERSION_RUNNING"),
        };
        let mut seen = vec![format!("version {fingerprint} v{number} {status}")];
        let builds = [
            (Step::FirstBuild, Step::FirstDone),
            (Step::SecondBuild, Step::SecondDone),
        ];
        for (name, (created, ended)) in BUILDS.iter().zip(builds) {
            let state = if self.has(ended) {
                "BUILD_DONE 1"
            } else {
                "BUILD_RUNNING 0"
            };
            if self.has(created) {
                seen.push(format!("build {fingerprint} {name} {state}"));
            }
        }
        seen
    }
}

/// What a channel held, and what it can go back to.
#[derive(Default)]
struct Held {
    history: Vec<usize>,
    good: Vec<usize>,
}

impl Held {
    fn take(&mut self, version: usize) {
        self.history.push(version);
        self.good.push(version);
    }

    fn go_back(&mut self) {
        self.good.pop();
        self.history.extend(self.good.last());
    }

    fn line(&self, name: &str) -> String {
        let newest_first = self.history.iter().rev();
        let names: Vec<String> = newest_first.map(|version| fingerprint(*version)).collect();
        format!("channel {name} {}", names.join(" "))
    }
}

/// What there is to see after so many steps.
pub(crate) fn expected(steps: usize) -> Seen {
    let mut seen = Seen::new();
    if steps == 0 {
        return seen;
    }
    let (mut release, mut latest) = (Held::default(), Held::default());
    for version in 0.. {
        let done = (steps - 1).saturating_sub(version * ROUND.len());
        let progress = Progress { version, done };
        if done == 0 {
            break;
        }
        seen.extend(progress.lines());
        if progress.is_complete() {
            latest.take(version);
        }
        if progress.has(Step::Channel) {
            release.take(version);
        }
        if progress.is_revoked() {
            release.go_back();
            latest.go_back();
        }
    }
    seen.push(latest.line("latest"));
    if !release.history.is_empty() {
        seen.push(release.line(CHANNEL));
    }
    seen.sort();
    seen
}

pub(crate) async fn look(client: &Client, bucket: &str) -> Seen {
    let page = Page {
        size: Some(1_000),
        ..Page::default()
    };
    let versions = match client.list_versions(bucket, &page).await {
        Err(Error::Refused {
            http_status: 404, ..
        }) => return Seen::new(),
        answer => answer.expect("versions").versions,
    };
    let mut seen = Seen::new();
    for version in versions {
        let (fingerprint, name) = (&version.fingerprint, &version.name);
        seen.push(format!(
            "version {fingerprint} {name} {}",
            version.status.as_str()
        ));
        for build in version.builds {
            let (name, status) = (build.component_type, build.status.as_str());
            seen.push(format!(
                "build {fingerprint} {name} {status} {}",
                build.artifacts.len()
            ));
        }
    }
    for channel in client
        .list_channels(bucket)
        .await
        .expect("channels")
        .channels
    {
        let history = client
            .list_channel_assignment_history(bucket, &channel.name, &page)
            .await;
        let history = history.expect("a history").history.into_iter();
        let names: Vec<String> = history
            .map(|row| {
                row.version
                    .map(|version| version.fingerprint)
                    .unwrap_or_default()
            })
            .collect();
        let held = channel.version.map(|version| version.fingerprint);
        assert_eq!(held.as_ref(), names.first(), "what {} holds", channel.name);
        seen.push(format!("channel {} {}", channel.name, names.join(" ")));
    }
    seen.sort();
    seen
}
