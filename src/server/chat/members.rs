//! Who is in a group or room: adding, removing, joining, leaving.

use std::borrow::Cow;

use super::manage::explained;
use super::rights::permit;
use super::{Chat, no_conversation};
use crate::protocol::limits::{ADDED_AT_ONCE, LIST_MAX};
use crate::protocol::rights::Action;
use crate::protocol::{Conversation, ConversationId, ErrorCode, MemberList, UserId};
use crate::server::auth::name;
use crate::server::error::ServerError;

impl Chat {
    /// Makes those who are named members. Who is one already stays.
    pub async fn add_members(
        &self,
        user: UserId,
        conversation: ConversationId,
        members: &str,
    ) -> Result<Conversation, ServerError> {
        self.limits.check_change(user)?;
        let people = self.people(members).await?;
        if people.is_empty() {
            return Err(ServerError::refused(ErrorCode::BadRequest, "Say whom to add: enter a name."));
        }
        self.store.members_add(user, conversation, people, permit([Action::Add])).await.map_err(explained)
    }

    /// Removes somebody, or lets `user` leave.
    pub async fn remove_member(
        &self,
        user: UserId,
        conversation: ConversationId,
        member: UserId,
    ) -> Result<(), ServerError> {
        self.limits.check_change(user)?;
        let action = if member == user { Action::Leave } else { Action::Remove };
        self.store.member_remove(user, conversation, member, permit([action])).await.map_err(explained)
    }

    /// Lets `user` into an open room.
    pub async fn join(&self, user: UserId, room: ConversationId) -> Result<Conversation, ServerError> {
        self.limits.check_change(user)?;
        self.store.members_add(user, room, vec![user], permit([Action::Join])).await.map_err(explained)
    }

    /// A page of a conversation's members, after the one with this id.
    pub async fn members(
        &self,
        viewer: UserId,
        conversation: ConversationId,
        after: Option<UserId>,
        limit: Option<u32>,
    ) -> Result<MemberList, ServerError> {
        let limit = limit.unwrap_or(LIST_MAX).clamp(1, LIST_MAX);
        self.store.member_list(viewer, conversation, after, limit).await?.ok_or_else(no_conversation)
    }

    /// Those who are named, by names or ids with commas or spaces between. No name has either in it.
    pub(super) async fn people(&self, text: &str) -> Result<Vec<UserId>, ServerError> {
        let named: Vec<&str> = split(text);
        if named.len() > ADDED_AT_ONCE {
            let sentence = "That is too many at once: add at most 100 people.";
            return Err(ServerError::refused(ErrorCode::LimitReached, sentence));
        }
        let mut people = Vec::with_capacity(named.len());
        for named in named {
            let id = named.bytes().all(|b| b.is_ascii_digit()).then(|| named.parse().map(UserId));
            let user = match id {
                Some(Ok(id)) => self.store.user_by_id(id).await?,
                Some(Err(_)) => None,
                None => self.store.user_by_name(&name::fold(named)).await?,
            };
            people.push(user.ok_or_else(|| nobody(named))?.id);
        }
        Ok(people)
    }
}

/// The names, without the `@` that some write before one.
fn split(text: &str) -> Vec<&str> {
    let parts = text.split(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '、' | '，'));
    parts.map(|part| part.trim_start_matches('@')).filter(|part| !part.is_empty()).collect()
}

fn nobody(named: &str) -> ServerError {
    let shown: String = named.chars().filter(|c| !c.is_control()).take(40).collect();
    let sentence = format!("There is nobody with the name {shown}. Check the spelling.");
    ServerError::Refused(ErrorCode::UnknownTarget, Cow::Owned(sentence))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_a_text() {
        let cases: &[(&str, &[&str])] = &[
            ("", &[]),
            (" , ;", &[]),
            ("ada", &["ada"]),
            ("ada, bob  eve;dan", &["ada", "bob", "eve", "dan"]),
            ("@ada,@bob\n7", &["ada", "bob", "7"]),
            ("佐藤、ada", &["佐藤", "ada"]),
        ];
        for (text, expected) in cases {
            assert_eq!(split(text), *expected, "{text:?}");
        }
    }
}
