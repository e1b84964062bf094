//! What a program says it is, in a few words: "Firefox on Linux". For people who look where they are signed in; nothing
//! is decided by it.

/// By what a browser's line is known. The first that fits: most browsers say that they are others as well.
const BROWSERS: [(&str, &str); 11] = [
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Vivaldi/", "Vivaldi"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("FxiOS/", "Firefox"),
    ("Firefox/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("HeadlessChrome/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Version/", "Safari"),
    ("AppleWebKit/", "Safari"),
];

/// Systems, in the same way.
const SYSTEMS: [(&str, &str); 9] = [
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Windows", "Windows"),
    ("Macintosh", "macOS"),
    ("Linux", "Linux"),
    ("FreeBSD", "FreeBSD"),
    ("OpenBSD", "OpenBSD"),
];

/// Longest name of a program that is no browser, in characters.
const PROGRAM_CHARS: usize = 40;

/// None where the line says nothing.
#[must_use]
pub fn client_name(user_agent: &str) -> Option<String> {
    let find = |names: &[(&str, &'static str)]| {
        names.iter().find(|(sign, _)| user_agent.contains(sign)).map(|(_, name)| *name)
    };
    if let Some(browser) = find(&BROWSERS) {
        return Some(match find(&SYSTEMS) {
            Some(system) => format!("{browser} on {system}"),
            None => browser.to_owned(),
        });
    }
    let program = user_agent.split(['/', ' ', '(']).next().unwrap_or_default();
    let program: String = program.chars().filter(|c| c.is_ascii_graphic()).take(PROGRAM_CHARS).collect();
    (!program.is_empty()).then_some(program)
}

#[cfg(test)]
mod tests {
    use super::client_name;

    #[test]
    fn programs_by_what_they_say() {
        let cases = [
            ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", Some("Firefox on Linux")),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Safari/537.36 Edg/138.0.0.0",
                Some("Edge on Windows"),
            ),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15",
                Some("Safari on macOS"),
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/138.0 Mobile/15E148 Safari/604.1",
                Some("Chrome on iPhone"),
            ),
            (
                "Mozilla/5.0 (Linux; Android 15; SM-S921B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36",
                Some("Samsung Internet on Android"),
            ),
            (
                "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Safari/537.36",
                Some("Chrome on ChromeOS"),
            ),
            ("curl/8.14.1", Some("curl")),
            ("my bot", Some("my")),
            ("<script>alert(1)</script>", Some("<script>alert")),
            ("", None),
            ("  ", None),
            ("日本", None),
        ];
        for (line, name) in cases {
            assert_eq!(client_name(line).as_deref(), name, "{line}");
        }
        assert_eq!(client_name(&"x".repeat(5_000)).map(|name| name.len()), Some(40));
    }
}
