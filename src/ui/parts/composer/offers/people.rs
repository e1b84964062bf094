//! Whom one can mention in a conversation.

use std::sync::Arc;

use leptos::prelude::*;

use super::Suggest;
use crate::protocol::{ConversationId, ConversationKind};
use crate::ui::live::Live;

/// Whom one can mention here, as far as the page knows: the members, and who wrote what it shows.
pub(in crate::ui::parts::composer) fn people(live: Live, conversation: Option<ConversationId>) -> Suggest {
    Arc::new(move |typed| {
        let me = live.me.with_value(|me| me.id);
        let mut names: Vec<String> = Vec::new();
        let mut shared = false;
        live.conversations.with_untracked(|all| {
            if let Some(here) = all.iter().map(|c| &c.conversation).find(|c| Some(c.id) == conversation) {
                shared = here.kind != ConversationKind::Direct;
                names.extend(here.members.iter().filter(|member| member.id != me).map(|member| member.name.clone()));
            }
        });
        live.timeline.with_untracked(|timeline| {
            for author in timeline.people().filter(|author| author.id != me) {
                if !names.contains(&author.name) {
                    names.push(author.name.clone());
                }
            }
        });
        if shared {
            names.push("all".to_owned());
        }
        let typed = typed.to_lowercase();
        names.retain(|name| name.to_lowercase().starts_with(&typed));
        names
    })
}
