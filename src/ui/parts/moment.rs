//! Moments as people read them, in UTC or at an offset from it. Pure: no clock and no zone of its own.
//!
//! Moments are milliseconds since 1970-01-01 UTC; offsets are minutes east of UTC.

use crate::ui::text;

const MINUTE_MS: i64 = 60_000;
pub(super) const HOUR_MS: i64 = 60 * MINUTE_MS;
const DAY_MS: i64 = 24 * HOUR_MS;

/// A date and a clock of the proleptic Gregorian calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Civil {
    year: i64,
    /// From 0, January.
    month: usize,
    day: u32,
    /// From 0, Monday.
    weekday: usize,
    hour: u32,
    minute: u32,
}

/// The algorithm is Howard Hinnant's `civil_from_days`: years begin in March, so that the leap day comes last.
fn civil(ms: i64) -> Civil {
    let days = ms.div_euclid(DAY_MS);
    let minutes = ms.rem_euclid(DAY_MS) / MINUTE_MS;
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march_month = (5 * day_of_year + 2) / 153;
    let month = (march_month + 2) % 12;
    Civil {
        year: year_of_era + era * 400 + i64::from(month < 2),
        month: month as usize,
        day: (day_of_year - (153 * march_month + 2) / 5 + 1) as u32,
        // 1970-01-01 was a Thursday.
        weekday: (days + 3).rem_euclid(7) as usize,
        hour: (minutes / 60) as u32,
        minute: (minutes % 60) as u32,
    }
}

fn local(ms: i64, offset_minutes: i32) -> i64 {
    ms + i64::from(offset_minutes) * MINUTE_MS
}

/// Days since 1970-01-01 UTC.
pub(super) fn days(ms: i64) -> i64 {
    ms.div_euclid(DAY_MS)
}

/// For `datetime` attributes: always UTC.
pub(super) fn iso(ms: i64) -> String {
    let at = civil(ms);
    let millis = ms.rem_euclid(MINUTE_MS);
    let (month, second, milli) = (at.month + 1, millis / 1_000, millis % 1_000);
    let Civil { year, day, hour, minute, .. } = at;
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{milli:03}Z")
}

/// A day for `datetime` attributes.
pub(super) fn iso_day(local_midnight_ms: i64) -> String {
    let at = civil(local_midnight_ms);
    format!("{:04}-{:02}-{:02}", at.year, at.month + 1, at.day)
}

/// On the 24-hour clock; the browser's own habit comes after hydration.
pub(super) fn clock(ms: i64, offset_minutes: i32) -> String {
    let at = civil(local(ms, offset_minutes));
    format!("{:02}:{:02}", at.hour, at.minute)
}

/// The whole date.
pub(super) fn date(ms: i64, offset_minutes: i32) -> String {
    let at = civil(local(ms, offset_minutes));
    text::date(at.weekday, at.day, at.month, at.year)
}

/// What a day separator says.
pub(super) fn day(local_midnight_ms: i64, now_ms: i64, offset_minutes: i32) -> String {
    match local(now_ms, offset_minutes).div_euclid(DAY_MS) - local_midnight_ms.div_euclid(DAY_MS) {
        0 => text::TODAY.to_owned(),
        1 => text::YESTERDAY.to_owned(),
        _ => date(local_midnight_ms, 0),
    }
}

/// A moment in a list: relative for an hour, then the clock, then the day, then the date.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Brief {
    /// Today, over an hour ago: the clock, which the browser writes in its own way.
    Clock,
    Text(String),
}

/// The zone's offset is that of each moment: clocks may have been changed in between.
pub(super) fn brief(ms: i64, now_ms: i64, offset_minutes: impl Fn(i64) -> i32) -> Brief {
    // A clock that is ahead of ours makes a moment in the future: it reads as now.
    let ago = (now_ms - ms).max(0);
    if ago < MINUTE_MS {
        return Brief::Text(text::NOW.to_owned());
    }
    if ago < HOUR_MS {
        return Brief::Text(text::minutes_ago(ago / MINUTE_MS));
    }
    let (then, now) = (local(ms, offset_minutes(ms)), local(now_ms, offset_minutes(now_ms)));
    let at = civil(then);
    match now.div_euclid(DAY_MS) - then.div_euclid(DAY_MS) {
        ..=0 => Brief::Clock,
        1 => Brief::Text(text::YESTERDAY.to_owned()),
        2..=6 => Brief::Text(text::WEEKDAYS[at.weekday].to_owned()),
        _ => {
            let year = (at.year != civil(now).year).then_some(at.year);
            Brief::Text(text::date_short(at.day, at.month, year))
        }
    }
}

/// Until when [`brief`] says the same of a moment, in UTC.
#[must_use]
pub fn brief_stays(ms: i64, now_ms: i64) -> i64 {
    let ago = (now_ms - ms).max(0);
    let midnight = (now_ms.div_euclid(DAY_MS) + 1) * DAY_MS;
    if ago < HOUR_MS { midnight.min(ms + (ago / MINUTE_MS + 1) * MINUTE_MS) } else { midnight }
}

#[cfg(test)]
mod tests;
