//! Living sessions that were asked for lately, so that a request asks no other thread who sends it.
//!
//! Holds what the store says, never what it said: whoever changes a session takes it out after the commit that changed it and
//! before that change is answered, and a read that began earlier cannot put it back (its era is over). What
//! another process commits is not seen here; [`forget_all`](SessionCache::forget_all) is called when the
//! store was changed elsewhere, or may have been, which is looked for twice a second. That a session is not there is never kept.

use crate::protocol::{SessionId, UserId};
use crate::server::kept::{Era, Kept};
use crate::server::store::{Session, TokenHash};

/// Bytes of sessions that were asked for since the last turn; as many again may be left from before it.
const YOUNG: usize = 2 * 1024 * 1024;
/// What a session takes beside its user's name, about.
const SESSION: usize = 240;

#[derive(Debug)]
pub(in crate::server::store) struct SessionCache(Kept<TokenHash, Session>);

impl Default for SessionCache {
    fn default() -> Self {
        Self(Kept::new(YOUNG))
    }
}

impl SessionCache {
    /// The session, if it is known and lives; otherwise the era in which to read it.
    pub(in crate::server::store) fn find(&self, token_hash: &TokenHash, now_ms: i64) -> Result<Session, Era> {
        let found = self.0.find(token_hash).filter(|session| session.expires_ms > now_ms);
        found.ok_or_else(|| self.0.era())
    }

    /// Keeps what was read from the file in this era.
    pub(in crate::server::store) fn keep(&self, token_hash: TokenHash, session: Session, era: Era) {
        let bytes = SESSION + session.user.name.len();
        self.0.keep_of(era, token_hash, session, bytes);
    }

    /// These were changed or ended.
    pub(in crate::server::store) fn forget(&self, sessions: &[SessionId]) {
        if !sessions.is_empty() {
            self.0.forget(|session| sessions.contains(&session.id));
        }
    }

    /// What these users' sessions tell of them was changed.
    pub(in crate::server::store) fn forget_of(&self, users: &[UserId]) {
        if !users.is_empty() {
            self.0.forget(|session| users.contains(&session.user.id));
        }
    }

    /// Any may have been changed.
    pub(in crate::server::store) fn forget_all(&self) {
        self.0.forget_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{Preferences, UserRef};

    const NOW_MS: i64 = 1_000;

    fn hash(n: usize) -> TokenHash {
        let mut hash = [0; 32];
        hash[..8].copy_from_slice(&n.to_be_bytes());
        hash
    }

    fn session(n: usize) -> Session {
        let id = i64::try_from(n).unwrap();
        let user = UserRef::new(UserId(id), format!("u{n}"));
        Session { id: SessionId(id), user, seen_ms: 0, expires_ms: 2 * NOW_MS, preferences: Preferences::default() }
    }

    fn filled(count: usize) -> SessionCache {
        let cache = SessionCache::default();
        (0..count).for_each(|n| cache.keep(hash(n), session(n), Era::default()));
        cache
    }

    fn knows(cache: &SessionCache, n: usize) -> bool {
        cache.find(&hash(n), NOW_MS).is_ok_and(|found| found.id == session(n).id)
    }

    #[test]
    fn a_session_is_kept_until_it_changes_or_expires() {
        let cache = filled(3);
        assert!(knows(&cache, 1));
        assert!(cache.find(&hash(1), 2 * NOW_MS).is_err(), "expired");
        cache.forget(&[SessionId(1)]);
        assert!(!knows(&cache, 1) && knows(&cache, 0) && knows(&cache, 2));
        cache.forget_of(&[UserId(2)]);
        assert!(!knows(&cache, 2) && knows(&cache, 0));
        cache.forget_all();
        assert!(!knows(&cache, 0));
    }

    #[test]
    fn what_was_read_before_a_change_is_not_kept_after_it() {
        let cache = filled(0);
        let before = cache.find(&hash(1), NOW_MS).unwrap_err();
        cache.forget(&[SessionId(1)]);
        cache.keep(hash(1), session(1), before);
        assert!(!knows(&cache, 1));
        let before = cache.find(&hash(1), NOW_MS).unwrap_err();
        cache.forget_all();
        cache.keep(hash(1), session(1), before);
        assert!(!knows(&cache, 1));
    }
}
