//! What people say in the demo: whole sentences in many scripts, put together by a seeded generator.

use fastrand::Rng;

use crate::protocol::{Message, Seq, UserId};
use crate::server::chat::called;
use crate::server::store::Amendment;

/// In which script a conversation is, mostly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Script {
    Mixed,
    Latin,
    Cyrillic,
    Arabic,
    Hebrew,
    Greek,
    Devanagari,
    Han,
    Japanese,
    Korean,
    Thai,
}

const ALL: [(Script, &[&str]); 10] = [
    (
        Script::Latin,
        &[
            "Morning! Who takes the early shift tomorrow?",
            "I moved the meeting to ten, the room upstairs.",
            "That is a good idea, let us try it this week.",
            "Can someone look at the draft before noon?",
            "The new build is out, and it starts in half the time.",
            "Je suis d'accord, on garde la version courte.",
            "¿Alguien tiene una foto de la pizarra?",
            "Ich bringe morgen Kuchen mit, Apfel oder Mohn?",
            "Dziękuję, działa już znakomicie.",
            "Amanhã não posso, mas sexta está ótimo.",
            "Bugün hava çok güzel, öğle yemeğini dışarıda yiyelim.",
            "Kan någon öppna dörren? Jag står här nere.",
            "Cảm ơn mọi người, hẹn gặp lại tuần sau nhé.",
            "Two things are left, and both are small.",
            "I read it twice, and I would cut the last paragraph.",
            "Sounds right to me.",
        ],
    ),
    (
        Script::Cyrillic,
        &[
            "Доброе утро! Кто сегодня дежурит?",
            "Я посмотрю вечером и напишу, что думаю.",
            "Спасибо, теперь всё работает.",
            "Давайте встретимся в пять у входа.",
            "Дякую, побачимо завтра.",
            "Погода чудесная, пойдём пешком.",
        ],
    ),
    (
        Script::Arabic,
        &[
            "صباح الخير، من يأتي اليوم؟",
            "وصلت الرسالة، شكرًا جزيلًا.",
            "نلتقي غدًا الساعة العاشرة إن شاء الله.",
            "هل جرّبتم الإصدار 2.0 الجديد؟",
            "الفكرة ممتازة، لنبدأ بها هذا الأسبوع.",
        ],
    ),
    (
        Script::Hebrew,
        &["בוקר טוב! מי מביא קפה?", "קיבלתי, תודה רבה.", "ניפגש מחר בשעה 10:30 ליד התחנה.", "זה נראה לי רעיון מצוין."],
    ),
    (
        Script::Greek,
        &["Καλημέρα σε όλους!", "Θα τα πούμε το βράδυ.", "Ευχαριστώ, ήταν πολύ χρήσιμο.", "Πάμε για καφέ στις έξι;"],
    ),
    (
        Script::Devanagari,
        &["सुप्रभात! आज कौन आ रहा है?", "बहुत बढ़िया, धन्यवाद।", "कल दस बजे मिलते हैं।", "मैंने फ़ाइल देख ली है, सब ठीक है।"],
    ),
    (
        Script::Han,
        &[
            "早上好！今天谁值班？",
            "收到，谢谢大家。",
            "我们下午三点在楼下见。",
            "这个主意不错，这周就试试吧。",
            "晚饭吃火锅怎么样？",
        ],
    ),
    (
        Script::Japanese,
        &[
            "おはようございます。",
            "了解です、ありがとうございます！",
            "明日の会議は十時からです。",
            "それはいい考えですね。",
            "今夜、一杯どうですか？",
        ],
    ),
    (
        Script::Korean,
        &["좋은 아침이에요!", "확인했습니다, 감사합니다.", "내일 열 시에 만나요.", "정말 좋은 생각이네요."],
    ),
    (Script::Thai, &["สวัสดีตอนเช้าครับ", "ได้รับแล้ว ขอบคุณมากค่ะ", "พรุ่งนี้เจอกันสิบโมงนะ"]),
];

