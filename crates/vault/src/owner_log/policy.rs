//! What owners set for alarms: how easily they ring. Which source is meant is said by its keyed tag, so that the log, which
//! anybody can read, names none.

use minicbor::Decoder;

use super::{Act, OwnerLog};
use crate::bytes::{self, FormatError, Writer};
use crate::id::SourceTag;
use crate::world::Timestamp;

const WHAT: &str = "policy";

/// The owners' word on how easily alarms ring.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AlarmPolicy {
    /// How easily: 0 low, 1 usual, 2 high; opaque here.
    pub level: u64,
    /// The sources that are meant; `None`: all.
    pub sources: Option<Vec<SourceTag>>,
    /// When they said it, by the desk's clock.
    pub time: Timestamp,
}

impl AlarmPolicy {
    /// An act holds at most so many sources.
    pub const SOURCES_MAX: usize = 10_000;

    /// Makes the act that says it.
    pub fn act(&self) -> Act {
        let mut out = Writer::default();
        out.map(1).unsigned(0).array(2).unsigned(self.level);
        match &self.sources {
            Some(sources) => {
                out.array(sources.len());
                for tag in sources {
                    out.bytes(&tag.0);
                }
            }
            None => {
                out.null();
            }
        }
        Act::Policy { map: out.finish() }
    }

    /// Reads it from a policy's map; `None` if the policy speaks of something else, or in words of a later program.
    pub fn of_map(map: &[u8], time: Timestamp) -> Option<Self> {
        let mut said = None;
        let read = bytes::read_only_map(map, WHAT, |key, read| {
            if key == 0 {
                said = Some(read_alarm(read)?);
            }
            Ok(key == 0)
        });
        let (level, sources) = read.ok().and(said)?;
        Some(Self { level, sources, time })
    }

    /// Tells whether a source is meant.
    pub fn speaks_of(&self, source: &SourceTag) -> bool {
        self.sources.as_ref().is_none_or(|sources| sources.contains(source))
    }
}

impl OwnerLog {
    /// Returns the owners' last word on a source; `None` for the source: on those that they said nothing special of.
    pub fn alarm_policy(&self, source: Option<&SourceTag>) -> Option<&AlarmPolicy> {
        self.alarm_policies.iter().rev().find(|policy| match source {
            Some(source) => policy.speaks_of(source),
            None => policy.sources.is_none(),
        })
    }
}

fn read_alarm(read: &mut Decoder<'_>) -> Result<(u64, Option<Vec<SourceTag>>), FormatError> {
    if bytes::array(read, WHAT)? != 2 {
        return Err(FormatError::Malformed(WHAT));
    }
    let level = bytes::unsigned(read, WHAT)?;
    let sources = bytes::optional(read, WHAT, |read| {
        let count = bytes::array(read, WHAT)?;
        if count > AlarmPolicy::SOURCES_MAX as u64 {
            return Err(FormatError::Malformed(WHAT));
        }
        (0..count).map(|_| Ok(SourceTag(bytes::fixed(read, WHAT)?))).collect()
    })?;
    Ok((level, sources))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_800_000_000_000_000_000);

    fn map_of(policy: &AlarmPolicy) -> Vec<u8> {
        let Act::Policy { map } = policy.act() else { unreachable!("it is a policy") };
        map
    }

    #[test]
    fn what_was_said_is_read_and_nothing_else_is() {
        for sources in [None, Some(Vec::new()), Some(vec![SourceTag([1; 16]), SourceTag([2; 16])])] {
            let policy = AlarmPolicy { level: 2, sources, time: NOW };
            let map = map_of(&policy);
            assert_eq!(AlarmPolicy::of_map(&map, NOW), Some(policy));
            (0..map.len()).for_each(|end| assert_eq!(AlarmPolicy::of_map(&map[..end], NOW), None));
        }
        // Another policy, another form, a count without an end.
        for map in [
            &[0xa1, 0, 7][..],
            &[0xa0],
            &[0xa1, 0x18, 64, 1],
            &[0xa1, 0, 0x82, 0, 0x9b, 255, 255, 255, 255, 255, 255, 255, 255],
        ] {
            assert_eq!(AlarmPolicy::of_map(map, NOW), None, "{map:?}");
        }
        // What a later program adds beside it may be ignored.
        let later = [0xa2, 0, 0x82, 0, 0xf6, 0x18, 64, 1];
        assert_eq!(AlarmPolicy::of_map(&later, NOW), Some(AlarmPolicy { level: 0, sources: None, time: NOW }));
    }
}
