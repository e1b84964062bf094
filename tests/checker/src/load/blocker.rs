//! Somebody who blocks another and hears from them again, and meanwhile looks for what the other writes.
//!
//! Their conversation is none of the load's: readers leave it, and whatever is judged of it is noted here. A try that was
//! left without an answer may still be carried out later: so nothing is done to the contrary until it cannot be any more.

mod pair;
mod watch;
mod written;

use std::sync::Arc;
use std::time::Instant;

use tokio::sync::watch::Receiver;

use self::pair::{Pair, Side};
use self::watch::{Heard, Watch};
use self::written::{Kind, Written, compare};
use super::comer::REST;
use super::counters::count;
use super::shared::{Phase, Shared, is_draining};
use crate::client::Outcome;
use crate::frames::{MessagePage, UserRef};
use crate::history::{Blocking, Blocks};
use crate::http::Answer;
use crate::socket::Socket;

/// Who blocks, and whom: no pair of the load.
const BLOCKER: usize = 0;
const BLOCKED: usize = 2;
/// So many times as long as somebody stays in a group, or out of it.
const SLOWER: u32 = 4;

/// A block that lasts.
struct Block {
    /// The socket that the blocker had when it began.
    socket: Option<u32>,
    /// What the other has written since.
    meanwhile: Vec<Written>,
}

struct Blocker {
    shared: Arc<Shared>,
    pair: Pair,
    phases: Receiver<Phase>,
    conversation: i64,
    /// The other's id.
    user: i64,
    watch: Watch,
    block: Option<Block>,
    rests_until: Option<Instant>,
}

/// How often somebody was blocked; nothing where nobody is to be.
pub(super) fn blocks(shared: &Shared) -> Option<Blocks> {
    let counters = shared.tally.read();
    let are_there = shared.plan.blocks && shared.people.len() > BLOCKED;
    are_there.then_some(Blocks { times: counters.blocked, live: counters.blocked_live })
}

/// Blocks and unblocks until the run drains.
pub(super) async fn run(shared: Arc<Shared>) {
    let mut pair = Pair::new(shared.clone());
    let Some((conversation, user)) = pair.open().await else { return };
    let watch = Watch::begin(shared.clone(), conversation);
    let phases = shared.phase.subscribe();
    let (block, rests_until) = (None, None);
    Blocker { shared, pair, phases, conversation, user, watch, block, rests_until }.run().await;
}

impl Blocker {
    async fn run(mut self) {
        let every = self.shared.plan.move_every * SLOWER;
        tokio::select! {
            () = self.watch.opens() => {}
            // The sender lives as long as the run.
            _ = self.phases.wait_for(|phase| is_draining(*phase)) => {}
        }
        loop {
            let phase = self.phases.wait_for(|phase| *phase != Phase::Paused).await.map(|phase| *phase);
            if !phase.is_ok_and(|phase| phase == Phase::Writing) {
                break;
            }
            if self.block.is_none() && !self.rests() {
                self.block().await;
            }
            if !self.rests()
                && let Some(block) = self.block.take()
            {
                self.unblock(block).await;
            }
            tokio::select! {
                () = tokio::time::sleep(every.mul_f64(0.5 + fastrand::f64())) => {}
                _ = self.phases.wait_for(|phase| is_draining(*phase)) => break,
            }
        }
        // Nobody is left blocked.
        if self.block.is_some() {
            self.set("user-unblock").await;
        }
    }

    fn rests(&self) -> bool {
        self.rests_until.is_some_and(|until| Instant::now() < until)
    }

    /// Blocks the other or hears from them again; whether that was acknowledged.
    async fn set(&mut self, function: &'static str) -> bool {
        let form = format!("user_id={}", self.user);
        match self.pair.tried::<UserRef>(Side::Blocker, function, &form).await {
            Ok((_, is_unsure)) => {
                self.rests_until = is_unsure.then(|| Instant::now() + REST);
                true
            }
            Err(refused) => {
                self.pair.found_refused(function, refused);
                false
            }
        }
    }

    /// The other goes on writing as if nothing were, and the blocker finds nothing of it.
    async fn block(&mut self) {
        let socket = self.watch.socket();
        if !self.set("user-block").await {
            return;
        }
        let mut meanwhile = Vec::new();
        for _ in 0..fastrand::u8(1..=3) {
            meanwhile.extend(self.pair.write(Kind::Unheard).await.map(|(written, _)| written));
        }
        self.look().await;
        self.block = Some(Block { socket, meanwhile });
        count(&self.shared.tally.blocked);
    }

    /// What the other writes now is heard, and what they wrote meanwhile is the history.
    async fn unblock(&mut self, block: Block) {
        if !self.set("user-unblock").await {
            self.block = Some(block);
            return;
        }
        let Block { socket, meanwhile: mut written } = block;
        let Some((heard, _)) = self.pair.write(Kind::Heard).await else { return };
        written.push(heard.clone());
        let first = written.iter().map(|message| message.seq).min().unwrap_or(1);
        let form = format!("conversation_id={}&after={}&limit=100", self.conversation, first - 1);
        match self.pair.tried::<MessagePage>(Side::Blocker, "message-list", &form).await {
            Ok((page, _)) => compare(&written, &page.messages).into_iter().for_each(|fault| self.pair.found(fault)),
            Err(Some(status)) => self.pair.found(Blocking::Unlisted { status }),
            Err(None) => {}
        }
        self.listen(socket, &heard).await;
    }

    /// Where the blocker has had one socket all the time, this message comes there, and by then it is known what came
    /// before.
    async fn listen(&self, socket: Option<u32>, message: &Written) {
        let Some(socket) = socket else { return };
        let heard = self.watch.hears(socket, &message.nonce, self.shared.plan.patience).await;
        if heard != Heard::Ended {
            count(&self.shared.tally.blocked_live);
        }
        if heard == Heard::Nothing {
            self.pair.found(Blocking::Untold { n: message.n });
        }
    }

    /// Who has blocked somebody finds nothing of their conversation, whatever they ask.
    async fn look(&mut self) {
        let id = self.conversation;
        for (function, rest) in [("message-list", ""), ("event-list", "&after=0"), ("conversation", "")] {
            let answer = self.pair.blocker.ask(function, &format!("conversation_id={id}{rest}")).await;
            if matches!(answer, Outcome::Answered(Answer { status, .. }) if status != 404 && status != 429) {
                self.pair.found(Blocking::Shown { how: function });
            }
        }
        let mut after = None;
        while let Ok(page) = self.pair.blocker.conversations(after).await {
            if page.conversations.iter().any(|entry| entry.conversation.id == id) {
                self.pair.found(Blocking::Shown { how: "conversation-list" });
            }
            after = page.conversations.last().map(|entry| entry.conversation.id);
            if !page.more || after.is_none() {
                break;
            }
        }
        let (address, source) = (self.shared.site.address(fastrand::usize(..1 << 16)), self.shared.source());
        let silence = self.shared.plan.socket_silence;
        if let Ok((_socket, ready)) = Socket::open(&mut self.pair.blocker, &address, source, None, silence, false).await
            && (ready.marks.iter().any(|(named, ..)| *named == id) || ready.members.contains_key(&id))
        {
            self.pair.found(Blocking::Shown { how: "READY" });
        }
    }
}
