//! Living sessions that were asked for lately, so that a request asks no other thread who sends it.
//!
//! Holds what the file says, never what it said: the writer takes a session out after the commit that changed it and
//! before that change is answered, and a read that began earlier cannot put it back (its generation is over). What
//! another process commits is not seen here; [`forget_all`](SessionCache::forget_all) is called when the file was
//! changed elsewhere, which is looked for twice a second. That a session is not there is never kept.

use std::collections::HashMap;
use std::mem;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::protocol::SessionId;
use crate::server::store::{Session, TokenHash};

/// Sessions kept that were asked for since the last turn; as many again may be left from before it. A session takes
/// about 200 bytes.
const YOUNG: usize = 8_192;

#[derive(Debug, Default)]
pub(super) struct SessionCache(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    generation: Generation,
    young: HashMap<TokenHash, Session>,
    /// What was young before `young` was full: gone at the next turn unless somebody asks for it.
    old: HashMap<TokenHash, Session>,
}

/// Over with each change: what was read in one that is over is not kept.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Generation(u64);

impl SessionCache {
    fn lock(&self) -> MutexGuard<'_, Kept> {
        // Each change of the maps is whole, whoever panics while the lock is held.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The session, if it is known and lives; otherwise the generation in which to read it.
    pub(super) fn find(&self, token_hash: &TokenHash, now_ms: i64) -> Result<Session, Generation> {
        let mut kept = self.lock();
        let found = match kept.young.get(token_hash) {
            Some(session) => Some(session.clone()),
            None => kept.old.remove(token_hash).inspect(|session| kept.keep(*token_hash, session.clone())),
        };
        found.filter(|session| session.expires_ms > now_ms).ok_or(kept.generation)
    }

    /// Keeps what was read from the file in this generation.
    pub(super) fn keep(&self, token_hash: TokenHash, session: Session, generation: Generation) {
        let mut kept = self.lock();
        if kept.generation == generation {
            kept.keep(token_hash, session);
        }
    }

    /// These were changed or ended.
    pub(super) fn forget(&self, sessions: &[SessionId]) {
        if sessions.is_empty() {
            return;
        }
        let mut kept = self.lock();
        kept.generation.0 += 1;
        kept.young.retain(|_, session| !sessions.contains(&session.id));
        kept.old.retain(|_, session| !sessions.contains(&session.id));
    }

    /// Any may have been changed.
    pub(super) fn forget_all(&self) {
        let mut kept = self.lock();
        let generation = Generation(kept.generation.0 + 1);
        *kept = Kept { generation, ..Kept::default() };
    }
}

impl Kept {
    fn keep(&mut self, token_hash: TokenHash, session: Session) {
        if self.young.len() >= YOUNG {
            self.old = mem::take(&mut self.young);
        }
        self.young.insert(token_hash, session);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{UserId, UserRef};

    const NOW_MS: i64 = 1_000;

    fn hash(n: usize) -> TokenHash {
        let mut hash = [0; 32];
        hash[..8].copy_from_slice(&n.to_be_bytes());
        hash
    }

    fn session(n: usize) -> Session {
        let id = i64::try_from(n).unwrap();
        let user = UserRef { id: UserId(id), name: format!("u{n}") };
        Session { id: SessionId(id), user, seen_ms: 0, expires_ms: 2 * NOW_MS }
    }

    fn filled(count: usize) -> SessionCache {
        let cache = SessionCache::default();
        (0..count).for_each(|n| cache.keep(hash(n), session(n), Generation(0)));
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

    #[test]
    fn those_who_come_back_stay_and_the_number_is_bounded() {
        let cache = filled(YOUNG);
        for n in YOUNG..5 * YOUNG {
            cache.keep(hash(n), session(n), Generation(0));
            assert!(n % (YOUNG / 2) != 0 || knows(&cache, 0), "asked for in every turn");
        }
        assert!(!knows(&cache, 1), "never asked for again");
        let kept = cache.lock();
        assert!(kept.young.len() + kept.old.len() <= 2 * YOUNG);
    }
}
