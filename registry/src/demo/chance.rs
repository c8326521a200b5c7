//! Numbers and ids that look like chance and are the same each time, since they follow from what they are for.

use std::fmt::Write as _;

use ulid::Ulid;

use crate::domain::time::Time;

/// A sequence of numbers.
#[derive(Debug, Clone)]
pub(super) struct Chance(u64);

impl Chance {
    /// The sequence that belongs to this text.
    pub(super) fn of(seed: &str) -> Self {
        // FNV-1a: different for texts that differ little.
        let hash = seed.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        Self(hash)
    }

    /// One step of `SplitMix64`.
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `end`, which is not zero.
    pub(super) fn below(&mut self, end: u32) -> u32 {
        let number = self.next() % u64::from(end.max(1));
        u32::try_from(number).unwrap_or(0)
    }

    /// One of several.
    pub(super) fn one_of<T: Copy + Default>(&mut self, all: &[T]) -> T {
        let count = u32::try_from(all.len()).unwrap_or(u32::MAX);
        let at = self.below(count) as usize;
        all.get(at).copied().unwrap_or_default()
    }

    /// So many hexadecimal digits.
    pub(super) fn hex(&mut self, digits: usize) -> String {
        let mut text = String::with_capacity(digits + 16);
        while text.len() < digits {
            // Writing to a String cannot fail.
            let _ = write!(text, "{:016x}", self.next());
        }
        text.truncate(digits);
        text
    }

    fn wide(&mut self) -> u128 {
        u128::from(self.next()) << 64 | u128::from(self.next())
    }

    /// A UUID of version 4.
    pub(super) fn uuid(&mut self) -> String {
        let bytes = self.wide().to_be_bytes();
        let uuid = uuid::Builder::from_random_bytes(bytes).into_uuid();
        uuid.to_string()
    }

    /// A ULID of this moment.
    pub(super) fn ulid(&mut self, at: Time) -> String {
        let millis = u64::try_from(at.micros() / 1_000).unwrap_or(0);
        Ulid::from_parts(millis, self.wide()).to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_text_gives_the_same_and_another_text_something_else() {
        let ids = |seed: &str| {
            let mut chance = Chance::of(seed);
            (chance.hex(17), chance.uuid(), chance.below(1_000))
        };
        assert_eq!(ids("a/1"), ids("a/1"));
        assert_ne!(ids("a/1"), ids("a/2"));
        assert_eq!(ids("a/1").0.len(), 17);
        assert!(uuid::Uuid::try_parse(&ids("a/1").1).is_ok());
    }
}
