//! What people type, and what becomes of it: one line of a table each, in a short form of the tree.

use proptest::prelude::*;

use super::*;

/// A short form: `p(…)` a paragraph, `b` strong, `i` emphasis, `s` struck, `c` code, `a<href>` a link and behind `!` what
/// is said beside it, `@` a mention, `pre` a block of code, `q` a quote, `ul`/`ol` lists of `li`.
fn said(blocks: &[Block]) -> String {
    blocks.iter().map(block).collect::<Vec<_>>().join(" ")
}

fn block(block: &Block) -> String {
    match block {
        Block::Paragraph(inlines) => format!("p({})", line(inlines)),
        Block::Code { language, text } => format!("pre{}({text})", language.as_deref().unwrap_or_default()),
        Block::Quote(blocks) => format!("q({})", said(blocks)),
        Block::List(items) => {
            let item = |item: &Item| {
                let number = item.number.map(|number| number.to_string()).unwrap_or_default();
                format!("li{number}({})", said(&item.blocks))
            };
            format!("l({})", items.iter().map(item).collect::<Vec<_>>().join(" "))
        }
    }
}

fn line(inlines: &[Inline]) -> String {
    let inline = |inline: &Inline| match inline {
        Inline::Text(text) => text.clone(),
        Inline::Code(text) => format!("c({text})"),
        Inline::Strong(inner) => format!("b({})", line(inner)),
        Inline::Emphasis(inner) => format!("i({})", line(inner)),
        Inline::Strike(inner) => format!("s({})", line(inner)),
        Inline::Link(link) => {
            let beside = link.beside.as_ref().map(|beside| format!("!{beside}")).unwrap_or_default();
            format!("a<{}{beside}>({})", link.href, line(&link.text))
        }
        Inline::Mention(mention) => format!("@({})", mention.typed()),
    };
    inlines.iter().map(inline).collect()
}

fn check(cases: &[(&str, &str)]) {
    for (typed, expected) in cases {
        assert_eq!(said(&parse(typed)), *expected, "{typed:?}");
    }
}

#[test]
fn lines() {
    check(&[
        ("hello", "p(hello)"),
        ("", ""),
        (" \n ", ""),
        ("one\ntwo", "p(one\ntwo)"),
        ("one\n\ntwo", "p(one) p(two)"),
        ("\n\none\n\n\n\ntwo\n", "p(one) p(two)"),
        ("one  \ntwo", "p(one  \ntwo)"),
        ("    indented\n        more", "p(    indented\n        more)"),
        ("\tindented", "p(\tindented)"),
        ("# not loud", "p(# not loud)"),
        ("title\n---\ntext", "p(title\n---\ntext)"),
        ("***", "p(***)"),
        ("---", "p(---)"),
        ("a | b\n--|--\n1 | 2", "p(a | b\n--|--\n1 | 2)"),
        ("[a]: https://example.org\n[a]", "p([a]: a<https://example.org>(https://example.org)\n[a])"),
        ("text[^1]\n\n[^1]: note", "p(text[^1]) p([^1]: note)"),
        ("&lt;b&gt; &amp; &#106;", "p(&lt;b&gt; &amp; &#106;)"),
        ("<b>x</b>", "p(<b>x</b>)"),
        ("<div>\n**x**\n</div>", "p(<div>\nb(x)\n</div>)"),
        ("<img src=x onerror=alert(1)>", "p(<img src=x onerror=alert(1)>)"),
        ("<!-- x -->", "p(<!-- x -->)"),
    ]);
}

