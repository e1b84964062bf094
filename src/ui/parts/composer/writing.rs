//! What outlives a composer: drafts by recipient, which the driver keeps for later pages too, and who is to take the
//! focus.
//! Long because the two meet: what was typed decides who goes where.

use leptos::prelude::*;

use super::draft::{Draft, joined};
use crate::protocol::{ConversationId, Seq, Sorted};
use crate::ui::live::outbox::Item;
use crate::ui::live::{Live, Recipient};

/// The key of a new chat's draft while no name is typed.
const NAMELESS: &str = "";

/// Before the name, in the key of a new chat's draft.
const NAMED: &str = "to:";

/// The key of the draft of a new chat to `name`.
fn key_of(name: &str) -> String {
    if name.is_empty() { NAMELESS.to_owned() } else { format!("{NAMED}{name}") }
}

/// What may take the focus in a conversation that appears.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Focus {
    Composer,
    /// Its name: where the focus would raise a keyboard over what one came to read.
    Name,
}

/// What the composer of a conversation is at, where that is no new message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    Answer(ConversationId, Seq),
    Edit(ConversationId, Seq),
}

impl Mode {
    fn conversation(self) -> ConversationId {
        match self {
            Self::Answer(id, _) | Self::Edit(id, _) => id,
        }
    }
}

/// What the composer of this conversation is at, of all.
fn at(modes: &[Mode], id: ConversationId) -> Option<Mode> {
    modes.iter().copied().find(|mode| mode.conversation() == id)
}

/// The key of the text of an own message that is being changed. It is kept with the page alone.
fn edit_key(id: ConversationId, seq: Seq) -> String {
    format!("{id}#{seq}")
}

/// Shared by the page's composers.
#[derive(Clone, Copy)]
pub struct Writing {
    drafts: StoredValue<Sorted<String, Draft>>,
    /// What the disk had when it was last read; none before that.
    disk: StoredValue<Option<Sorted<String, Draft>>>,
    /// Told when drafts changed by another hand than that of the composer which shows them.
    pub(super) renewed: Trigger,
    live: StoredValue<Option<Live>>,
    /// To whom a new chat is being written, while that is open.
    to: StoredValue<Option<String>>,
    /// The conversation that the new chat became, while its form is still there to be typed into.
    became: StoredValue<Option<(String, ConversationId)>>,
    focus: StoredValue<Option<Focus>>,
    /// At most one of each conversation.
    modes: RwSignal<Vec<Mode>>,
}

impl Writing {
    #[must_use]
    pub fn provide() -> Self {
        let writing = Self {
            drafts: StoredValue::new(Sorted::default()),
            disk: StoredValue::new(None),
            renewed: Trigger::new(),
            live: StoredValue::new(None),
            to: StoredValue::new(None),
            became: StoredValue::new(None),
            focus: StoredValue::new(None),
            modes: RwSignal::new(Vec::new()),
        };
        provide_context(writing);
        writing
    }

    /// Takes up the drafts of earlier pages, and follows those of other tabs.
    pub fn restore(self, live: Live) {
        self.live.set_value(Some(live));
        live.drive(|driver| driver.drafts(Box::new(move |kept| self.read(kept))));
    }

    /// The disk was read. At first, what was typed on this page, be it before it came alive, goes behind what was
    /// kept. After that, what is here as it was there follows it; what was typed here since is this page's.
    fn read(self, kept: Vec<(String, String)>) {
        let kept = kept.into_iter().filter_map(|(key, kept)| Some((key, Draft::decode(&kept)?)));
        let now: Sorted<String, Draft> = kept.collect();
        // None when the page is gone.
        let Some(before) = self.disk.try_update_value(|disk| disk.replace(now.clone())) else { return };
        let mut renewed = before.is_none();
        match before {
            None => {
                let typed = self.drafts.try_update_value(|drafts| std::mem::replace(drafts, now));
                for (key, draft) in typed.unwrap_or_default() {
                    let kept = self.kept(&key);
                    let (text, answers) = (joined(&kept.text, &draft.text), draft.answers.or(kept.answers));
                    self.set(&key, Draft { text, answers, ..draft });
                }
            }
            Some(before) => {
                // What was answered there follows, too.
                let answered = |mode: &mut Mode| {
                    let Mode::Answer(id, seq) = *mode else { return true };
                    let (key, seq) = (id.to_string(), Some(seq));
                    let after = now.get(&key).and_then(|draft| draft.answers);
                    if after == seq || before.get(&key).and_then(|draft| draft.answers) != seq {
                        return true;
                    }
                    after.map(|seq| *mode = Mode::Answer(id, seq)).is_some()
                };
                self.modes.update(|modes| modes.retain_mut(answered));
                self.drafts.update_value(|drafts| {
                    // One of both comes a second time, and is as it is there by then.
                    for key in before.keys().chain(now.keys()) {
                        if before.get(key) == now.get(key) || drafts.get(key) != before.get(key) {
                            continue;
                        }
                        renewed = true;
                        match now.get(key) {
                            Some(draft) => drafts.insert(key.clone(), draft.clone()),
                            None => drafts.remove(key),
                        };
                    }
                });
            }
        }
        if renewed {
            self.renewed.notify();
        }
    }

