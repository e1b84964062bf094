//! `chatter user import`: accounts from a file, {"name", "password_hash"?} a line.
//!
//! The whole file is checked first: when a line is not of its form, nothing is added. A name that is taken already is
//! reported and left as it is, so that an import that was broken off can be run again.

use std::collections::HashMap;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context;
use futures_util::{StreamExt, stream};
use serde::Deserialize;

use super::output;
use crate::protocol::name;
use crate::server::auth::name::fold;
use crate::server::auth::password;
use crate::server::clock::now_ms;
use crate::server::store::{NewUser, Store, StoreError};

/// Accounts added at a time: the store commits them in groups.
const AT_ONCE: usize = 64;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Account {
    name: String,
    password_hash: Option<String>,
}

/// Lines that were not added, counted from 1, each with its reason.
type LeftOut = Vec<(usize, String)>;

/// What came of an import.
#[derive(Debug, Default, PartialEq, Eq)]
struct Outcome {
    added: usize,
    left_out: LeftOut,
}

pub(super) async fn run(store: &Arc<dyn Store>, file: &Path) -> anyhow::Result<ExitCode> {
    let text = std::fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))?;
    let outcome = import(store, &text).await?;
    for (line, reason) in &outcome.left_out {
        output::remark(&format!("line {line}: {reason}"));
    }
    output::remark(&format!("Accounts added: {}. Lines left out: {}.", outcome.added, outcome.left_out.len()));
    Ok(if outcome.left_out.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn import(store: &Arc<dyn Store>, text: &str) -> Result<Outcome, StoreError> {
    let users = match parse(text) {
        Ok(users) => users,
        Err(left_out) => return Ok(Outcome { added: 0, left_out }),
    };
    let create = |(line, user): (usize, NewUser)| {
        let store = store.clone();
        async move {
            let name = user.name.clone();
            (line, name, store.user_create(user).await)
        }
    };
    let mut outcome = Outcome::default();
    let mut created = stream::iter(users).map(create).buffered(AT_ONCE);
    while let Some((line, name, result)) = created.next().await {
        match result {
            Ok(_) => outcome.added += 1,
            Err(StoreError::NameTaken) => outcome.left_out.push((line, format!("the name {name} is taken"))),
            Err(error) => return Err(error),
        }
    }
    Ok(outcome)
}

/// All accounts with their lines, counted from 1; or all lines that are wrong.
fn parse(text: &str) -> Result<Vec<(usize, NewUser)>, LeftOut> {
    let mut users = Vec::new();
    let mut wrong = Vec::new();
    let mut seen = HashMap::new();
    let lines = text.lines().enumerate().map(|(index, line)| (index + 1, line));
    for (number, line) in lines.filter(|(_, line)| !line.trim().is_empty()) {
        let user = account(line).and_then(|user| match seen.insert(user.folded.clone(), number) {
            Some(earlier) => Err(format!("the same name as in line {earlier}")),
            None => Ok(user),
        });
        match user {
            Ok(user) => users.push((number, user)),
            Err(reason) => wrong.push((number, reason)),
        }
    }
    if wrong.is_empty() { Ok(users) } else { Err(wrong) }
}

fn account(line: &str) -> Result<NewUser, String> {
    let account: Account = serde_json::from_str(line)
        // Not the parser's own words: they may quote the hash.
        .map_err(|_| r#"not of the form {"name":"ada","password_hash":"$argon2id$…"}"#.to_owned())?;
    name::check(&account.name).map_err(|error| format!("{:?} cannot be a name: {}", account.name, error.sentence()))?;
    if let Some(hash) = &account.password_hash {
        password::check_imported(hash)?;
    }
    let Account { name, password_hash } = account;
    Ok(NewUser { folded: fold(&name), name, password_hash, now_ms: now_ms() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::auth::fake_store::FakeStore;

    const HASH: &str = "$argon2id$v=19$m=65536,t=3,p=4$c2FsdHNhbHRzYWx0$kPkeK8jPCPcjBe3n6qKOEEKkXPbIJ8Z4Rh5gNFIB2FU";

    #[tokio::test]
    async fn a_good_file_is_added_and_taken_names_are_reported() {
        let store: Arc<dyn Store> = Arc::new(FakeStore::default());
        let text = format!("{{\"name\":\"Ada\",\"password_hash\":\"{HASH}\"}}\n\n{{\"name\":\"bob\"}}\r\n");
        assert_eq!(import(&store, &text).await.unwrap(), Outcome { added: 2, left_out: vec![] });
        let ada = store.credentials("ada").await.unwrap().unwrap();
        assert_eq!(ada.password_hash.as_deref(), Some(HASH));

        let again = import(&store, "{\"name\":\"ADA\"}\n{\"name\":\"cleo\"}").await.unwrap();
        assert_eq!(again, Outcome { added: 1, left_out: vec![(1, "the name ADA is taken".into())] });
    }

    #[tokio::test]
    async fn a_bad_line_adds_nothing_and_every_bad_line_is_told() {
        let store: Arc<dyn Store> = Arc::new(FakeStore::default());
        let text = [
            r#"{"name":"ada"}"#,
            r#"{"name":"ADA"}"#,
            "ada",
            r#"{"name":"a b"}"#,
            r#"{"name":"bob","password":"hunter2hunter2"}"#,
            r#"{"name":"cleo","password_hash":"hunter2"}"#,
        ];
        let outcome = import(&store, &text.join("\n")).await.unwrap();
        assert_eq!(outcome.added, 0);
        assert_eq!(outcome.left_out.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [2, 3, 4, 5, 6]);
        assert!(outcome.left_out.iter().all(|(_, reason)| !reason.contains("hunter2")), "{outcome:?}");
        assert!(store.user_names().await.unwrap().is_empty());
    }
}
