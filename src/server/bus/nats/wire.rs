//! What a message is on the wire, between the nodes of one installation. Pure.
//!
//! ```text
//! byte  0      version: 1
//! byte  1      kind: 1 an event, 2 state, 3 ended sessions, 4 who types, 5 a node's word, 6 who hides
//!
//! event        seq (8 bytes), change (1 byte: 0 none, 1 joined, 2 left, 3 removed, 4 added, 5 gone), whom or what it
//!              concerns (8 bytes; 0 where nothing changes), then the WebSocket frame up to the end
//! state        the WebSocket frame up to the end
//! sessions     their ids, 8 bytes each, up to the end
//! typing       the user (8 bytes), then the WebSocket frame up to the end
//! hiding       1 byte: 1 the topic's user hides, 0 they are seen again
//! node         its id (8 bytes), what it says (1 byte), then by that:
//!              1 alive: the digest (8 bytes); 2 asks: the node that is asked (8 bytes), or nothing: all;
//!              3 changes: users up to the end; 4 all: part and parts (4 bytes each), users up to the end.
//!              A user is an id (8 bytes) and a status (1 byte: 0 offline, 1 away, 2 online)
//! ```
//!
//! Numbers are big-endian. The topic is not in it: the subject says it.
//!
//! A frame is encoded once, by the node that committed its event, and goes to the last socket as it is: the receiver
//! cuts it out of what it read, without a copy. It stays in the connection's read buffer then, of which it keeps
//! some 4 KB alive (`server::READ_BUFFER`): no more for the 256 frames of a full queue than the megabyte that the queue
//! may hold anyway.
//!
//! During an upgrade a newer node may say what this one does not know. It is left, as what was lost: seq repairs it.

mod node;

use bytes::{Buf, BufMut, Bytes, BytesMut};

use crate::protocol::{ConversationId, Seq, SessionId, UserId};
use crate::server::bus::{BusBody, MembershipChange};
use crate::server::chatters::Frame;

/// Most bytes of a message: what a NATS server takes, unless it was told otherwise.
pub(super) const MOST: usize = 1024 * 1024;

const VERSION: u8 = 1;
const EVENT: u8 = 1;
const STATE: u8 = 2;
const SESSIONS: u8 = 3;
const TYPING: u8 = 4;
const NODE: u8 = 5;
const HIDING: u8 = 6;
const NO_CHANGE: u8 = 0;
const JOINED: u8 = 1;
const LEFT: u8 = 2;
const REMOVED: u8 = 3;
const ADDED: u8 = 4;
const GONE: u8 = 5;
/// Version and kind.
const HEAD: usize = 2;
/// Seq, change, and whom or what it concerns.
const EVENT_HEAD: usize = 8 + 1 + 8;
const ID: usize = 8;

/// Why a message was left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unread {
    /// Of a version, a kind or a change that this program does not know.
    Unknown,
    /// Cut off, too long, or not what a node sends.
    Garbled,
}

pub(super) fn encode(body: &BusBody) -> Bytes {
    let mut bytes;
    match body {
        BusBody::Event { seq, frame, change } => {
            bytes = begin(EVENT, EVENT_HEAD + frame.as_slice().len());
            bytes.put_i64(seq.0);
            let (change, concerned) = match change {
                None => (NO_CHANGE, 0),
                Some(MembershipChange::Joined(id)) => (JOINED, id.0),
                Some(MembershipChange::Left(id)) => (LEFT, id.0),
                Some(MembershipChange::Removed(user)) => (REMOVED, user.0),
                Some(MembershipChange::Added(user)) => (ADDED, user.0),
                Some(MembershipChange::Gone(user)) => (GONE, user.0),
            };
            bytes.put_u8(change);
            bytes.put_i64(concerned);
            bytes.put_slice(frame.as_slice());
        }
        BusBody::State(frame) => {
            bytes = begin(STATE, frame.as_slice().len());
            bytes.put_slice(frame.as_slice());
        }
        BusBody::SessionsEnded(sessions) => {
            bytes = begin(SESSIONS, ID * sessions.len());
            for session in sessions {
                bytes.put_i64(session.0);
            }
        }
        BusBody::Typing { user, frame } => {
            bytes = begin(TYPING, ID + frame.as_slice().len());
            bytes.put_i64(user.0);
            bytes.put_slice(frame.as_slice());
        }
        BusBody::Hiding(hides) => {
            bytes = begin(HIDING, 1);
            bytes.put_u8(u8::from(*hides));
        }
        BusBody::Node(word) => {
            bytes = begin(NODE, node::length(word));
            node::encode(word, &mut bytes);
        }
    }
    bytes.freeze()
}

