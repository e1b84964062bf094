//! How often one may do what: posts of a user, groups and rooms that they make and change, sign-ins and sign-ups of an
//! address.
//!
//! Sign-ins are counted by address, and by address and account together, never by account alone: a stranger who
//! guesses at an account is slowed down where they are, and its owner still gets in from elsewhere. What a guesser
//! with many addresses can do is bounded by the password hashing's two places.

mod turned_away;

use std::borrow::Cow;
use std::hash::{BuildHasher, Hash, RandomState};
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};

use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use crate::api::ApiError;
use crate::protocol::{ErrorCode, UserId};
use crate::server::address::group;
use crate::server::config::LimitSettings;
use crate::server::error::ServerError;
use turned_away::TurnedAway;

/// Checks between two sweeps that forget keys whose allowance is full again: memory grows by at most this many keys
/// beyond those that are really in use.
const SWEEP: u32 = 1_024;

/// Refused for now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limited {
    /// When it will be allowed again, in milliseconds; at least 1.
    pub retry_after_ms: u32,
}

impl From<Limited> for ServerError {
    fn from(limited: Limited) -> Self {
        let seconds = limited.retry_after_ms.div_ceil(1_000);
        let unit = if seconds == 1 { "second" } else { "seconds" };
        let sentence = format!("That was too often. Try again in {seconds} {unit}.");
        Self::Refused(ErrorCode::RateLimited, Cow::Owned(sentence))
    }
}

impl From<Limited> for ApiError {
    fn from(limited: Limited) -> Self {
        ServerError::from(limited).into()
    }
}

/// The limits of this node.
pub struct Limits {
    posts: Keyed<UserId>,
    /// By a keyed hash of address and account: names are the guesser's to choose, and long ones cost no more.
    sign_ins: Keyed<u64>,
    hasher: RandomState,
    address_sign_ins: Keyed<IpAddr>,
    turned_away: TurnedAway,
    sign_ups: Keyed<IpAddr>,
    lookups: Keyed<UserId>,
    settings: Keyed<UserId>,
    renames: Keyed<UserId>,
    conversations: Keyed<UserId>,
    changes: Keyed<UserId>,
}

impl Limits {
    #[must_use]
    pub fn new(settings: &LimitSettings) -> Self {
        let s = settings;
        Self {
            posts: Keyed::new(Quota::per_second(s.posts_per_second), s.posts_burst),
            sign_ins: Keyed::new(Quota::per_hour(s.sign_ins_per_hour), s.sign_ins_burst),
            hasher: RandomState::new(),
            turned_away: TurnedAway::default(),
            address_sign_ins: Keyed::new(Quota::per_minute(s.address_sign_ins_per_minute), s.address_sign_ins_burst),
            sign_ups: Keyed::new(Quota::per_hour(s.sign_ups_per_hour), s.sign_ups_burst),
            lookups: Keyed::new(Quota::per_minute(s.lookups_per_minute), s.lookups_burst),
            settings: Keyed::new(Quota::per_minute(s.settings_per_minute), s.settings_burst),
            renames: Keyed::new(Quota::per_hour(s.renames_per_hour), s.renames_burst),
            conversations: Keyed::new(Quota::per_hour(s.conversations_per_hour), s.conversations_burst),
            changes: Keyed::new(Quota::per_minute(s.changes_per_minute), s.changes_burst),
        }
    }

    /// One more message of this user.
    pub fn check_post(&self, user: UserId) -> Result<(), Limited> {
        self.posts.check(&user)
    }

    /// One more attempt at a password of this account.
    pub fn check_sign_in(&self, from: IpAddr, folded: &str) -> Result<(), Limited> {
        let address = group(from);
        // An address that has used up its allowance is refused before another account of its is remembered.
        self.turned_away.check(address)?;
        // In this order, so that guesses at one account do not use up the allowance of a whole office.
        self.sign_ins.check(&self.hasher.hash_one((address, folded)))?;
        self.address_sign_ins.check(&address).inspect_err(|limited| self.turned_away.add(address, *limited))
    }

    /// One more look for people.
    pub fn check_lookup(&self, user: UserId) -> Result<(), Limited> {
        self.lookups.check(&user)
    }

    /// One more change of one's own settings, or of how one keeps a conversation.
    pub fn check_settings(&self, user: UserId) -> Result<(), Limited> {
        self.settings.check(&user)
    }

