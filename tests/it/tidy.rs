//! The house rules that a compiler does not keep: where `cfg` may stand, who may import whom, how long a file may be.

use std::fs;
use std::path::{Path, PathBuf};

/// A source file: its path below `src/`, its text, and the text before its unit tests.
struct Source {
    path: String,
    text: String,
    code: String,
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut folders = vec![root.clone()];
    let mut files: Vec<PathBuf> = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                files.push(path);
            }
        }
    }
    files.sort();
    let source = |file: PathBuf| {
        let text = fs::read_to_string(&file).unwrap();
        let is_test = file.ends_with("tests.rs");
        let code = if is_test { "" } else { text.split("#[cfg(test)]").next().unwrap_or_default() }.to_owned();
        Source { path: file.strip_prefix(&root).unwrap().to_string_lossy().replace('\\', "/"), text, code }
    };
    files.into_iter().map(source).collect()
}

fn assert_none(complaints: Vec<String>) {
    assert!(complaints.is_empty(), "\n{}\n", complaints.join("\n"));
}

/// Lines of `source` outside comments that hold one of `needles`.
fn lines_with<'a>(source: &'a Source, needles: &'a [&str]) -> impl Iterator<Item = String> + 'a {
    source
        .code
        .lines()
        .enumerate()
        .filter(|(_, line)| !line.trim_start().starts_with("//"))
        .filter(move |(_, line)| needles.iter().any(|needle| line.contains(needle)))
        .map(|(number, line)| format!("{}:{}: {}", source.path, number + 1, line.trim()))
}

#[test]
fn cfg_gates_stand_only_where_the_house_plan_puts_them() {
    let allowed = [("lib.rs", 2), ("main.rs", 2), ("ui/live.rs", 1)];
    let mut complaints = Vec::new();
    for source in sources() {
        let gates: Vec<String> = lines_with(&source, &["cfg(", "cfg!(", "cfg_attr("]).collect();
        let room = allowed.iter().find(|(path, _)| *path == source.path).map_or(0, |(_, count)| *count);
        if gates.len() > room {
            complaints.push(format!("{} may hold {room} cfg gates:\n  {}", source.path, gates.join("\n  ")));
        }
    }
    assert_none(complaints);
}

#[test]
fn imports_point_one_way() {
    // Below each folder or file, none of these may be named.
    let rules: &[(&str, &[&str])] = &[
        ("protocol", &["crate::api", "crate::server", "crate::ui", "leptos", "axum", "tokio"]),
        ("ui", &["crate::server", "axum", "rusqlite"]),
        (
            "server/store",
            &["axum", "leptos", "crate::api", "crate::ui", "server::chat::", "server::gateway", "server::auth"],
        ),
        ("server/bus", &["axum", "leptos", "rusqlite", "crate::api", "crate::ui", "server::chat::", "server::gateway"]),
        (
            "server/chatters",
            &["axum", "leptos", "rusqlite", "crate::api", "crate::ui", "server::chat::", "server::gateway"],
        ),
        (
            "server/delivery",
            &["axum", "leptos", "rusqlite", "crate::api", "crate::ui", "server::chat::", "server::gateway"],
        ),
        (
            "server/chat",
            &["axum", "leptos", "rusqlite", "crate::api", "crate::ui", "server::gateway", "server::router"],
        ),
        ("server/gateway", &["leptos", "rusqlite", "crate::api", "crate::ui", "server::router", "server::boot"]),
        ("api", &["axum", "rusqlite", "crate::ui", "server::router", "server::boot"]),
    ];
    let mut complaints = Vec::new();
    for source in sources() {
        for (place, forbidden) in rules {
            let module = format!("{place}.rs");
            if source.path == module || source.path.starts_with(&format!("{place}/")) {
                complaints.extend(lines_with(&source, forbidden));
            }
        }
    }
    assert_none(complaints);
}

#[test]
fn sql_stands_in_the_store_alone() {
    let sql = ["SELECT ", "INSERT INTO", "DELETE FROM", "UPDATE OR", "CREATE TABLE", "PRAGMA "];
    let outside = |source: &Source| !source.path.starts_with("server/store");
    assert_none(
        sources().iter().filter(|s| outside(s)).flat_map(|s| lines_with(s, &sql).collect::<Vec<_>>()).collect(),
    );
}

#[test]
fn files_are_short_or_say_why_not() {
    let mut complaints = Vec::new();
    for source in sources() {
        // About 200 lines, about 120 in the interface; unit tests at the end do not count.
        let limit = if source.path.starts_with("ui/") && !source.path.starts_with("ui/live") { 140 } else { 220 };
        let lines = source.code.lines().count();
        let says_why =
            source.text.lines().take_while(|line| line.starts_with("//!")).any(|l| l.contains("Long because"));
        if lines > limit && !says_why {
            complaints.push(format!("{}: {lines} lines; split it, or say \"Long because …\" in its head", source.path));
        }
    }
    assert_none(complaints);
}

#[test]
fn files_open_with_what_they_own() {
    let silent = |source: &Source| !source.text.starts_with("//!");
    assert_none(sources().iter().filter(|s| silent(s)).map(|s| format!("{} does not open with //!", s.path)).collect());
}

#[test]
fn nothing_is_left_for_later() {
    let marks = ["TODO", "FIXME", "XXX", "unimplemented!", "todo!"];
    let marked = |s: &Source| marks.iter().any(|mark| s.text.contains(mark)) || s.path.ends_with("mod.rs");
    assert_none(sources().iter().filter(|s| marked(s)).map(|s| s.path.clone()).collect());
}
