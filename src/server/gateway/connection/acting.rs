//! Does what the session says.

use super::{Connection, Exit};
use crate::protocol::UserRef;
use crate::server::chatters::{Frame, Registration};
use crate::server::gateway::admission::admit;
use crate::server::gateway::session::Action;

/// A connection that has READY.
pub(super) struct Live {
    /// The place in the chatters map.
    pub(super) registration: Registration,
    /// As others see them: they are told so while this one types.
    pub(super) user: Box<UserRef>,
}

impl Connection {
    pub(super) async fn perform(&mut self, actions: Vec<Action>) -> Result<(), Exit> {
        let mut words = Vec::new();
        for action in actions {
            match action {
                Action::Send(text) => words.push(Frame::from(text)),
                Action::Ping => words.push(Frame::ping()),
                Action::Authenticate(identify) => {
                    let (gateway, line) = (self.gateway.clone(), self.line.clone());
                    let answer = admit(gateway, *identify, self.cookie, line, self.place.take());
                    self.admission = Some(Box::pin(async { Box::new(answer.await) }));
                }
                Action::Idle(idle) => {
                    if let Some(live) = &self.live {
                        live.registration.set_idle(idle);
                    }
                }
                Action::Typing(conversation) => {
                    if let Some(live) = &self.live {
                        self.gateway.delivery.typing((*live.user).clone(), conversation);
                    }
                }
                Action::Close(code) => return Err(Exit::Close(words, code)),
                Action::Leave => return Err(Exit::Leave),
            }
        }
        if words.is_empty() {
            return Ok(());
        }
        words.iter().for_each(|word| self.line.say(word));
        self.said().await
    }
}
