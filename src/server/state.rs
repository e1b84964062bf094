//! What every handler may reach, passed by argument. Clones share it.

use std::ops::Deref;
use std::sync::Arc;

use crate::server::assets::Assets;
use crate::server::auth::{Auth, AuthState, GatewayTokens};
use crate::server::chat::Chat;
use crate::server::config::Config;
use crate::server::gateway::Gateway;
use crate::server::shutdown::Shutdown;

#[derive(Clone)]
pub struct AppState(Arc<Parts>);

pub struct Parts {
    pub config: Arc<Config>,
    pub chat: Chat,
    pub auth: Auth,
    pub tokens: Arc<GatewayTokens>,
    pub gateway: Gateway,
    pub assets: Assets,
    pub shutdown: Shutdown,
}

impl AppState {
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }

    /// What the authentication middleware needs.
    #[must_use]
    pub fn auth_state(&self) -> AuthState {
        AuthState { store: self.chat.store.clone(), tokens: self.tokens.clone(), config: self.config.clone() }
    }
}

impl Deref for AppState {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}
