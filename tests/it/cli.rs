//! The operator's commands, as an operator runs them: the real program on a folder of its own.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

struct Operator {
    folder: tempfile::TempDir,
}

impl Operator {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    /// Runs `chatter` with these arguments, `input` on standard input, and nothing of the tester's own settings.
    fn chatter(&self, arguments: &[&str], input: &str) -> Ran {
        let mut child = Command::new(env!("CARGO_BIN_EXE_chatter"))
            .args(arguments)
            .current_dir(self.folder.path())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // A command that refuses before it reads closes its end first.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        Ran(child.wait_with_output().unwrap())
    }

    fn file(&self, name: &str, text: &str) {
        std::fs::write(self.folder.path().join(name), text).unwrap();
    }
}

struct Ran(Output);

impl Ran {
    #[track_caller]
    fn good(self) -> String {
        assert!(self.0.status.success(), "{}", self.words());
        String::from_utf8(self.0.stdout).unwrap()
    }

    #[track_caller]
    fn refused(self, code: i32, words: &[&str]) {
        let said = self.words();
        assert_eq!(self.0.status.code(), Some(code), "{said}");
        for word in words {
            assert!(said.contains(word), "{said:?} lacks {word:?}");
        }
    }

    fn words(&self) -> String {
        String::from_utf8_lossy(&self.0.stdout).into_owned() + &String::from_utf8_lossy(&self.0.stderr)
    }
}

#[test]
fn accounts_sessions_and_rooms() {
    let operator = Operator::new();
    operator.chatter(&["user", "add", "Ada"], "correct horse\n").good();
    operator.chatter(&["user", "add", "ADA"], "correct horse\n").refused(1, &["taken"]);
    operator.chatter(&["user", "add", "bob"], "short\n").refused(1, &["8 characters"]);
    operator.chatter(&["user", "add", "007"], "correct horse\n").refused(1, &["not a digit"]);

    operator.file("bad.jsonl", "{\"name\":\"bob\"}\n{\"name\":\"a b\"}\n");
    operator.chatter(&["user", "import", "bad.jsonl"], "").refused(1, &["line 2", "added: 0"]);
    operator.file("good.jsonl", "{\"name\":\"bob\"}\n{\"name\":\"Cleo\"}\n");
    operator.chatter(&["user", "import", "good.jsonl"], "").good();

    let lines = operator.chatter(&["user", "session", "--all"], "").good();
    let lines: Vec<(&str, &str)> = lines.lines().map(|line| line.split_once('\t').unwrap()).collect();
    assert_eq!(lines.iter().map(|(name, _)| *name).collect::<Vec<_>>(), ["Ada", "bob", "Cleo"]);
    assert!(lines.iter().all(|(_, value)| value.len() == 43));
    let cleo = operator.chatter(&["user", "session", "CLEO"], "").good();
    assert!(cleo.starts_with("Cleo\t"), "{cleo}");
    operator.chatter(&["user", "session", "Ada", "zed"], "").refused(1, &["zed"]);

    let changed = operator.chatter(&["user", "password", "ada"], "battery staple\n");
    assert!(changed.words().contains("sessions ended: 1"), "{}", changed.words());

    let lobby = operator.chatter(&["room", "add", "Lobby", "--all"], "").good();
    assert!(lobby.trim().parse::<i64>().is_ok(), "{lobby}");
    operator.chatter(&["room", "add", "Attic", "ada", "bob"], "").good();
    operator.chatter(&["room", "add", "Cellar", "zed"], "").refused(1, &["zed"]);
    operator.chatter(&["room", "add", " "], "").refused(1, &["title"]);

    operator.chatter(&["doctor", "--addr", "127.0.0.1:0"], "").good();
    let secrets = std::fs::read_to_string(operator.folder.path().join("chatter-data/secrets.toml")).unwrap();
    assert!(secrets.contains("kid"));
}

#[test]
fn mistakes_are_one_sentence_each() {
    let operator = Operator::new();
    operator.chatter(&["serve", "--addr", "0.0.0.0:0"], "").refused(1, &["CHATTER_PUBLIC_URL"]);
    assert!(!Path::new(&operator.folder.path().join("chatter-data")).exists(), "refused before anything is made");
    operator
        .chatter(&["serve", "--public-url", "chat.example"], "")
        .refused(1, &["--public-url", "https://chat.example"]);
    operator.chatter(&["--config", "none.toml"], "").refused(1, &["none.toml"]);
    operator.file("wrong.toml", "[chatter]\npublic_ulr = \"x\"\n");
    let wrong = ["wrong.toml", "public_ulr", "public_url"];
    operator.chatter(&["--config", "wrong.toml"], "").refused(1, &wrong);
    operator.chatter(&["doctor", "--config", "wrong.toml"], "").refused(1, &wrong);
    operator.chatter(&["dance"], "").refused(2, &["dance"]);
}
