//! How a connection ends, and when the next one begins.

use super::{Connection, OFFLINE_MS, Output, Phase, STEADY_MS};
use crate::ui::live::Link;
use crate::ui::live::backoff::backoff_ms;

impl Connection {
    pub(super) fn closed(&mut self, code: Option<u16>, now_ms: i64, random: f64) {
        if !self.has_socket() {
            return;
        }
        match code {
            Some(4004) => self.refused(now_ms),
            Some(4010) => self.fall_behind(now_ms, random),
            Some(4011) => self.end(),
            _ => self.lose(now_ms, random),
        }
    }

    /// The token was refused: one new one, then the session must be over.
    pub(super) fn refused(&mut self, now_ms: i64) {
        if self.renewed {
            return self.end();
        }
        self.renewed = true;
        self.drop_socket();
        self.connect(now_ms);
    }

    /// The connection is no more, or never came about: again after a while.
    pub(super) fn lose(&mut self, now_ms: i64, random: f64) {
        self.forgive(now_ms);
        self.drop_socket();
        let delay_ms = if self.offline { OFFLINE_MS } else { backoff_ms(self.failures, random) };
        self.failures = self.failures.saturating_add(1);
        self.wait(self.not_before_ms.max(now_ms + delay_ms));
    }

    /// The server had more to say than was read: the cursors get the rest. At once, unless that happens each time.
    pub(super) fn fall_behind(&mut self, now_ms: i64, random: f64) {
        self.forgive(now_ms);
        self.drop_socket();
        let delay_ms = backoff_ms(self.fell_behind, random);
        self.fell_behind = self.fell_behind.saturating_add(1);
        self.wait(self.not_before_ms.max(now_ms + delay_ms));
    }

    /// Before the socket goes. A server that says READY and ends the connection must not be met without a pause.
    pub(super) fn forgive(&mut self, now_ms: i64) {
        if self.is_ready() && now_ms - self.ready_ms >= STEADY_MS {
            self.failures = 0;
            self.fell_behind = 0;
        }
    }

    pub(super) fn wait(&mut self, until_ms: i64) {
        self.phase = Phase::Waiting { until_ms };
        self.set_link(Link::Waiting);
    }

    pub(super) fn end(&mut self) {
        self.drop_socket();
        self.phase = Phase::Ended;
        self.set_link(Link::Offline);
        self.out.push(Output::GoHome);
    }

    pub(super) fn has_socket(&self) -> bool {
        matches!(self.phase, Phase::Connecting { .. } | Phase::Identifying { .. } | Phase::Ready)
    }

    /// Also after the socket closed by itself: letting go of it twice is harmless.
    pub(super) fn drop_socket(&mut self) {
        if self.has_socket() {
            self.out.push(Output::CloseSocket);
        }
        self.ack_by_ms = None;
        self.probed_ms = None;
    }

    /// While the browser says that it is offline, only READY says otherwise.
    pub(super) fn set_link(&mut self, link: Link) {
        let link = if self.offline { Link::Offline } else { link };
        if self.link != link {
            self.link = link;
            self.out.push(Output::SetLink(link));
        }
    }
}