    /// Takes a failed message back into the draft of where it was written, which is written in the same step: the
    /// text is on the disk as the one or as the other. `then` is told once it is there.
    pub fn take_back(self, nonce: &str, then: impl FnOnce(&Item) + 'static) {
        self.take_back_into(None, nonce, then);
    }

    /// The same, into a new chat to nobody yet: where it was written nobody can go any more.
    pub(in crate::ui::parts) fn take_back_anew(self, nonce: &str, then: impl FnOnce(&Item) + 'static) {
        self.take_back_into(Some(Recipient::Name(String::new())), nonce, then);
    }

    fn take_back_into(self, into: Option<Recipient>, nonce: &str, then: impl FnOnce(&Item) + 'static) {
        let Some(live) = self.live.get_value() else { return };
        let item = live.outbox.with_untracked(|items| items.iter().find(|i| i.nonce == nonce).cloned());
        let Some(item) = item else { return };
        let into = into.unwrap_or_else(|| item.recipient.clone());
        let item = Item { recipient: into.clone(), ..item };
        let (key, draft) = self.with_before(&item);
        live.drive(|driver| {
            let taken = move |item: Item| {
                let item = Item { recipient: into, ..item };
                if self.drafts.try_with_value(|_| ()).is_some() {
                    self.put(&item);
                    then(&item);
                }
            };
            driver.take_back(nonce.to_owned(), (key, draft.encode()), Box::new(taken));
        });
    }

    /// The draft of where the message was written, with its text before what is there.
    fn with_before(self, item: &Item) -> (String, Draft) {
        let (key, to) = match &item.recipient {
            Recipient::Name(name) => (key_of(name), name.clone()),
            Recipient::Conversation(id) => (id.to_string(), String::new()),
        };
        let text = match self.text(&key) {
            none if none.is_empty() => item.content.clone(),
            typed => format!("{}\n{typed}", item.content),
        };
        let answers = item.reply_to.or(self.kept(&key).answers);
        (key, Draft { text, to, answers })
    }

    fn put(self, item: &Item) {
        // The form of a new chat is where it was written: it goes there, whatever name stands in it.
        if let Recipient::Name(name) = &item.recipient
            && self.to.get_value().is_some()
        {
            self.readdress(name);
        }
        let (key, draft) = self.with_before(item);
        self.set(&key, draft);
        self.focus.set_value(Some(Focus::Composer));
        self.renewed.notify();
    }

    /// The part of the next conversation that takes the focus when it appears. Who was writing goes on writing.
    pub fn focus_next(&self, part: Focus) {
        if self.focus.get_value() != Some(Focus::Composer) {
            self.focus.set_value(Some(part));
        }
    }

    /// The composer of this conversation answers a message from now on.
    pub(in crate::ui::parts) fn answer(self, id: ConversationId, seq: Seq) {
        self.turn(id, Some(Mode::Answer(id, seq)));
    }

    /// It changes an own message, which says `content`.
    pub(in crate::ui::parts) fn edit(self, id: ConversationId, seq: Seq, content: &str) {
        let key = edit_key(id, seq);
        if self.text(&key).is_empty() {
            self.keep(&key, content.to_owned());
        }
        self.turn(id, Some(Mode::Edit(id, seq)));
    }

