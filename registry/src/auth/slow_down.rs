//! Slows down those who fail to sign in, without keeping anybody else out.
//!
//! What counts are failures: of one client id from one address, and of one address over all ids. A number
//! of them is free; each one beyond doubles the wait until the next attempt is looked at, up to a cap, and
//! a quiet time forgets them. Attempts during a wait do not prolong it. A client id that signed in from
//! an address lately is always looked at when it comes from there, so neither can a stranger elsewhere
//! keep it out, nor a misconfigured neighbour behind the same address. Secrets have 256 random bits: this
//! spares the database and shows in the log, it is not what makes guessing hopeless.
//!
//! Pure but for its own state, which is bounded; the time comes with each call. Each node counts for itself.

use std::{
    collections::HashMap,
    hash::{BuildHasher as _, Hash, RandomState},
    net::IpAddr,
    time::Duration,
};

use crate::domain::time::Time;

/// Failures of one client id from one address that cost nothing. Clients make two of each bad login.
const FREE_OF_CLIENT: u32 = 10;
/// Failures of one address over all client ids that cost nothing.
const FREE_OF_ADDRESS: u32 = 100;
/// The longest wait.
const LONGEST: Duration = Duration::from_mins(1);
/// After this long without a failure there were none.
const FORGOTTEN: Duration = Duration::from_mins(15);
/// For this long a client id is remembered that signed in from an address.
const KNOWN: Duration = Duration::from_hours(24);
/// Entries of each kind at most; some 100 bytes each.
const MOST: usize = 20_000;

/// Who tries: the address, and the client id in a form that takes no more room the longer it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Who {
    network: Network,
    client: (Network, u64),
}

/// The failures of somebody.
#[derive(Debug, Clone, Copy)]
struct Failures {
    count: u32,
    last: Time,
    /// Until when no attempt is looked at.
    until: Time,
}

/// Remembers who failed to sign in. See the module.
#[derive(Debug, Default)]
pub struct SlowDown {
    hasher: RandomState,
    clients: HashMap<(Network, u64), Failures>,
    addresses: HashMap<Network, Failures>,
    known: HashMap<(Network, u64), Time>,
}

impl SlowDown {
    /// Names an address and a client id.
    pub fn who(&self, address: IpAddr, client_id: &str) -> Who {
        let network = Network::of(address);
        let client = (network, self.hasher.hash_one(client_id));
        Who { network, client }
    }

    /// Whether an attempt is looked at now.
    ///
    /// # Errors
    /// How long to wait before it is.
    pub fn check(&self, who: Who, now: Time) -> Result<(), Duration> {
        if self
            .known
            .get(&who.client)
            .is_some_and(|since| now < since.after(KNOWN))
        {
            return Ok(());
        }
        let of_client = self.clients.get(&who.client);
        let of_address = self.addresses.get(&who.network);
        let until = of_client.into_iter().chain(of_address).map(|f| f.until);
        match until.max() {
            // Never longer than the cap, even when the clock was turned back meanwhile.
            Some(until) if now < until => Err(now.until(until).min(LONGEST)),
            _ => Ok(()),
        }
    }

    /// Notes a failure.
    ///
    /// # Errors
    /// How long to wait now, when it was one too many.
    pub fn failed(&mut self, who: Who, now: Time) -> Result<(), Duration> {
        let client = note(&mut self.clients, who.client, (FREE_OF_CLIENT, now));
        let address = note(&mut self.addresses, who.network, (FREE_OF_ADDRESS, now));
        match client.max(address) {
            Duration::ZERO => Ok(()),
            wait => Err(wait),
        }
    }

    /// Notes a success: what this client id failed from this address is forgotten.
    pub fn succeeded(&mut self, who: Who, now: Time) {
        self.clients.remove(&who.client);
        make_room(&mut self.known, &who.client, |since| *since, now, KNOWN);
        self.known.insert(who.client, now);
    }

    /// How much it remembers.
    #[cfg(test)]
    fn size(&self) -> usize {
        self.clients.len() + self.addresses.len() + self.known.len()
    }
}

/// Counts a failure and gives the wait that it costs.
fn note<K: Hash + Eq + Copy>(
    map: &mut HashMap<K, Failures>,
    key: K,
    (free, now): (u32, Time),
) -> Duration {
    make_room(map, &key, |failures| failures.last, now, FORGOTTEN);
    let failures = map.entry(key).or_insert(Failures {
        count: 0,
        last: now,
        until: now,
    });
    if failures.last.after(FORGOTTEN) <= now {
        failures.count = 0;
    }
    failures.count = failures.count.saturating_add(1);
    let wait = wait_after(failures.count.saturating_sub(free));
    failures.last = now;
    failures.until = now.after(wait);
    wait
}

/// The wait for so many failures too many: 1 s for the first, twice as long for each after it.
fn wait_after(beyond: u32) -> Duration {
    let doublings = match beyond.checked_sub(1) {
        Some(doublings) => doublings.min(10),
        None => return Duration::ZERO,
    };
    Duration::from_secs(1 << doublings).min(LONGEST)
}