    /// One more display name: everybody is told of it.
    pub fn check_rename(&self, user: UserId) -> Result<(), Limited> {
        self.renames.check(&user)
    }

    /// One more group or room of this user.
    pub fn check_conversation(&self, user: UserId) -> Result<(), Limited> {
        self.conversations.check(&user)
    }

    /// One more change of a group or room, or of who is in it, by this user.
    pub fn check_change(&self, user: UserId) -> Result<(), Limited> {
        self.changes.check(&user)
    }

    /// One more account from this address.
    pub fn check_sign_up(&self, from: IpAddr) -> Result<(), Limited> {
        self.sign_ups.check(&group(from))
    }
}

struct Keyed<K: Hash + Eq + Clone> {
    limiter: DefaultKeyedRateLimiter<K>,
    clock: DefaultClock,
    checks: AtomicU32,
}

impl<K: Hash + Eq + Clone> Keyed<K> {
    fn new(quota: Quota, burst: NonZeroU32) -> Self {
        Self {
            limiter: RateLimiter::keyed(quota.allow_burst(burst)),
            clock: DefaultClock::default(),
            checks: AtomicU32::new(0),
        }
    }

    fn check(&self, key: &K) -> Result<(), Limited> {
        if self.checks.fetch_add(1, Ordering::Relaxed) % SWEEP == SWEEP - 1 {
            self.limiter.retain_recent();
            self.limiter.shrink_to_fit();
        }
        self.limiter.check_key(key).map_err(|until| {
            let wait = until.wait_time_from(self.clock.now()).as_millis();
            Limited { retry_after_ms: u32::try_from(wait).unwrap_or(u32::MAX).max(1) }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::config::{Config, Overrides};

    const HOME: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));
    const ELSEWHERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 2));

    fn limits() -> Limits {
        Limits::new(&Config::load(&Overrides::default()).unwrap().limits)
    }

    #[test]
    fn a_guesser_is_throttled_and_the_owner_gets_in_from_elsewhere() {
        let limits = limits();
        let passed = (0..100).filter(|_| limits.check_sign_in(HOME, "ada").is_ok()).count();
        assert!((30..=31).contains(&passed), "{passed}");
        assert!(limits.check_sign_in(HOME, "bob").is_ok(), "another account of the same office");
        assert!(limits.check_sign_in(ELSEWHERE, "ada").is_ok());
    }

    #[test]
    fn an_address_that_tries_many_accounts_is_throttled() {
        let limits = limits();
        let passed = (0..500).filter(|i| limits.check_sign_in(HOME, &format!("user{i}")).is_ok()).count();
        assert!((200..=203).contains(&passed), "{passed}");
    }

    #[test]
    fn an_address_over_its_limit_adds_no_more_keys() {
        let limits = limits();
        for i in 0..500 {
            let _ = limits.check_sign_in(HOME, &format!("user{i}"));
        }
        assert!(limits.sign_ins.limiter.len() <= 210, "{}", limits.sign_ins.limiter.len());
        assert!(limits.check_sign_in(ELSEWHERE, "user1").is_ok());
    }

    #[test]
    fn a_customers_ipv6_addresses_count_as_one() {
        let limits = limits();
        let passed = (0..300u128)
            .filter(|i| limits.check_sign_up(IpAddr::from((0x2001_0db8_u128 << 96 | i).to_be_bytes())).is_ok())
            .count();
        assert!((100..=101).contains(&passed), "{passed}");
    }

    #[test]
    fn the_sentence_gives_the_wait() {
        let limits = limits();
        let limited = (0..100).find_map(|_| limits.check_post(UserId(1)).err()).unwrap();
        assert!((1..=100).contains(&limited.retry_after_ms), "{limited:?}");
        assert!(limits.check_post(UserId(2)).is_ok());
        let error = ApiError::from(Limited { retry_after_ms: 1_500 });
        assert_eq!(error.code, ErrorCode::RateLimited);
        assert_eq!(error.message, "That was too often. Try again in 2 seconds.");
    }

    #[test]
    fn keys_are_forgotten_when_they_are_full_again() {
        // A thousand a second: a key is full again after a millisecond.
        let many = NonZeroU32::new(1_000).unwrap();
        let keyed = Keyed::<u32>::new(Quota::per_second(many), many);
        for key in 0..20 * SWEEP {
            assert!(keyed.check(&key).is_ok());
        }
        assert!(keyed.limiter.len() < 20 * SWEEP as usize, "{}", keyed.limiter.len());
    }
}