    /// It is at a new message again; what was changed is done with.
    pub(super) fn settle(self, id: ConversationId) {
        let mode = self.modes.with_untracked(|modes| at(modes, id));
        self.turn(id, None);
        match mode {
            Some(Mode::Edit(_, seq)) => self.keep(&edit_key(id, seq), String::new()),
            // The text stays, and answers nothing.
            Some(Mode::Answer(..)) => {
                let key = id.to_string();
                self.set(&key, Draft { answers: None, ..self.kept(&key) });
            }
            None => {}
        }
    }

    /// A change was saved. Its writer may be elsewhere by then, and at something else.
    pub(super) fn edited(self, id: ConversationId, seq: Seq) {
        self.keep(&edit_key(id, seq), String::new());
        self.modes.update(|modes| modes.retain(|mode| *mode != Mode::Edit(id, seq)));
        self.renewed.notify();
    }

    fn turn(self, id: ConversationId, mode: Option<Mode>) {
        self.modes.update(|modes| {
            modes.retain(|mode| mode.conversation() != id);
            modes.extend(mode);
        });
        self.focus.set_value(Some(Focus::Composer));
        self.renewed.notify();
    }

    /// Takes up what the draft of this conversation answers, where its composer is at nothing else.
    pub(super) fn resume(self, id: ConversationId) {
        let is_free = self.modes.with_untracked(|modes| at(modes, id).is_none());
        if let Some(seq) = self.kept(&id.to_string()).answers.filter(|_| is_free) {
            self.modes.update(|modes| modes.push(Mode::Answer(id, seq)));
        }
    }

    /// What the composer of this conversation is at.
    pub(super) fn mode(self, conversation: Option<ConversationId>) -> Option<Mode> {
        self.modes.with(|modes| at(modes, conversation?))
    }

    /// The key of the text that stands in the composer of this conversation.
    pub(super) fn key_in(self, conversation: Option<ConversationId>) -> String {
        let mode = conversation.and_then(|id| self.modes.with_untracked(|modes| at(modes, id)));
        match (mode, conversation) {
            (Some(Mode::Edit(id, seq)), _) => edit_key(id, seq),
            (_, Some(id)) => id.to_string(),
            (_, None) => self.new_chat(),
        }
    }

    /// Whether `part` takes the focus; once.
    pub(in crate::ui::parts) fn takes_focus(&self, part: Focus) -> bool {
        let takes = self.focus.get_value() == Some(part);
        if takes {
            self.focus.set_value(None);
        }
        takes
    }

    /// A new chat is open, to whomever.
    pub(super) fn starts(&self, name: &str) {
        self.to.set_value(Some(name.trim().to_owned()));
    }

    /// The name in the form of the new chat that is open.
    pub(super) fn name(&self) -> Option<String> {
        self.to.get_value()
    }

    /// The key of the new chat that is open.
    pub(super) fn new_chat(&self) -> String {
        key_of(&self.to.get_value().unwrap_or_default())
    }

    /// Another name stands in the form of a new chat: the draft goes along, behind what was kept for that name.
    pub(in crate::ui::parts) fn readdress(&self, name: &str) {
        let from = self.new_chat();
        self.starts(name);
        let to = self.new_chat();
        self.carry(&from, &to);
        // Where there is nothing, the form may take up the draft for another name: not while this one is typed.
        if !self.text(&to).is_empty() {
            self.renewed.notify();
        }
    }

    fn carry(&self, from: &str, to: &str) {
        let text = self.text(from);
        if from != to && !text.is_empty() {
            self.keep(to, joined(&self.text(to), &text));
            self.keep(from, String::new());
        }
    }

    /// The form of a new chat goes. What was typed in it until now goes to what it became.
    pub(super) fn leaves(&self) {
        // None when the page is gone with it.
        if let Some(Some((name, id))) = self.became.try_update_value(Option::take) {
            self.carry(&key_of(&name), &id.to_string());
        }
        self.to.try_set_value(None);
    }

    /// The draft for what is open under `key`. Where no name is typed yet, one that has a name serves too.
    pub(super) fn draft_for(&self, key: &str) -> Option<Draft> {
        self.drafts.with_value(|drafts| {
            let named = || drafts.iter().filter(|(_, draft)| key == NAMELESS && !draft.to.is_empty());
            drafts.get(key).or_else(|| named().next().map(|(_, draft)| draft)).cloned()
        })
    }