fn begin(kind: u8, length: usize) -> BytesMut {
    let mut bytes = BytesMut::with_capacity(HEAD + length);
    bytes.put_u8(VERSION);
    bytes.put_u8(kind);
    bytes
}

pub(super) fn decode(mut bytes: Bytes) -> Result<BusBody, Unread> {
    if bytes.len() < HEAD || bytes.len() > MOST {
        return Err(Unread::Garbled);
    }
    let (version, kind) = (bytes.get_u8(), bytes.get_u8());
    match (version, kind) {
        (VERSION, EVENT) if bytes.len() >= EVENT_HEAD => {
            let (seq, change, concerned) = (Seq(bytes.get_i64()), bytes.get_u8(), bytes.get_i64());
            let change = match change {
                NO_CHANGE => None,
                JOINED => Some(MembershipChange::Joined(ConversationId(concerned))),
                LEFT => Some(MembershipChange::Left(ConversationId(concerned))),
                REMOVED => Some(MembershipChange::Removed(UserId(concerned))),
                ADDED => Some(MembershipChange::Added(UserId(concerned))),
                GONE => Some(MembershipChange::Gone(UserId(concerned))),
                _ => return Err(Unread::Unknown),
            };
            // Seqs begin with 1, and one more than the last must be a number, too.
            let sane = seq > Seq::ZERO && seq < Seq(i64::MAX);
            let frame = Frame::from_wire(bytes).filter(|_| sane).ok_or(Unread::Garbled)?;
            Ok(BusBody::Event { seq, frame, change })
        }
        (VERSION, STATE) => Frame::from_wire(bytes).map(BusBody::State).ok_or(Unread::Garbled),
        (VERSION, SESSIONS) if bytes.len().is_multiple_of(ID) => {
            let mut sessions = Vec::with_capacity(bytes.len() / ID);
            while bytes.has_remaining() {
                sessions.push(SessionId(bytes.get_i64()));
            }
            Ok(BusBody::SessionsEnded(sessions))
        }
        (VERSION, TYPING) if bytes.len() >= ID => {
            let user = UserId(bytes.get_i64());
            Frame::from_wire(bytes).map(|frame| BusBody::Typing { user, frame }).ok_or(Unread::Garbled)
        }
        (VERSION, NODE) => node::decode(bytes).map(BusBody::Node),
        (VERSION, HIDING) if matches!(bytes[..], [0 | 1]) => Ok(BusBody::Hiding(bytes[0] == 1)),
        (VERSION, EVENT | SESSIONS | TYPING | HIDING) => Err(Unread::Garbled),
        _ => Err(Unread::Unknown),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn bodies() -> Vec<(BusBody, Vec<u8>)> {
        let event = |seq, change| BusBody::Event { seq: Seq(seq), frame: Frame::from("{}".to_owned()), change };
        let bytes = |parts: &[&[u8]]| parts.concat();
        vec![
            (event(1, None), bytes(&[&[1, 1], &[0, 0, 0, 0, 0, 0, 0, 1], &[0], &[0; 8], b"\x81\x02{}"])),
            (
                event(0x0102_0304_0506_0708, Some(MembershipChange::Joined(ConversationId(258)))),
                bytes(&[&[1, 1], &[1, 2, 3, 4, 5, 6, 7, 8], &[1], &[0, 0, 0, 0, 0, 0, 1, 2], b"\x81\x02{}"]),
            ),
            (
                event(2, Some(MembershipChange::Left(ConversationId(3)))),
                bytes(&[&[1, 1], &[0, 0, 0, 0, 0, 0, 0, 2], &[2], &[0, 0, 0, 0, 0, 0, 0, 3], b"\x81\x02{}"]),
            ),
            (
                event(2, Some(MembershipChange::Removed(UserId(3)))),
                bytes(&[&[1, 1], &[0, 0, 0, 0, 0, 0, 0, 2], &[3], &[0, 0, 0, 0, 0, 0, 0, 3], b"\x81\x02{}"]),
            ),
            (BusBody::State(Frame::from("hi".to_owned())), b"\x01\x02\x81\x02hi".to_vec()),
            (BusBody::SessionsEnded(vec![]), b"\x01\x03".to_vec()),
            (
                BusBody::SessionsEnded(vec![SessionId(7), SessionId(256)]),
                b"\x01\x03\0\0\0\0\0\0\0\x07\0\0\0\0\0\0\x01\0".to_vec(),
            ),
            (
                event(2, Some(MembershipChange::Added(UserId(3)))),
                bytes(&[&[1, 1], &[0, 0, 0, 0, 0, 0, 0, 2], &[4], &[0, 0, 0, 0, 0, 0, 0, 3], b"\x81\x02{}"]),
            ),
            (
                event(2, Some(MembershipChange::Gone(UserId(3)))),
                bytes(&[&[1, 1], &[0, 0, 0, 0, 0, 0, 0, 2], &[5], &[0, 0, 0, 0, 0, 0, 0, 3], b"\x81\x02{}"]),
            ),
            (
                BusBody::Typing { user: UserId(258), frame: Frame::from("hi".to_owned()) },
                b"\x01\x04\0\0\0\0\0\0\x01\x02\x81\x02hi".to_vec(),
            ),
            (BusBody::Hiding(true), b"\x01\x06\x01".to_vec()),
            (BusBody::Hiding(false), b"\x01\x06\0".to_vec()),
        ]
    }

    fn shown(body: Result<BusBody, Unread>) -> String {
        format!("{body:?}")
    }

    #[test]
    fn each_is_byte_for_byte_and_is_read_back() {
        for (body, bytes) in bodies() {
            assert_eq!(encode(&body), bytes, "{body:?}");
            assert_eq!(shown(decode(bytes.into())), shown(Ok(body)));
        }
    }

    #[test]
    fn a_frame_is_cut_out_and_not_copied() {
        let payload = encode(&BusBody::State(Frame::from("not copied".to_owned())));
        let Ok(BusBody::State(frame)) = decode(payload.clone()) else { panic!("it is state") };
        assert_eq!(frame.as_slice().as_ptr(), payload[HEAD..].as_ptr());
    }

    #[test]
    fn what_is_not_known_is_told_from_what_is_broken() {
        use Unread::{Garbled, Unknown};
        let event =
            |seq: i64, change: u8, frame: &[u8]| [&[1, 1], &seq.to_be_bytes()[..], &[change], &[0; 8], frame].concat();
        let cases: &[(Vec<u8>, Unread)] = &[
            (vec![], Garbled),
            (vec![1], Garbled),
            (vec![2, 1], Unknown),
            (vec![0, 0], Unknown),
            (vec![1, 7, 1, 2, 3], Unknown),
            (vec![1, 6], Garbled),
            (vec![1, 6, 2], Garbled),
            (vec![1, 4, 1, 2, 3], Garbled),
            (vec![1, 4, 0, 0, 0, 0, 0, 0, 0, 1, 0x81, 3], Garbled),
            (event(1, 6, b"\x81\x02{}"), Unknown),
            (vec![1, 1], Garbled),
            (event(1, 0, b""), Garbled),
            (event(1, 0, b"\x81\x03{}"), Garbled),
            (event(0, 0, b"\x81\x02{}"), Garbled),
            (event(-1, 0, b"\x81\x02{}"), Garbled),
            (event(i64::MAX, 0, b"\x81\x02{}"), Garbled),
            (vec![1, 3, 0, 0, 0, 7], Garbled),
            ([&[1, 3][..], &vec![0; MOST]].concat(), Garbled),
        ];
        for (bytes, unread) in cases {
            assert_eq!(decode(bytes.clone().into()).err(), Some(*unread), "{:?}", &bytes[..bytes.len().min(32)]);
        }
    }

    proptest! {
        #[test]
        fn no_bytes_are_a_surprise(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
            let _ = decode(bytes.into());
        }

        #[test]
        fn nor_are_those_of_a_message_that_was_harmed(which in 0..12_usize, at in 0..40_usize, byte in any::<u8>(), length in 0..40_usize) {
            let mut bytes = bodies().swap_remove(which).1;
            if let Some(harmed) = bytes.get_mut(at) {
                *harmed = byte;
            }
            bytes.truncate(length);
            if let Ok(BusBody::State(frame) | BusBody::Event { frame, .. } | BusBody::Typing { frame, .. }) = decode(bytes.into()) {
                prop_assert!(std::str::from_utf8(&frame.as_slice()[2..]).is_ok());
            }
        }
    }
}
