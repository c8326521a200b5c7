//! Ancestry: whether what was built from a parent is still built from its newest.

/// How a child stands to its parent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Freshness {
    /// The parent is what its channel gives now.
    UpToDate,
    /// No channel was recorded, the channel is gone, or the parent is not known here.
    Undetermined,
    /// The channel has moved on.
    OutOfDate,
}

/// How a child stands to its parent. `channel` is what the recorded channel holds now: `None` when
/// there is no such channel, `Some(None)` when it is empty.
pub fn freshness(parent_known: bool, parent_id: &str, channel: Option<Option<&str>>) -> Freshness {
    match channel {
        Some(held) if parent_known => {
            if held == Some(parent_id) {
                Freshness::UpToDate
            } else {
                Freshness::OutOfDate
            }
        }
        _ => Freshness::Undetermined,
    }
}

/// What several relations come to: out of date if any is, undetermined if any is and none is out of
/// date; `None` when there are none.
pub fn summary(relations: impl IntoIterator<Item = Freshness>) -> Option<Freshness> {
    relations.into_iter().max()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn freshness_follows_the_channel() {
        assert_eq!(freshness(true, "a", Some(Some("a"))), Freshness::UpToDate);
        assert_eq!(freshness(true, "a", Some(Some("b"))), Freshness::OutOfDate);
        assert_eq!(freshness(true, "a", Some(None)), Freshness::OutOfDate);
        assert_eq!(freshness(true, "a", None), Freshness::Undetermined);
        assert_eq!(
            freshness(false, "a", Some(Some("a"))),
            Freshness::Undetermined
        );
    }

    #[test]
    fn one_relation_out_of_date_makes_the_summary_so() {
        use Freshness::{OutOfDate, Undetermined, UpToDate};
        assert_eq!(
            summary([UpToDate, OutOfDate, Undetermined]),
            Some(OutOfDate)
        );
        assert_eq!(summary([UpToDate, Undetermined]), Some(Undetermined));
        assert_eq!(summary([]), None);
    }
}