    /// The first message to `name` arrived: what was typed after it goes along, at once or when its form goes. Whether
    /// that is the chat which is being started: one goes there.
    pub fn opened(&self, name: &str, id: ConversationId) -> bool {
        let here = self.to.get_value().as_deref() == Some(name);
        if here {
            self.became.set_value(Some((name.to_owned(), id)));
            self.focus_next(Focus::Composer);
        } else if !self.text(&key_of(name)).is_empty() {
            self.carry(&key_of(name), &id.to_string());
            self.renewed.notify();
        }
        here
    }

    /// Whether the open form of a new chat became this conversation: it stays until that is there to be shown.
    #[must_use]
    pub fn goes_to(&self, id: ConversationId) -> bool {
        self.became.with_value(|became| became.as_ref().is_some_and(|(_, other)| *other == id))
    }

    fn kept(&self, key: &str) -> Draft {
        self.drafts.with_value(|drafts| drafts.get(key).cloned()).unwrap_or_default()
    }

    pub(super) fn text(&self, key: &str) -> String {
        self.kept(key).text
    }

    pub(super) fn keep(&self, key: &str, text: String) {
        let to = key.strip_prefix(NAMED).unwrap_or_default().to_owned();
        let answered = |mode: &Mode| match mode {
            Mode::Answer(id, seq) if id.to_string() == key => Some(*seq),
            _ => None,
        };
        let answers = self.modes.with_untracked(|modes| modes.iter().find_map(answered)).or(self.kept(key).answers);
        self.set(key, Draft { text, to, answers });
    }

