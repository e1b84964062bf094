//! Tables; the expected values come from `date -u -d @SECONDS`.

use super::*;

/// 2026-11-24 14:05:09.250 UTC, a Tuesday.
const T: i64 = 1_795_529_109_250;

#[test]
fn iso_moments() {
    let cases = [
        (0, "1970-01-01T00:00:00.000Z"),
        (-1, "1969-12-31T23:59:59.999Z"),
        (951_782_400_000, "2000-02-29T00:00:00.000Z"),
        (1_709_251_199_000, "2024-02-29T23:59:59.000Z"),
        (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
        (T, "2026-11-24T14:05:09.250Z"),
    ];
    for (ms, expected) in cases {
        assert_eq!(iso(ms), expected);
    }
}

#[test]
fn clocks_and_dates_follow_the_offset() {
    assert_eq!(clock(T, 0), "14:05");
    assert_eq!(clock(T, 330), "19:35");
    assert_eq!(clock(T, -15 * 60), "23:05");
    assert_eq!(date(T, 0), "Tuesday, 24 November 2026");
    assert_eq!(date(T, -15 * 60), "Monday, 23 November 2026");
    assert_eq!(date(0, 0), "Thursday, 1 January 1970");
}

#[test]
fn days() {
    let midnight = T - T % DAY_MS;
    assert_eq!(day(midnight, T, 0), "Today");
    assert_eq!(day(midnight - DAY_MS, T, 0), "Yesterday");
    assert_eq!(day(midnight - 2 * DAY_MS, T, 0), "Sunday, 22 November 2026");
    assert_eq!(day(midnight, T, 10 * 60), "Yesterday", "ten hours east it is the 25th already");
    assert_eq!(iso_day(midnight), "2026-11-24");
}

#[test]
fn briefs() {
    let text = |t: &str| Brief::Text(t.to_owned());
    let cases = [
        (-5_000, text("now")),
        (59_999, text("now")),
        (MINUTE_MS, text("1 min")),
        (HOUR_MS - 1, text("59 min")),
        (HOUR_MS, Brief::Clock),
        (14 * HOUR_MS, Brief::Clock),
        (15 * HOUR_MS, text("Yesterday")),
        (2 * DAY_MS, text("Sunday")),
        (6 * DAY_MS, text("Wednesday")),
        (7 * DAY_MS, text("17 Nov")),
        (400 * DAY_MS, text("20 Oct 2025")),
    ];
    for (ago, expected) in cases {
        assert_eq!(brief(T - ago, T, |_| 0), expected, "{ago} ms ago");
    }
}

#[test]
fn briefs_stay_until_they_change() {
    let utc = |_| 0;
    let just_before_midnight = T + DAY_MS - T.rem_euclid(DAY_MS) - 30_000;
    for now in [T, just_before_midnight] {
        for ago in [-90_000, -1, 0, 59_999, 60_000, 61_000, HOUR_MS - 1, HOUR_MS, 5 * HOUR_MS, DAY_MS, 3 * DAY_MS] {
            let (ms, said) = (now - ago, brief(now - ago, now, utc));
            let until = brief_stays(ms, now);
            assert!(until > now, "{ago}");
            assert_eq!(brief(ms, until - 1, utc), said, "{ago} ms ago");
            assert!(until % DAY_MS == 0 || brief(ms, until, utc) != said, "{ago} ms ago, and no later");
        }
    }
}

#[test]
fn briefs_follow_the_clocks_of_their_day() {
    // Berlin: two hours east in summer, one in winter. 10 January 2027, 23:30 there, seen on 20 July.
    let (winter, summer) = (T + 47 * DAY_MS + 8 * HOUR_MS + 24 * MINUTE_MS + 50_750, T + 238 * DAY_MS);
    let offset = |ms: i64| if ms == summer { 120 } else { 60 };
    assert_eq!(date(winter, offset(winter)), "Sunday, 10 January 2027");
    assert_eq!(brief(winter, summer, offset), Brief::Text("10 Jan".to_owned()));
}