#[test]
fn emphasis() {
    check(&[
        ("*a*", "p(i(a))"),
        ("_a_", "p(i(a))"),
        ("**a**", "p(b(a))"),
        ("__a__", "p(b(a))"),
        ("~~a~~", "p(s(a))"),
        ("***a***", "p(i(b(a)))"),
        ("**a *b* c**", "p(b(a i(b) c))"),
        ("*a **b** c*", "p(i(a b(b) c))"),
        ("**a ~~b~~**", "p(b(a s(b)))"),
        ("**a\nb**", "p(b(a\nb))"),
        ("a**b**c", "p(a**b**c)"),
        ("2*3*4 = 24", "p(2*3*4 = 24)"),
        ("2 * 3 * 4", "p(2 * 3 * 4)"),
        ("2**3 and 3**2", "p(2**3 and 3**2)"),
        ("snake_case_name", "p(snake_case_name)"),
        ("__init__.py", "p(b(init).py)"),
        ("*args and **kwargs", "p(*args and **kwargs)"),
        ("**open", "p(**open)"),
        ("close**", "p(close**)"),
        ("**", "p(**)"),
        ("** a **", "p(** a **)"),
        ("~5 to ~10", "p(~5 to ~10)"),
        ("~a~", "p(~a~)"),
        ("~~~a~~~", "p(~~~a~~~)"),
        ("a~~b~~c", "p(as(b)c)"),
        ("(**a**)", "p((b(a)))"),
        ("**a**, *b*.", "p(b(a), i(b).)"),
        ("这是**重点**内容", "p(这是b(重点)内容)"),
        ("**「重点」**は", "p(b(「重点」)は)"),
        ("*a\n\nb*", "p(*a) p(b*)"),
        ("**a*", "p(*i(a))"),
        ("*a**", "p(i(a)*)"),
        ("*a _b* c_", "p(i(a _b) c_)"),
        (r"\*a\*", "p(*a*)"),
        (r"*a\*b*", "p(i(a*b))"),
        (r"¯\_(ツ)_/¯", r"p(¯\_(ツ)_/¯)"),
        (r"C:\dir\file \\host\share", r"p(C:\dir\file \\host\share)"),
        (r"\", r"p(\)"),
        (":-) :( ^_^ >_< -_- *_* o_O T_T", "p(:-) :( ^_^ >_< -_- *_* o_O T_T)"),
    ]);
}

#[test]
fn code() {
    check(&[
        ("`a`", "p(c(a))"),
        ("a `b *c* @d` e", "p(a c(b *c* @d) e)"),
        ("``a ` b``", "p(c(a ` b))"),
        ("`` `a` ``", "p(c(`a`))"),
        ("` `", "p(` `)"),
        ("`open", "p(`open)"),
        ("`a``", "p(`a``)"),
        ("*a `b* c`", "p(*a c(b* c))"),
        (r"`a\`", r"p(c(a\))"),
        (r"\`a`", "p(`a`)"),
        ("```let x = 1;```", "p(c(let x = 1;))"),
        ("see ```a\nb```", "p(see c(a\nb))"),
        ("```\na\n```", "pre(a)"),
        ("```rust\nlet x = 1;\n\n  y\n```", "prerust(let x = 1;\n\n  y)"),
        ("``` rust\na\n```\nb", "prerust(a) p(b)"),
        ("text\n```\na\n```\ntext", "p(text) pre(a) p(text)"),
        ("```\na", "pre(a)"),
        ("```\na```", "pre(a)"),
        ("```some words\na\n```", "pre(some words\na)"),
        ("````\n```\na\n```\n````", "pre(```\na\n```)"),
        ("~~~\na\n~~~", "pre(a)"),
        ("```\n```", "p(```\n```)"),
        ("```", "p(```)"),
        ("```x", "p(```x)"),
        ("```\n<script>**x** @ada https://a.b\n```", "pre(<script>**x** @ada https://a.b)"),
        ("  ```\n  a\n    b\n  ```", "pre(a\n  b)"),
        ("```\n    a\n\tb\n```", "pre(    a\n\tb)"),
    ]);
}

#[test]
fn quotes_and_lists() {
    check(&[
        ("> a", "q(p(a))"),
        ("> a\n> b\nc", "q(p(a\nb)) p(c)"),
        ("> a\n>\n> b", "q(p(a) p(b))"),
        (">> a", "q(q(p(a)))"),
        ("> > a\n> b", "q(q(p(a)) p(b))"),
        ("a\n> b", "p(a) q(p(b))"),
        ("> ```\n> a\n> ```", "q(pre(a))"),
        ("> - a\n> - b", "q(l(li(p(a)) li(p(b))))"),
        (">", "p(>)"),
        (">a", "p(>a)"),
        (">_<", "p(>_<)"),
        (">:(", "p(>:()"),
        (">>>", "p(>>>)"),
        ("a > b", "p(a > b)"),
        (r"\> a", "p(> a)"),
        ("- a\n- b", "l(li(p(a)) li(p(b)))"),
        ("* a\n+ b", "l(li(p(a)) li(p(b)))"),
        ("1. a\n2. b", "l(li1(p(a)) li2(p(b)))"),
        ("1) a\n2) b", "l(li1(p(a)) li2(p(b)))"),
        ("2. a\n4. b", "l(li2(p(a)) li4(p(b)))"),
        ("1. a\n1. b\n1. c", "l(li1(p(a)) li2(p(b)) li3(p(c)))"),
        ("Todo:\n- a", "p(Todo:) l(li(p(a)))"),
        ("in\n1986. it was", "p(in\n1986. it was)"),
        ("list:\n1. a", "p(list:) l(li1(p(a)))"),
        ("- a\n  - b\n    - c\n- d", "l(li(p(a) l(li(p(b) l(li(p(c)))))) li(p(d)))"),
        ("1. a\n  - b\n2. c", "l(li1(p(a) l(li(p(b)))) li2(p(c)))"),
        ("1. a\n   1. b", "l(li1(p(a) l(li1(p(b)))))"),
        ("- a\n\n- b", "l(li(p(a)) li(p(b)))"),
        ("- a\n\n  b", "l(li(p(a) p(b)))"),
        ("- a\n  b", "l(li(p(a\nb)))"),
        ("- a\nb", "l(li(p(a))) p(b)"),
        ("- a\n1. b", "l(li(p(a))) l(li1(p(b)))"),
        ("- a\n  > b", "l(li(p(a) q(p(b))))"),
        ("- ```\n  a\n  ```", "l(li(pre(a)))"),
        ("- **a** `b`", "l(li(p(b(a) c(b))))"),
        ("1.", "p(1.)"),
        ("1. ", "p(1.)"),
        ("-", "p(-)"),
        ("- ", "p(-)"),
        ("-a", "p(-a)"),
        ("-5 degrees", "p(-5 degrees)"),
        ("3.14", "p(3.14)"),
        ("1234567890. a", "p(1234567890. a)"),
        ("999999999. a\n1. b", "l(li999999999(p(a)) li1000000000(p(b)))"),
        (r"1\. a", "p(1. a)"),
        (r"\- a", "p(- a)"),
        ("5 - 3", "p(5 - 3)"),
    ]);
}

#[test]
fn links() {
    check(&[
        ("https://a.example", "p(a<https://a.example>(https://a.example))"),
        ("see http://a.example/b?c=d&e=f#g.", "p(see a<http://a.example/b?c=d&e=f#g>(http://a.example/b?c=d&e=f#g).)"),
        ("(https://a.example/b_(c))", "p((a<https://a.example/b_(c)>(https://a.example/b_(c))))"),
        ("<https://a.example>", "p(<a<https://a.example>(https://a.example)>)"),
        ("**https://a.example**", "p(b(a<https://a.example>(https://a.example)))"),
        ("https://a.example/x_y_z*", "p(a<https://a.example/x_y_z>(https://a.example/x_y_z)*)"),
        ("https://a.example, b", "p(a<https://a.example>(https://a.example), b)"),
        ("看 https://a.example。", "p(看 a<https://a.example>(https://a.example)。)"),
        ("https://a.example(b", "p(a<https://a.example>(https://a.example)(b)"),
        ("https://[::1]:80/a", "p(a<https://[::1]:80/a>(https://[::1]:80/a))"),
        ("xhttps://a.example", "p(xhttps://a.example)"),
        ("https://", "p(https://)"),
        ("http: //x", "p(http: //x)"),
        ("https://u:p@a.example", "p(https://u:p@a.example)"),
        ("mailto:ada@a.example", "p(a<mailto:ada@a.example>(mailto:ada@a.example))"),
        ("mailto: me", "p(mailto: me)"),
        ("a.example", "p(a.example)"),
        ("javascript:alert(1)", "p(javascript:alert(1))"),
        ("https://аррӏе.com/x", "p(a<https://xn--80ak6aa92e.com/x>(https://xn--80ak6aa92e.com/x))"),
        ("[a](https://a.example)", "p(a<https://a.example>(a))"),
        ("[**a** `b`](https://a.example)", "p(a<https://a.example>(b(a) c(b)))"),
        ("**[a](https://a.example)**", "p(b(a<https://a.example>(a)))"),
        ("[a [b] c](https://a.example)", "p(a<https://a.example>(a [b] c))"),
        (
            "[[a](https://a.example)](https://b.example)",
            "p([a<https://a.example>(a)](a<https://b.example>(https://b.example)))",
        ),
        ("![a](https://a.example/b.png)", "p(a<https://a.example/b.png>(a))"),
        ("hi! [a](https://a.example)", "p(hi! a<https://a.example>(a))"),
        ("[a](/c/7/12)", "p(a</c/7/12>(a))"),
        ("[a](https://xn--mnchen-3ya.de)", "p(a<https://xn--mnchen-3ya.de>(a))"),
        ("[a](https://münchen.de)", "p(a<https://xn--mnchen-3ya.de!xn--mnchen-3ya.de>(a))"),
        (
            "[https://bank.example](https://evil.example/x)",
            "p(a<https://evil.example/x!evil.example>(https://bank.example))",
        ),
        ("[bank.example](https://evil.example)", "p(a<https://evil.example!evil.example>(bank.example))"),
        ("[a.example](https://a.example/x)", "p(a<https://a.example/x>(a.example))"),
        ("[@ada](https://a.example)", "p(a<https://a.example>(@ada))"),
        ("[x](javascript:alert(1))", "p([x](javascript:alert(1)))"),
        ("[x](JAVASCRIPT:alert(1))", "p([x](JAVASCRIPT:alert(1)))"),
        ("[x](java\tscript:alert(1))", "p([x](java\tscript:alert(1)))"),
        ("[x](&#106;avascript:alert(1))", "p([x](&#106;avascript:alert(1)))"),
        ("[x](data:text/html;base64,PHN2Zz4=)", "p([x](data:text/html;base64,PHN2Zz4=))"),
        ("[x](//evil.example)", "p([x](//evil.example))"),
        ("[x]( https://a.example)", "p([x]( a<https://a.example>(https://a.example)))"),
        ("[](https://a.example)", "p([](a<https://a.example>(https://a.example)))"),
        ("[x](", "p([x]()"),
        ("[x]", "p([x])"),
        ("[x] (y)", "p([x] (y))"),
        ("a[0](1)", "p(a[0](1))"),
        ("- [ ] task", "l(li(p([ ] task)))"),
        (r"\[a](https://a.example)", "p([a](a<https://a.example>(https://a.example)))"),
        ("*[a*](https://a.example)", "p(*a<https://a.example>(a*))"),
    ]);
}

#[test]
fn mentions_in_the_tree() {
    check(&[
        ("@ada", "p(@(ada))"),
        ("**@ada**: hi", "p(b(@(ada)): hi)"),
        ("_@ada hi_", "p(i(@(ada) hi))"),
        ("a@b.c", "p(a@b.c)"),
        ("`@ada`", "p(c(@ada))"),
    ]);
}

#[test]
fn without_markup() {
    let cases = [
        ("hello", "hello"),
        ("**a** `b` ~~c~~", "a b c"),
        ("[a](https://a.example) @ada", "a @ada"),
        ("> a\n\n- b\n- c\n\n1. d", "a\nb\nc\n1. d"),
        ("```rust\nx\n```", "x"),
        ("**cut in the mid", "**cut in the mid"),
    ];
    for (typed, expected) in cases {
        assert_eq!(plain(typed), expected, "{typed:?}");
    }
    assert_eq!(plain_line("**a**\n- b"), "a b");
}

/// How deep the deepest thing lies.
fn depth(blocks: &[Block]) -> usize {
    let inner = |block: &Block| match block {
        Block::Paragraph(inlines) => inline_depth(inlines),
        Block::Code { .. } => 0,
        Block::Quote(blocks) => depth(blocks),
        Block::List(items) => items.iter().map(|item| depth(&item.blocks)).max().unwrap_or_default(),
    };
    blocks.iter().map(|block| 1 + inner(block)).max().unwrap_or_default()
}

fn inline_depth(inlines: &[Inline]) -> usize {
    let inner = |inline: &Inline| match inline {
        Inline::Strong(inner) | Inline::Emphasis(inner) | Inline::Strike(inner) => 1 + inline_depth(inner),
        Inline::Link(link) => 1 + inline_depth(&link.text),
        Inline::Text(_) | Inline::Code(_) | Inline::Mention(_) => 0,
    };
    inlines.iter().map(inner).max().unwrap_or_default()
}

const DEEPEST: usize = 1 + DEPTH + DEPTH + 1 + DEPTH;

#[test]
fn what_is_built_to_be_slow_or_deep_is_neither() {
    let long = 2 * CONTENT_BYTES;
    let pieces = [
        "*",
        "_",
        "**a ",
        "*a **b ",
        "_a __b ",
        "a**b",
        "**a** ",
        "~~a ",
        "[",
        "]",
        "[a](",
        "![",
        "](",
        "[a](https://b",
        "`",
        "`a``",
        "```\n",
        "~~~\n",
        "> ",
        ">",
        ">\n",
        "> a\n",
        "- ",
        "- a\n",
        "-\n",
        "1. ",
        "1. a\n",
        "  - a\n",
        "\n",
        " \n",
        "\t",
        "\\",
        "\\*",
        "@",
        "@a",
        "@a@",
        "http://",
        "https://a",
        "mailto:",
        "mailto:a@",
        "https://a.b(",
        ":",
        "*a_ ",
        "a* b_",
        "***",
        "_*",
        "[*",
        "*[",
        "<",
        "&",
        "e\u{301}",
        "\u{202e}",
        "👩\u{200d}",
    ];
    for piece in pieces {
        let text = piece.repeat(long / piece.len());
        assert!(depth(&parse(&text)) <= DEEPEST, "{piece:?}");
    }
    // Each line stands further in than the one before.
    let stairs: String = (0..100).map(|at| format!("{}- a\n", "  ".repeat(at))).collect();
    assert!(depth(&parse(&stairs)) <= DEEPEST);
    let stairs: String = (1..150).map(|at| format!("{}a\n", "> ".repeat(150 - at))).collect();
    assert!(depth(&parse(&stairs)) <= DEEPEST);
    let ticks: String = (1..120).map(|at| format!("{} ", "`".repeat(at))).collect();
    assert_eq!(plain(&ticks), ticks.trim_end());
}

/// Texts of pieces that mean something.
fn markup() -> impl Strategy<Value = String> {
    let pieces = [
        "*",
        "**",
        "_",
        "__",
        "~~",
        "`",
        "```",
        "\n",
        "\n\n",
        "> ",
        "- ",
        "1. ",
        "  ",
        "    ",
        "[",
        "](",
        ")",
        "!",
        "\\",
        "@",
        "@all",
        ":",
        "a",
        "b.c",
        "https://",
        "javascript:",
        "data:",
        "mailto:",
        "/c/1/2",
        "<",
        ">",
        "<img src=x onerror=y>",
        "&lt;",
        "\"",
        "'",
        "é",
        "語",
        "\u{202e}",
        "\u{200b}",
        "🎉",
        "\t",
        " ",
        "#",
        "(",
        "0",
        ".",
    ];
    proptest::collection::vec(proptest::sample::select(pieces.to_vec()), 0..60).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn any_text_becomes_a_tree_that_is_bounded(text in prop_oneof![markup(), any::<String>()]) {
        let blocks = parse(&text);
        prop_assert!(depth(&blocks) <= DEEPEST);
        each_inline(&blocks, &mut |inline| {
            if let Inline::Link(link) = inline {
                let allowed = ["http://", "https://", "mailto:", "/c/"];
                assert!(allowed.iter().any(|begin| link.href.starts_with(begin)), "{:?}", link.href);
            }
        });
    }

    #[test]
    fn no_word_is_lost(text in markup()) {
        // Where no address is hidden behind a text or written in other letters, and no language in front of code.
        let text = text.replace('(', "").replace("```", "").replace("://", "");
        let words = |text: &str| text.chars().filter(|c| c.is_alphabetic()).collect::<String>();
        prop_assert_eq!(words(&plain(&text)), words(&text));
    }
}
