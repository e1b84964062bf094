//! The HTML of messages, whatever was typed: only what is allowed is in it.

use leptos::prelude::*;
use proptest::prelude::*;

use super::said;

fn html(content: &str) -> String {
    Owner::new().with(|| said(content, "ada").to_html())
}

#[test]
fn what_is_drawn() {
    let away = " target=\"_blank\" rel=\"noopener noreferrer nofollow ugc\"";
    let link = format!(
        "<p dir=\"auto\" class=\"said\"><a href=\"https://a.example/?a=1&amp;b=2\"{away}>https://a.example/?a=1&amp;b=2</a></p>"
    );
    let lies = format!(
        "<p dir=\"auto\" class=\"said\"><a href=\"https://b.example\"{away}>a.example</a><bdi class=\"link-place\"> (b.example)</bdi></p>"
    );
    let cases = [
        ("hello", "<p dir=\"auto\" class=\"said\">hello</p>"),
        ("<img src=x onerror=alert(1)>", "<p dir=\"auto\" class=\"said\">&lt;img src=x onerror=alert(1)&gt;</p>"),
        (
            "</script><svg onload=alert(1)>",
            "<p dir=\"auto\" class=\"said\">&lt;/script&gt;&lt;svg onload=alert(1)&gt;</p>",
        ),
        ("**a**", "<p dir=\"auto\" class=\"said\"><strong>a</strong></p>"),
        ("🎉", "<p dir=\"auto\" class=\"said large\">🎉</p>"),
        ("@Ada", "<p dir=\"auto\" class=\"said\"><bdi class=\"mention me\">@Ada</bdi></p>"),
        ("@ben", "<p dir=\"auto\" class=\"said\"><bdi class=\"mention\">@ben</bdi></p>"),
        ("@all", "<p dir=\"auto\" class=\"said\"><bdi class=\"mention me\">@all</bdi></p>"),
        ("https://a.example/?a=1&b=2", &link),
        ("[a.example](https://b.example)", &lies),
        ("[here](/c/7/12)", "<p dir=\"auto\" class=\"said\"><a href=\"/c/7/12\">here</a></p>"),
        ("", "<div class=\"said rich\"></div>"),
    ];
    for (content, expected) in cases {
        assert_eq!(html(content).replace("<!>", ""), expected, "{content:?}");
    }
    let lists = html("1. a\n5. b\n   - c\n\n> q");
    for part in [
        "<ol dir=\"auto\"><li dir=\"auto\">a</li>",
        "<li dir=\"auto\" value=\"5\">",
        "<ul dir=\"auto\">",
        "<blockquote",
    ] {
        assert!(lists.replace("<!>", "").contains(part), "{part} in {lists}");
    }
    let code = html("```rust\n</code><b>\n```").replace("<!>", "");
    assert!(code.contains("<code>&lt;/code&gt;&lt;b&gt;</code>"), "{code}");
}

/// Elements and their attributes; a link's address is looked at besides.
const ALLOWED: &[(&str, &[&str])] = &[
    ("p", &["class", "dir"]),
    ("div", &["class"]),
    ("span", &["class"]),
    ("strong", &[]),
    ("em", &[]),
    ("s", &[]),
    ("code", &[]),
    ("pre", &["tabindex", "role", "aria-label", "dir"]),
    ("button", &["type", "class"]),
    ("blockquote", &["dir"]),
    ("ol", &["dir"]),
    ("ul", &["dir"]),
    ("li", &["dir", "value"]),
    ("a", &["href", "target", "rel"]),
    ("bdi", &["class"]),
];

/// What is wrong with the HTML.
fn complaint(html: &str) -> Option<String> {
    let mut open = Vec::new();
    for tag in html.split('<').skip(1) {
        let Some((tag, _)) = tag.split_once('>') else { return Some(format!("<{tag} does not end")) };
        if tag == "!" {
            continue;
        }
        if let Some(name) = tag.strip_prefix('/') {
            if open.pop() != Some(name) {
                return Some(format!("</{name}> ends nothing"));
            }
            continue;
        }
        let (name, mut rest) = tag.split_once(' ').unwrap_or((tag, ""));
        let Some((_, attributes)) = ALLOWED.iter().find(|(allowed, _)| *allowed == name) else {
            return Some(format!("<{tag}>"));
        };
        open.push(name);
        while !rest.trim().is_empty() {
            let parts = rest.split_once("=\"").and_then(|(key, rest)| Some((key.trim(), rest.split_once('"')?)));
            let Some((key, (value, behind))) = parts else { return Some(format!("{rest} in <{tag}>")) };
            let leads = ["http://", "https://", "mailto:", "/c/"].iter().any(|begin| value.starts_with(begin));
            if !attributes.contains(&key) || (key == "href" && !leads) {
                return Some(format!("{key}={value}"));
            }
            rest = behind;
        }
    }
    (!open.is_empty()).then(|| format!("{open:?} are left open"))
}

#[test]
fn the_check_itself_complains() {
    for bad in [
        "<img src=\"x\">",
        "<a href=\"javascript:x\">a</a>",
        "<p onclick=\"x\">a</p>",
        "<p>",
        "<p></a>",
        "<p dir=auto></p>",
        "<p",
    ] {
        assert!(complaint(bad).is_some(), "{bad}");
    }
}

proptest! {
    #[test]
    fn nothing_else_is_ever_in_it(text in prop_oneof![pieces(), any::<String>()]) {
        prop_assert_eq!(complaint(&html(&text)), None);
    }
}

fn pieces() -> impl Strategy<Value = String> {
    let pieces = [
        "*",
        "**",
        "_",
        "~~",
        "`",
        "```",
        "\n",
        "> ",
        "- ",
        "1. ",
        "7. ",
        "  ",
        "[",
        "](",
        ")",
        "!",
        "\\",
        "@",
        "@all",
        "@ada",
        ":",
        "a",
        "b.c",
        "https://",
        "HTTPS://",
        "javascript:",
        "data:text/html,",
        "mailto:",
        "/c/1/2",
        "<",
        ">",
        "<img src=x onerror=y>",
        "</script>",
        "<svg onload=x>",
        "&lt;",
        "&#106;",
        "\"",
        "' onclick='",
        "\" onclick=\"",
        "=",
        "é",
        "語",
        "\u{202e}",
        "🎉",
        "\t",
        " ",
        "x\"y",
    ];
    proptest::collection::vec(proptest::sample::select(pieces.to_vec()), 0..50).prop_map(|pieces| pieces.concat())
}
