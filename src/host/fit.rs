//! What a program has to know to take over from another one: the layouts of what that leaves to it. Two processes of
//! different releases compare them before anything depends on it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{label, standing};
use crate::engine::SNAPSHOT_VERSION;
use crate::keeper::wire;
use crate::session::MEMORY_LAYOUT;

/// What a program can take over, as one line of JSON. It may grow: what is not known is ignored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fit {
    pub version: String,
    /// The versions of the keeper's frames that it speaks, the first and the last.
    pub keeper: [u16; 2],
    /// Of each thing that is left, the versions of its layout that it reads. The last is the one that it writes.
    pub reads: BTreeMap<String, Vec<u32>>,
    /// What it will not take of the user's files, for people.
    #[serde(default)]
    pub notices: Vec<String>,
}

impl Fit {
    /// This program's.
    pub fn own() -> Self {
        let reads = [
            ("session memory", MEMORY_LAYOUT),
            ("snapshot of a terminal", SNAPSHOT_VERSION),
            ("session label", label::LAYOUT),
            ("desk", standing::LAYOUT),
        ];
        Self {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            keeper: [wire::PROTO; 2],
            reads: reads.map(|(what, version)| (what.to_owned(), vec![version])).into(),
            notices: Vec::new(),
        }
    }

    /// What keeps it from taking over from `before`; None if nothing does.
    pub(super) fn lacks(&self, before: &Self) -> Option<String> {
        let ([first, last], [needed, _]) = (self.keeper, before.keeper);
        if !(first..=last).contains(&needed) {
            return Some(format!("it speaks protocol {first} to {last} with the keeper, and this one speaks {needed}"));
        }
        before.reads.iter().find_map(|(what, versions)| {
            let written = versions.last()?;
            let reads = self.reads.get(what).map(Vec::as_slice).unwrap_or_default();
            let known = reads.iter().map(u32::to_string).collect::<Vec<_>>().join(", ");
            let known = if known.is_empty() { "none".to_owned() } else { known };
            (!reads.contains(written)).then(|| format!("it cannot read version {written} of the {what} (but {known})"))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_read_is_named() {
        let own = Fit::own();
        assert_eq!(own.lacks(&own), None);
        // Another release reads more, and leaves things of which this one knows nothing.
        let mut later = own.clone();
        later.keeper = [wire::PROTO, wire::PROTO + 1];
        later.reads.values_mut().for_each(|versions| versions.push(versions[0] + 1));
        later.reads.insert("weather".into(), vec![4]);
        assert_eq!(later.lacks(&own), None);
        let why = own.lacks(&later).unwrap();
        assert!(why.contains("version 2 of the desk (but 1)"), "{why}");
        later.reads.retain(|what, _| what == "weather");
        assert!(own.lacks(&later).unwrap().contains("version 4 of the weather (but none)"));
        later.keeper = [wire::PROTO + 1; 2];
        assert!(later.lacks(&own).unwrap().contains("the keeper"));
        let line = serde_json::to_string(&own).unwrap();
        assert_eq!(serde_json::from_str::<Fit>(&line.replacen('{', r#"{"new": 1, "#, 1)).unwrap(), own);
    }
}
