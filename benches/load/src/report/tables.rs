//! The tables, as Markdown.

use std::fmt::Write;
use std::fs;

use super::Figures;

/// Name in the figures, name for people.
pub const SERVERS: [(&str, &str); 7] = [
    ("chatter", "**Chatter**"),
    ("plain", "plain Node (express, express-ws); stores nothing"),
    ("socketio", "Socket.IO 4; stores nothing"),
    ("socketio-sqlite", "Socket.IO 4 + SQLite, a commit a message"),
    ("ejabberd", "ejabberd {version}, archive on"),
    ("prosody", "Prosody {version}, archive on"),
    ("relay", "limit: bare axum relay; no sign-in, stores nothing"),
];

/// What the crowds' figures are called, largest last.
const CROWDS: [&str; 2] = ["crowd-1000", "crowd-10000"];

/// With the version, where a server is what is installed, as the environment tells it (`EJABBERD_VERSION=23.01`).
fn titled(server: &str, title: &str) -> String {
    let version = std::env::var(format!("{}_VERSION", server.to_uppercase())).unwrap_or_default();
    title.replace("{version}", &version)
}

pub fn draw(figures: &Figures) -> String {
    let mut text = machine();
    side_by_side(figures, &mut text);
    limits(figures, &mut text);
    ratios(figures, &mut text);
    spread(figures, &mut text);
    text
}

/// What it was measured on, and how.
pub fn machine() -> String {
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let cpu = read("/proc/cpuinfo");
    let model =
        cpu.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or("").trim_start_matches([':', '\t', ' ']);
    let cores = cpu.lines().filter(|line| line.starts_with("processor")).count();
    let system = read("/etc/os-release");
    let system = system.lines().find_map(|line| line.strip_prefix("PRETTY_NAME=")).unwrap_or("").trim_matches('"');
    let note = std::env::var("BENCH_NOTE").unwrap_or_default();
    format!("{cores} cores of {model}, {system}. {note}\n\n")
}

fn side_by_side(figures: &Figures, text: &mut String) {
    text.push_str(
        "| Server | pairs, 1 in flight: messages/s (p99) | 16 in flight | CPU a message, 16 in flight | fan-out to 1,000: \
         deliveries/s (all received, p50) | fan-out to 10,000 | memory a connection at 10,000: idle, after fan-out | \
         entering, clients/s |\n|---|---|---|---|---|---|---|---|\n",
    );
    for (server, title) in SERVERS {
        let title = titled(server, title);
        let value = |name: &str| figures.median(server, name);
        let pairs = |name: &str| match (value(&format!("{name} messages/s")), value(&format!("{name} p99 ms"))) {
            (Some(rate), Some(p99)) => format!("{} ({} ms)", number(rate), number(p99)),
            _ => "–".to_owned(),
        };
        let fan = |crowd: &str| match (
            value(&format!("{crowd} deliveries/s")),
            value(&format!("{crowd} all received p50 ms")),
        ) {
            (Some(rate), Some(p50)) => format!("{} ({} ms)", number(rate), number(p50)),
            _ => "–".to_owned(),
        };
        let cpu = value("pairs-16 CPU µs").map_or("–".to_owned(), |cpu| format!("{} µs", number(cpu)));
        let memory = match (value("crowd-10000 idle KiB"), value("crowd-10000 KiB after fan-out")) {
            (Some(idle), Some(after)) => format!("{idle:.1}, {after:.1} KiB"),
            (Some(idle), None) => format!("{idle:.1}, – KiB"),
            _ => "–".to_owned(),
        };
        let entering = value("crowd-10000 enter/s").map_or("–".to_owned(), number);
        let _ = writeln!(
            text,
            "| {title} | {} | {} | {cpu} | {} | {} | {memory} | {entering} |",
            pairs("pairs-1"),
            pairs("pairs-16"),
            fan(CROWDS[0]),
            fan(CROWDS[1])
        );
    }
}

fn limits(figures: &Figures, text: &mut String) {
    text.push_str("\n| Limit, on the same core | messages/s |\n|---|---|\n");
    let mut row = |title: &str, value: Option<f64>| {
        let _ = writeln!(text, "| {title} | {} |", value.map_or("–".to_owned(), number));
    };
    row(
        "an axum route that reads the same form and answers as much, 16 in flight",
        figures.median("form", "pairs-16 messages/s"),
    );
    for waiting in [1, 64, 1_000] {
        let title = format!("the store alone, {} waiting", number(f64::from(waiting)));
        row(&title, figures.median("store", &format!("{waiting} waiting messages/s")));
    }
    row("the relay, 16 in flight", figures.median("relay", "pairs-16 messages/s"));
    row("**all three in a row: 1/(1/form + 1/store + 1/relay)**", figures.harmonic_limit());
}

fn ratios(figures: &Figures, text: &mut String) {
    text.push_str("\n| Chatter's ratio | is | is to be |\n|---|---|---|\n");
    let mine = |name: &str| figures.median("chatter", name);
    let mut row = |title: &str, mine: Option<f64>, other: Option<f64>, goal: &str| {
        if let (Some(mine), Some(other)) = (mine, other) {
            let _ = writeln!(text, "| {title} | {:.2} | {goal} |", mine / other);
        }
    };
    let rate = "pairs-16 messages/s";
    row("messages/s, 16 in flight, to the three limits in a row", mine(rate), figures.harmonic_limit(), "≥ 0.6");
    for (server, title) in &SERVERS[1..SERVERS.len() - 1] {
        row(
            &format!("messages/s, 16 in flight, to {}", titled(server, title)),
            mine(rate),
            figures.median(server, rate),
            "",
        );
    }
    for (crowd, people) in CROWDS.iter().zip(["1,000", "10,000"]) {
        let name = format!("{crowd} deliveries/s");
        row(&format!("fan-out to {people}, to the relay"), mine(&name), figures.median("relay", &name), "≥ 1.0");
    }
    for (name, title) in [
        ("latest", "the latest page of messages"),
        ("before", "a page from the middle"),
        ("unread", "the list of conversations with unread counts"),
        ("resume", "a resume that missed 50 messages"),
    ] {
        let p50 = |messages: &str| mine(&format!("history-{messages} {name} p50 ms"));
        row(&format!("{title}: p50 at 1,000,000 messages to that at 10,000"), p50("1000000"), p50("10000"), "≤ 1.5");
    }
    row("a page with 50 messages, to `/healthz`", mine("page requests/s"), mine("healthz requests/s"), "≥ 0.27");
}

fn spread(figures: &Figures, text: &mut String) {
    text.push_str("\nEvery figure of Chatter's:\n\n| Figure | median | least to most |\n|---|---|---|\n");
    for (name, values) in figures.all_of("chatter") {
        let (least, most) = (number(values.least()), number(values.most()));
        let _ = writeln!(text, "| {name} | {} | {least} to {most} |", number(values.median()));
    }
}

/// Three digits that count, thousands apart.
pub fn number(value: f64) -> String {
    let whole = value.fract() == 0.0;
    if value.abs() < 10.0 && !whole {
        return format!("{value:.2}");
    }
    if value.abs() < 100.0 && !whole {
        return format!("{value:.1}");
    }
    let digits = format!("{value:.0}");
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at) % 3 == 0 && digit.is_ascii_digit() {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