/// What is more than words.
const SPECIAL: [&str; 10] = [
    "🎉🎉🎉",
    "👍",
    "😂",
    "```\nlet total: u64 = lines.iter().map(Line::len).sum();\n```",
    "Try `scripts/run`, then open http://127.0.0.1:3000/.",
    "**Done.** What is left:\n\n- the second half of the list\n- a picture\n- a date",
    "> We could also wait a week.\n\nI would rather not.",
    "The notes are at https://chat.example/notes, *not* in the mail.",
    "👩‍👩‍👧‍👦 We are all coming! 🏳️‍🌈",
    "@ada what do you think?",
];

const EMOJI: [&str; 8] = ["👍", "❤️", "😂", "🎉", "👀", "🙏", "🔥", "😮"];

/// Where somebody puts an emoji behind what they say.
const SMILES: [&str; 6] = ["😀", "🙂", "☕", "🌧️", "✅", "🚀"];

pub(super) struct Chatterer {
    random: Rng,
    last: usize,
}

impl Chatterer {
    pub(super) fn new(seed: u64) -> Self {
        Self { random: Rng::with_seed(seed), last: 0 }
    }

    fn one_in(&mut self, count: u32) -> bool {
        self.random.u32(..count) == 0
    }

    /// Who speaks next: often the one who just did, and some more than others.
    pub(super) fn author(&mut self, members: &[UserId]) -> UserId {
        if self.last >= members.len() || !self.one_in(3) {
            self.last = self.random.usize(..members.len()).min(self.random.usize(..members.len()));
        }
        members[self.last]
    }

    pub(super) fn line(&mut self, script: Script) -> String {
        if self.one_in(25) {
            return self.random.choice(SPECIAL).unwrap_or_default().to_owned();
        }
        let lines = match script {
            // Half of what is mixed is in Latin letters.
            Script::Mixed if self.random.bool() => ALL[0].1,
            Script::Mixed => ALL[self.random.usize(..ALL.len())].1,
            script => ALL.iter().find(|(of, _)| *of == script).map_or(ALL[0].1, |(_, lines)| *lines),
        };
        let sentences = if self.one_in(6) { 4 } else { self.random.usize(1..3) };
        let mut text = String::new();
        for sentence in 0..sentences {
            if sentence > 0 {
                text.push(' ');
            }
            text.push_str(lines[self.random.usize(..lines.len())]);
        }
        if self.one_in(8) {
            text.push(' ');
            text.push_str(SMILES[self.random.usize(..SMILES.len())]);
        }
        text
    }

    /// Which message the next one answers: mostly none, else one of the latest.
    pub(super) fn answers(&mut self, said: &[Seq]) -> Option<Seq> {
        if said.is_empty() || !self.one_in(20) {
            return None;
        }
        let back = self.random.usize(..said.len().min(200));
        Some(said[said.len() - 1 - back])
    }

    /// What becomes of a message: reactions, a pin, another text, nothing of it any more.
    pub(super) fn reactions_to(
        &mut self,
        message: &Message,
        members: &[UserId],
        now_ms: i64,
    ) -> Vec<(UserId, Amendment)> {
        let author = message.author.id;
        if self.one_in(300) {
            return vec![(author, Amendment::Delete)];
        }
        let mut amendments = Vec::new();
        if self.one_in(12) {
            let emoji = EMOJI[self.random.usize(..EMOJI.len())];
            for _ in 0..self.random.usize(1..5) {
                let who = members[self.random.usize(..members.len())];
                amendments.push((who, Amendment::React { emoji: emoji.to_owned(), on: true }));
            }
        }
        if self.one_in(80) {
            let content = format!("{} (corrected)", message.content);
            amendments.push((author, Amendment::Edit { called: called(&content), content, now_ms }));
        }
        if self.one_in(2000) {
            amendments.push((members[0], Amendment::Pin { on: true }));
        }
        amendments
    }
}