/// Sees to it that there is room for one more entry: drops what has lost its meaning, and when that does not
/// help the older half.
fn make_room<K: Hash + Eq, V>(
    map: &mut HashMap<K, V>,
    key: &K,
    last: impl Fn(&V) -> Time,
    now: Time,
    lifetime: Duration,
) {
    if map.len() < MOST || map.contains_key(key) {
        return;
    }
    map.retain(|_, value| now < last(value).after(lifetime));
    if map.len() > MOST / 2 {
        let mut times: Vec<Time> = map.values().map(&last).collect();
        let middle = times.len() / 2;
        let (_, median, _) = times.select_nth_unstable(middle);
        let median = *median;
        map.retain(|_, value| last(value) > median);
    }
}

/// Where somebody comes from: an IPv4 address, or the /64 of an IPv6 address, all of which one host has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Network {
    V4([u8; 4]),
    V6([u16; 4]),
}

impl Network {
    fn of(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(address) => Self::V4(address.octets()),
            IpAddr::V6(address) => {
                let [a, b, c, d, ..] = address.segments();
                Self::V6([a, b, c, d])
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Time = Time::from_micros(1_800_000_000_000_000);

    fn later(seconds: u64) -> Time {
        NOW.after(Duration::from_secs(seconds))
    }

    fn who(slow: &SlowDown, address: &str, id: &str) -> Who {
        slow.who(address.parse().unwrap(), id)
    }

    /// A structure in which an id has failed so often from 192.0.2.1.
    fn after(failures: u32) -> SlowDown {
        let mut slow = SlowDown::default();
        let attacker = who(&slow, "192.0.2.1", "victim");
        for _ in 0..failures {
            let _ = slow.failed(attacker, NOW);
        }
        slow
    }

    #[test]
    fn some_failures_are_free_and_then_the_wait_doubles_up_to_a_cap() {
        let mut slow = after(FREE_OF_CLIENT);
        let attacker = who(&slow, "192.0.2.1", "victim");
        let mut now = NOW;
        let mut waits = Vec::new();
        for _ in 0..8 {
            assert_eq!(slow.check(attacker, now), Ok(()));
            let wait = slow.failed(attacker, now).unwrap_err();
            assert_eq!(slow.check(attacker, now), Err(wait));
            waits.push(wait.as_secs());
            now = now.after(wait);
        }
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 60, 60]);
    }

    #[test]
    fn others_are_not_kept_out() {
        let slow = after(FREE_OF_CLIENT + 5);
        for (address, id) in [("192.0.2.2", "victim"), ("192.0.2.1", "other")] {
            let somebody = who(&slow, address, id);
            assert_eq!(slow.check(somebody, NOW), Ok(()), "{address} {id}");
        }
    }

    #[test]
    fn an_address_that_tries_many_ids_is_slowed_down_over_all_of_them() {
        let mut slow = SlowDown::default();
        for n in 0..=FREE_OF_ADDRESS {
            let attacker = who(&slow, "2001:db8::1", &n.to_string());
            assert_eq!(slow.failed(attacker, NOW).is_err(), n == FREE_OF_ADDRESS);
        }
        let same_host = who(&slow, "2001:db8::ffff:2", "new");
        assert!(slow.check(same_host, NOW).is_err());
        let other_host = who(&slow, "2001:db8:0:1::1", "new");
        assert!(slow.check(other_host, NOW).is_ok());
    }

    #[test]
    fn who_signed_in_from_an_address_is_looked_at_whatever_the_neighbours_do() {
        let mut slow = SlowDown::default();
        let good = who(&slow, "192.0.2.1", "victim");
        slow.succeeded(good, NOW);
        for n in 0..500 {
            let neighbour = who(&slow, "192.0.2.1", &format!("{}", n % 50));
            let _ = slow.failed(neighbour, NOW);
            let _ = slow.failed(good, NOW);
        }
        assert_eq!(slow.check(good, NOW), Ok(()));
        assert!(slow.failed(good, NOW).is_err());
        let newcomer = who(&slow, "192.0.2.1", "new");
        assert!(slow.check(newcomer, NOW).is_err());
        assert!(slow.check(good, NOW.after(KNOWN)).is_ok());
    }

    #[test]
    fn a_quiet_time_forgets_and_a_success_forgives() {
        let mut slow = after(FREE_OF_CLIENT + 20);
        let attacker = who(&slow, "192.0.2.1", "victim");
        assert!(slow.check(attacker, later(59)).is_err());
        assert!(slow.check(attacker, later(60)).is_ok());
        assert!(slow.failed(attacker, later(60)).is_err());
        assert!(slow.failed(attacker, later(60 + 15 * 60)).is_ok());
        let mut slow = after(FREE_OF_CLIENT);
        slow.succeeded(attacker, NOW);
        assert!(slow.failed(attacker, NOW).is_ok());
    }

    #[test]
    fn a_clock_that_was_turned_back_keeps_nobody_out_for_long() {
        let slow = after(FREE_OF_CLIENT + 20);
        let attacker = who(&slow, "192.0.2.1", "victim");
        let before = NOW.before(Duration::from_hours(24));
        assert_eq!(slow.check(attacker, before), Err(LONGEST));
    }

    #[test]
    fn it_does_not_grow_without_end() {
        let mut slow = SlowDown::default();
        for n in 0..100_000_u32 {
            let address = IpAddr::from(n.to_be_bytes());
            let somebody = slow.who(address, &"x".repeat(50));
            let now = NOW.after(Duration::from_millis(u64::from(n)));
            let _ = slow.failed(somebody, now);
            slow.succeeded(somebody, now);
            let _ = slow.failed(somebody, now);
        }
        assert!(slow.size() <= 3 * MOST, "{}", slow.size());
    }
}
