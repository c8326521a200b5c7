//! Hears every statement that goes to a database.

use std::{collections::BTreeSet, sync::Mutex};

use diesel::connection::{Instrumentation, InstrumentationEvent, set_default_instrumentation};

static HEARD: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

struct Listener;

impl Instrumentation for Listener {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        let InstrumentationEvent::StartQuery { query, .. } = event else {
            return;
        };
        let text = query.to_string();
        let (statement, _) = text.split_once(" -- binds:").unwrap_or((&text, ""));
        let planned = ["SELECT", "INSERT", "UPDATE", "DELETE", "WITH"];
        if planned.iter().any(|word| statement.starts_with(word)) {
            HEARD.lock().expect("a lock").insert(statement.to_owned());
        }
    }
}

/// From now on every connection that is opened is listened to.
pub(crate) fn begin() {
    set_default_instrumentation(|| Some(Box::new(Listener))).expect("nobody else listens");
}

/// Forgets what was heard.
pub(crate) fn forget() {
    HEARD.lock().expect("a lock").clear();
}

/// The statements heard since, each once, without the values bound to them.
pub(crate) fn heard() -> BTreeSet<String> {
    HEARD.lock().expect("a lock").clone()
}
