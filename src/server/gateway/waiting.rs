//! How many sockets of one address may be open without having said who they are.
//!
//! Opening one costs a client nothing, so their number is bounded before anything is switched. From when it is known
//! whose a socket is, it counts as its user's instead: people behind one address are as many as they like.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use crate::server::address::group;

/// Sockets of one address group that nobody knows yet. A whole office that comes back after a restart fits: each needs its
/// place for a moment only, and who found none tries again. One of them takes less than 5 KiB.
const WAITING: usize = 256;

/// The places. Clones share them.
#[derive(Debug, Clone, Default)]
pub struct WaitingRoom(Arc<Mutex<HashMap<IpAddr, usize>>>);

/// A place, given back when dropped.
#[derive(Debug)]
pub struct Place {
    room: WaitingRoom,
    group: IpAddr,
}

impl WaitingRoom {
    /// A place, if one is free for this address.
    #[must_use]
    pub fn enter(&self, from: IpAddr) -> Option<Place> {
        let group = group(from);
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = waiting.entry(group).or_default();
        if *count >= WAITING {
            return None;
        }
        *count += 1;
        Some(Place { room: self.clone(), group })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut waiting = self.room.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = waiting.get_mut(&self.group) {
            *count -= 1;
            // Forgotten when it is empty: memory is bounded by the sockets that are open.
            if *count == 0 {
                waiting.remove(&self.group);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_counted_by_address_and_come_back() {
        let room = WaitingRoom::default();
        let (here, elsewhere) = (IpAddr::from([192, 0, 2, 1]), IpAddr::from([192, 0, 2, 2]));
        let mut places: Vec<Place> = (0..WAITING).map(|_| room.enter(here).unwrap()).collect();
        assert!(room.enter(here).is_none());
        assert!(room.enter(elsewhere).is_some());
        places.pop();
        assert!(room.enter(here).is_some());
        drop(places);
        assert!(room.0.lock().unwrap().is_empty(), "what is empty is forgotten");
    }

    #[test]
    fn a_customers_ipv6_addresses_share_their_places() {
        let room = WaitingRoom::default();
        let address = |host: usize| IpAddr::from((0x2001_0db8_u128 << 96 | host as u128).to_be_bytes());
        let places: Vec<Place> = (0..WAITING).map(|host| room.enter(address(host)).unwrap()).collect();
        assert!(room.enter(address(WAITING)).is_none(), "{} places", places.len());
    }
}