    /// An empty one is none.
    fn set(&self, key: &str, draft: Draft) {
        let none = draft.text.is_empty();
        let known = self.drafts.with_value(|drafts| drafts.get(key).map_or(none, |known| *known == draft));
        if known {
            return;
        }
        let kept = (!none).then(|| draft.encode());
        self.drafts.update_value(|drafts| {
            if none {
                drafts.remove(key)
            } else {
                drafts.insert(key.to_owned(), draft)
            };
        });
        // Until the disk was read, nothing of it is replaced.
        let of_page = key.contains('#') && !key.starts_with(NAMED);
        if let Some(live) = self.live.get_value().filter(|_| !of_page && self.disk.with_value(Option::is_some)) {
            live.drive(|driver| driver.keep_draft(key.to_owned(), kept));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn writing() -> (Owner, Writing) {
        let owner = Owner::new();
        let writing = owner.with(Writing::provide);
        (owner, writing)
    }

    #[test]
    fn what_is_typed_after_a_first_message_goes_behind_what_is_there() {
        for (there, expected) in [("", "and more"), ("old", "old\nand more")] {
            let (_owner, writing) = writing();
            writing.keep("7", there.to_owned());
            writing.starts("ada");
            writing.keep("to:ada", "and".to_owned());
            assert!(!writing.opened("ben", ConversationId(6)), "to somebody else, at an earlier time");
            assert!(writing.opened("ada", ConversationId(7)));
            assert!(writing.goes_to(ConversationId(7)) && !writing.goes_to(ConversationId(6)));
            writing.keep("to:ada", "and more".to_owned());
            writing.leaves();
            assert_eq!((writing.text("to:ada"), writing.text("7")), (String::new(), expected.to_owned()));
            assert!(!writing.opened("ada", ConversationId(7)), "nobody is called back");
        }
    }

    #[test]
    fn each_name_has_its_draft_and_a_changed_name_takes_it_along() {
        let (_owner, writing) = writing();
        let type_here = |text: &str| writing.keep(&writing.new_chat(), text.to_owned());
        for (name, text) in [("ada", "dear ada"), ("ben", "b")] {
            writing.starts(name);
            type_here(text);
            writing.leaves();
        }
        let texts = || ["to:ada", "to:ben", "to:cy", ""].map(|key| writing.text(key));
        assert_eq!(texts(), ["dear ada", "b", "", ""]);
        assert_eq!(writing.draft_for("").map(|draft| draft.to).as_deref(), Some("ada"));
        assert_eq!(writing.draft_for("to:cy"), None);
        writing.starts("");
        type_here("hello");
        writing.readdress("cy");
        assert_eq!(texts(), ["dear ada", "b", "hello", ""]);
        writing.readdress("ben ");
        assert_eq!(texts(), ["dear ada", "b\nhello", "", ""]);
    }

    #[test]
    fn neither_what_was_kept_nor_what_was_typed_before_it_was_read_is_lost() {
        let cases = [
            ("kept", "", "kept"),
            ("", "typed", "typed"),
            ("kept", "typed", "kept\ntyped"),
            ("kept", "kept and more", "kept and more"),
            ("kept", "kept", "kept"),
        ];
        for (kept, typed, expected) in cases {
            for key in ["7", "to:ada"] {
                let (_owner, writing) = writing();
                writing.keep(key, typed.to_owned());
                let kept = Draft { text: kept.to_owned(), ..Draft::default() }.encode();
                writing.read(vec![(key.to_owned(), kept), ("9".to_owned(), "not of this version".to_owned())]);
                assert_eq!(writing.text(key), expected);
                assert_eq!(writing.draft_for("9"), None);
            }
        }
    }

    #[test]
    fn a_draft_keeps_what_it_answers() {
        let (id, seq) = (ConversationId(7), Seq(12));
        let (_owner, writing) = writing();
        writing.answer(id, seq);
        writing.keep("7", "because".to_owned());
        let kept = writing.draft_for("7").unwrap().encode();

        let (_owner, writing) = self::writing();
        writing.read(vec![("7".to_owned(), kept)]);
        writing.resume(ConversationId(8));
        assert_eq!(writing.mode(Some(id)), None, "of another conversation");
        writing.resume(id);
        assert_eq!((writing.mode(Some(id)), writing.text("7")), (Some(Mode::Answer(id, seq)), "because".to_owned()));
        writing.settle(id);
        writing.resume(id);
        assert_eq!((writing.mode(Some(id)), writing.text("7")), (None, "because".to_owned()), "it was let go");
    }

    #[test]
    fn what_is_answered_follows_other_tabs_and_stays_with_its_conversation() {
        let (id, other, seq) = (ConversationId(7), ConversationId(8), Seq(5));
        let kept = |key: &str, text: &str, answers| {
            (key.to_owned(), Draft { text: text.to_owned(), answers, ..Draft::default() }.encode())
        };
        for (then, expected) in [
            (vec![], None),
            (vec![kept("7", "t", None)], None),
            (vec![kept("7", "t", Some(Seq(6)))], Some(Mode::Answer(id, Seq(6)))),
            (vec![kept("7", "u", Some(seq))], Some(Mode::Answer(id, seq))),
        ] {
            let (_owner, writing) = writing();
            writing.read(vec![kept("7", "t", Some(seq))]);
            writing.resume(id);
            writing.read(then);
            assert_eq!(writing.mode(Some(id)), expected);
        }
        let (_owner, writing) = writing();
        writing.read(vec![kept("8", "there", Some(seq))]);
        writing.edit(id, Seq(9), "here");
        writing.resume(other);
        writing.edited(id, Seq(9));
        assert_eq!((writing.mode(Some(id)), writing.text("7#9")), (None, String::new()));
        assert_eq!(writing.mode(Some(other)), Some(Mode::Answer(other, seq)), "what is answered elsewhere");
        let (_owner, writing) = self::writing();
        writing.read(vec![kept("8", "there", Some(seq))]);
        writing.starts("ben");
        writing.keep("to:ben", "more".to_owned());
        writing.opened("ben", other);
        writing.leaves();
        assert_eq!(writing.kept("8"), Draft { text: "there\nmore".to_owned(), answers: Some(seq), ..Draft::default() });
    }

    #[test]
    fn what_stands_as_it_was_read_follows_other_tabs() {
        let cases = [
            ("old", "old", "new", "new"),
            ("old", "old", "", ""),
            ("", "", "new", "new"),
            ("old", "mine", "new", "mine"),
            ("old", "", "new", ""),
            ("old", "mine", "mine", "mine"),
        ];
        for (read, here, then, expected) in cases {
            let (_owner, writing) = writing();
            let disk = |text: &str| {
                let draft = Draft { text: text.to_owned(), ..Draft::default() };
                if text.is_empty() { Vec::new() } else { vec![("7".to_owned(), draft.encode())] }
            };
            writing.read(disk(read));
            writing.keep("7", here.to_owned());
            writing.read(disk(then));
            assert_eq!(writing.text("7"), expected, "{read:?} {here:?} {then:?}");
        }
    }
}
