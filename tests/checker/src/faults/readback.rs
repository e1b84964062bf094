//! Reads marked messages back over HTTP, and compares them with what was acknowledged.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde_json::Value;

use crate::Person;
use crate::faults::Result;
use crate::faults::http::Http;
use crate::faults::mark;
use crate::faults::report::Outcome;

/// Whom to ask for each conversation: a member of it.
pub type Members = BTreeMap<i64, Person>;

/// Where each marked message stands.
#[derive(Debug, Default)]
pub struct Found {
    places: HashMap<u64, (i64, i64)>,
    doubled: Vec<u64>,
}

/// Reads all of the conversations; one that is not there is empty.
pub async fn read(address: &str, members: &Members) -> Result<Found> {
    let mut found = Found::default();
    for (conversation, member) in members {
        let mut http = Http::connect(address, member).await?;
        let mut after = 0;
        loop {
            let form = format!("conversation_id={conversation}&after={after}&limit=100");
            let answer = http.call("message-list", &form).await?;
            if answer.status == 404 {
                break;
            }
            let page = answer.ok()?;
            for message in page["messages"].as_array().ok_or("no messages in a page")? {
                after = message["seq"].as_i64().ok_or("a message without a number")?;
                found.take(*conversation, after, message);
            }
            if page["more"] != Value::Bool(true) {
                break;
            }
        }
    }
    Ok(found)
}

impl Found {
    fn take(&mut self, conversation: i64, seq: i64, message: &Value) {
        for number in mark::contents(message["content"].as_str().unwrap_or_default().as_bytes()) {
            if self.places.insert(number, (conversation, seq)).is_some() {
                self.doubled.push(number);
            }
        }
    }

    #[must_use]
    pub fn count(&self) -> usize {
        self.places.len()
    }

    /// What is wrong, given the messages that were acknowledged and those that may be there at all. `places` says
    /// where the answers said that they are.
    pub fn compare(
        &self,
        outcome: &mut Outcome,
        acknowledged: &HashSet<u64>,
        possible: &HashSet<u64>,
        places: &HashMap<u64, (i64, i64)>,
    ) {
        let lost: Vec<u64> = acknowledged.iter().filter(|number| !self.places.contains_key(number)).copied().collect();
        let phantom: Vec<u64> = self.places.keys().filter(|number| !possible.contains(number)).copied().collect();
        let moved =
            |number: &&u64| matches!((self.places.get(number), places.get(number)), (Some(a), Some(b)) if a != b);
        let moved: Vec<u64> = acknowledged.iter().filter(moved).copied().collect();
        let classes = [
            ("lost", &lost, &mut outcome.lost),
            ("doubled", &self.doubled, &mut outcome.doubled),
            ("phantom", &phantom, &mut outcome.phantom),
            ("at another place", &moved, &mut outcome.reordered),
        ];
        for (class, numbers, count) in classes {
            *count += u64::try_from(numbers.len()).unwrap_or(u64::MAX);
            if !numbers.is_empty() {
                let examples = &numbers[..numbers.len().min(5)];
                outcome.findings.push(format!("marked messages {class}: {}, for instance {examples:?}", numbers.len()));
            }
        }
    }
}
