//! The host of an address, in ASCII: so that nobody takes one for another that is written with other letters.

use crate::protocol::content::is_invisible;

/// Characters that end a label, in a browser too.
pub(super) const DOTS: [char; 4] = ['.', '\u{3002}', '\u{ff0e}', '\u{ff61}'];

/// The host as it is asked for, in small letters and Punycode. None where it is no host. Nothing is normalised first:
/// what a browser would turn into another host leads to none.
pub(super) fn to_ascii(host: &str) -> Option<String> {
    let mut ascii = String::with_capacity(host.len());
    for label in host.split(DOTS) {
        if !ascii.is_empty() {
            ascii.push('.');
        }
        let fits = |c: char| matches!(c, '-' | '_') || (c.is_alphanumeric() && !is_invisible(c));
        if label.is_empty() || !label.chars().all(fits) {
            return None;
        }
        let begin = ascii.len();
        if label.is_ascii() {
            ascii.push_str(&label.to_ascii_lowercase());
        } else {
            let small: Vec<char> = label.chars().flat_map(char::to_lowercase).collect();
            ascii.push_str("xn--");
            punycode(&small, &mut ascii)?;
        }
        if ascii.len() - begin > 63 {
            return None;
        }
    }
    (ascii.len() <= 253).then_some(ascii)
}

/// The encoder of RFC 3492, section 6.3, with its names; none where a number would not fit.
fn punycode(label: &[char], output: &mut String) -> Option<()> {
    let basic = output.len();
    output.extend(label.iter().filter(|c| c.is_ascii()));
    let b = u32::try_from(output.len() - basic).ok()?;
    if b > 0 {
        output.push('-');
    }
    let (mut n, mut delta, mut bias, mut h) = (128, 0_u32, 72, b);
    while usize::try_from(h).is_ok_and(|h| h < label.len()) {
        let m = label.iter().map(|c| u32::from(*c)).filter(|c| *c >= n).min()?;
        delta = delta.checked_add((m - n).checked_mul(h + 1)?)?;
        n = m;
        for c in label.iter().map(|c| u32::from(*c)) {
            if c < n {
                delta = delta.checked_add(1)?;
            }
            if c != n {
                continue;
            }
            let mut q = delta;
            for k in (36..).step_by(36) {
                let t = if k <= bias { 1 } else { (k - bias).min(26) };
                if q < t {
                    break;
                }
                output.push(digit(t + (q - t) % (36 - t)));
                q = (q - t) / (36 - t);
            }
            output.push(digit(q));
            bias = adapted(delta, h + 1, h == b);
            delta = 0;
            h += 1;
        }
        delta = delta.checked_add(1)?;
        n += 1;
    }
    Some(())
}

fn digit(d: u32) -> char {
    char::from_digit(if d < 26 { d + 10 } else { d - 26 }, 36).unwrap_or_default()
}

fn adapted(delta: u32, points: u32, is_first: bool) -> u32 {
    let mut delta = if is_first { delta / 700 } else { delta / 2 };
    delta += delta / points;
    let mut k = 0;
    while delta > 35 * 26 / 2 {
        delta /= 35;
        k += 36;
    }
    k + 36 * delta / (delta + 38)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts() {
        let cases = [
            ("Example.ORG", Some("example.org")),
            ("localhost", Some("localhost")),
            ("10.0.0.1", Some("10.0.0.1")),
            ("münchen.de", Some("xn--mnchen-3ya.de")),
            ("bücher.example", Some("xn--bcher-kva.example")),
            ("例え。jp", Some("xn--r8jz45g.jp")),
            ("аррӏе.com", Some("xn--80ak6aa92e.com")),
            ("pаypal.com", Some("xn--pypal-4ve.com")),
            ("他们为什么不说中文", Some("xn--ihqwcrb4cv8a8dqg056pqjye")),
            ("почемужеонинеговорятпорусски", Some("xn--b1abfaaepdrnnbgefbadotcwatmq2g4l")),
            ("", None),
            ("a..b", None),
            ("a b", None),
            ("a@b", None),
            ("a\u{200b}b.c", None),
            ("a\u{202e}b.c", None),
            ("a\u{2044}b.c", None),
        ];
        for (host, expected) in cases {
            assert_eq!(to_ascii(host).as_deref(), expected, "{host:?}");
        }
        assert_eq!(to_ascii(&"a".repeat(64)), None);
        assert_eq!(to_ascii(&format!("{}.b", "ü".repeat(40))).map(|host| host.is_ascii()), Some(true));
        assert_eq!(to_ascii(&"a.".repeat(200)), None);
    }
}
