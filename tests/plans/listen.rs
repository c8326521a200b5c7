//! Hears every statement that goes to a database: the registry logs them at the level `trace`.

use std::{collections::BTreeSet, fmt, sync::Mutex, thread};

use tracing::{
    Event, Metadata, Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id, Record},
    subscriber::set_global_default,
};

static HEARD: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());
static WRITTEN: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Where the statements are logged.
const STORE: &str = "touchmark_registry::store";

struct Listener;

impl Subscriber for Listener {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with(STORE)
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        event.record(&mut Statement);
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

struct Statement;

impl Visit for Statement {
    fn record_str(&mut self, field: &Field, value: &str) {
        let planned = ["SELECT", "INSERT", "UPDATE", "DELETE", "WITH"];
        if field.name() == "statement" && planned.iter().any(|word| value.starts_with(word)) {
            HEARD.lock().expect("a lock").insert(value.to_owned());
            if thread::current()
                .name()
                .is_some_and(|name| name.contains("-write"))
            {
                WRITTEN.lock().expect("a lock").push(value.to_owned());
            }
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn fmt::Debug) {}
}

/// From now on every statement is listened to.
pub(crate) fn begin() {
    set_global_default(Listener).expect("nobody else listens");
}

/// Forgets what was heard.
pub(crate) fn forget() {
    HEARD.lock().expect("a lock").clear();
    WRITTEN.lock().expect("a lock").clear();
}

/// The statements heard since, each once, without the values bound to them.
pub(crate) fn heard() -> BTreeSet<String> {
    HEARD.lock().expect("a lock").clone()
}

/// The statements of transactions that write, heard since, in their order.
pub(crate) fn written() -> Vec<String> {
    WRITTEN.lock().expect("a lock").clone()
}
