//! A node's word in bytes; see `wire` for the form.

use bytes::{Buf, BufMut, Bytes, BytesMut};

use super::Unread;
use crate::protocol::{Status, UserId};
use crate::server::bus::{NodeId, NodeSaid, NodeWord};

const ALIVE: u8 = 1;
const ASKS: u8 = 2;
const CHANGES: u8 = 3;
const ALL: u8 = 4;
/// The node's id, and what it says.
const HEAD: usize = 8 + 1;
const USER: usize = 8 + 1;

pub(super) fn length(word: &NodeWord) -> usize {
    HEAD + match &word.said {
        NodeSaid::Alive { .. } => 8,
        NodeSaid::Asks(node) => node.map_or(0, |_| 8),
        NodeSaid::Changes(users) => USER * users.len(),
        NodeSaid::All { users, .. } => 8 + USER * users.len(),
    }
}

pub(super) fn encode(word: &NodeWord, bytes: &mut BytesMut) {
    bytes.put_u64(word.from.0);
    match &word.said {
        NodeSaid::Alive { digest } => {
            bytes.put_u8(ALIVE);
            bytes.put_u64(*digest);
        }
        NodeSaid::Asks(node) => {
            bytes.put_u8(ASKS);
            if let Some(node) = node {
                bytes.put_u64(node.0);
            }
        }
        NodeSaid::Changes(users) => {
            bytes.put_u8(CHANGES);
            put_users(users, bytes);
        }
        NodeSaid::All { part, parts, users } => {
            bytes.put_u8(ALL);
            bytes.put_u32(*part);
            bytes.put_u32(*parts);
            put_users(users, bytes);
        }
    }
}

fn put_users(users: &[(UserId, Status)], bytes: &mut BytesMut) {
    for (user, status) in users {
        bytes.put_i64(user.0);
        bytes.put_u8(match status {
            Status::Offline => 0,
            Status::Away => 1,
            Status::Online => 2,
        });
    }
}

pub(super) fn decode(mut bytes: Bytes) -> Result<NodeWord, Unread> {
    if bytes.len() < HEAD {
        return Err(Unread::Garbled);
    }
    let (from, said) = (NodeId(bytes.get_u64()), bytes.get_u8());
    let said = match (said, bytes.len()) {
        (ALIVE, 8) => NodeSaid::Alive { digest: bytes.get_u64() },
        (ASKS, 0) => NodeSaid::Asks(None),
        (ASKS, 8) => NodeSaid::Asks(Some(NodeId(bytes.get_u64()))),
        (CHANGES, _) => NodeSaid::Changes(users(bytes)?),
        (ALL, 8..) => {
            let (part, parts) = (bytes.get_u32(), bytes.get_u32());
            NodeSaid::All { part, parts, users: users(bytes)? }
        }
        (ALIVE | ASKS | ALL, _) => return Err(Unread::Garbled),
        _ => return Err(Unread::Unknown),
    };
    Ok(NodeWord { from, said })
}

fn users(mut bytes: Bytes) -> Result<Vec<(UserId, Status)>, Unread> {
    if !bytes.len().is_multiple_of(USER) {
        return Err(Unread::Garbled);
    }
    let mut users = Vec::with_capacity(bytes.len() / USER);
    while bytes.has_remaining() {
        let (user, status) = (UserId(bytes.get_i64()), bytes.get_u8());
        users.push((
            user,
            match status {
                0 => Status::Offline,
                1 => Status::Away,
                2 => Status::Online,
                _ => return Err(Unread::Unknown),
            },
        ));
    }
    Ok(users)
}

#[cfg(test)]
mod tests {
    use super::super::{decode, encode};
    use super::*;
    use crate::server::bus::BusBody;

    #[test]
    fn each_is_byte_for_byte_and_is_read_back() {
        let users = vec![(UserId(258), Status::Online), (UserId(3), Status::Away), (UserId(4), Status::Offline)];
        let as_bytes = b"\0\0\0\0\0\0\x01\x02\x02\0\0\0\0\0\0\0\x03\x01\0\0\0\0\0\0\0\x04\0";
        let cases: &[(NodeSaid, &[&[u8]])] = &[
            (NodeSaid::Alive { digest: 0x0102_0304_0506_0708 }, &[b"\x01", &[1, 2, 3, 4, 5, 6, 7, 8]]),
            (NodeSaid::Asks(None), &[b"\x02"]),
            (NodeSaid::Asks(Some(NodeId(5))), &[b"\x02", &[0, 0, 0, 0, 0, 0, 0, 5]]),
            (NodeSaid::Changes(users.clone()), &[b"\x03", as_bytes]),
            (NodeSaid::Changes(vec![]), &[b"\x03"]),
            (NodeSaid::All { part: 1, parts: 258, users }, &[b"\x04", &[0, 0, 0, 1, 0, 0, 1, 2], as_bytes]),
        ];
        for (said, rest) in cases {
            let bytes = [&[1, 5, 0, 0, 0, 0, 0, 0, 0, 9], &rest.concat()[..]].concat();
            let body = BusBody::Node(NodeWord { from: NodeId(9), said: said.clone() });
            assert_eq!(encode(&body), bytes, "{said:?}");
            assert_eq!(format!("{:?}", decode(bytes.into())), format!("{:?}", Ok::<_, Unread>(body)));
        }
    }

    #[test]
    fn what_is_not_known_is_told_from_what_is_broken() {
        let word = |rest: &[u8]| decode([&[1, 5, 0, 0, 0, 0, 0, 0, 0, 9], rest].concat().into()).err();
        for garbled in [&b""[..], b"\x01", b"\x01\0\0\0\0\0\0\0\0\0", b"\x02\x01", b"\x03\x01", b"\x04\0\0\0\x01"] {
            assert_eq!(word(garbled), Some(Unread::Garbled), "{garbled:?}");
        }
        for unknown in [&b"\x05"[..], b"\x03\0\0\0\0\0\0\0\x01\x03"] {
            assert_eq!(word(unknown), Some(Unread::Unknown), "{unknown:?}");
        }
    }
}
