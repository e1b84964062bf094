//! The plot, as SVG: a point a server on a logarithmic axis, with a line from the least to the most of the rounds.

use std::fmt::Write;

use super::Figures;
use super::tables::{SERVERS, number};

const PANELS: [(&str, &str); 4] = [
    ("pairs-16 messages/s", "messages/s, 200 users in pairs, 16 in flight"),
    ("crowd-1000 deliveries/s", "deliveries/s, fan-out to 1,000"),
    ("crowd-10000 deliveries/s", "deliveries/s, fan-out to 10,000"),
    ("crowd-10000 idle KiB", "KiB a connection, 10,000 idle (less is better)"),
];
const NAMES: [&str; 7] =
    ["Chatter", "plain Node", "Socket.IO", "Socket.IO + SQLite", "ejabberd", "Prosody", "bare relay (limit)"];

const LEFT: f64 = 150.0;
const WIDTH: f64 = 420.0;
const ROW: f64 = 22.0;
const HEAD: f64 = 34.0;

pub fn draw(figures: &Figures) -> String {
    let mut body = String::new();
    let mut top = 0.0;
    for (figure, title) in PANELS {
        let known =
            SERVERS.iter().zip(NAMES).filter_map(|((server, _), name)| Some((name, figures.of(server, figure)?)));
        let known: Vec<_> = known.collect();
        let (Some(least), Some(most)) = (
            known.iter().map(|(_, values)| values.least()).min_by(f64::total_cmp),
            known.iter().map(|(_, values)| values.most()).max_by(f64::total_cmp),
        ) else {
            continue;
        };
        // Whole decades around all that is shown.
        let (low, high) = (least.max(1e-3).log10().floor(), most.max(1e-3).log10().floor() + 1.0);
        let x = |value: f64| LEFT + (value.max(1e-3).log10() - low) / (high - low) * WIDTH;
        let _ = writeln!(body, r#"<text x="{LEFT}" y="{}" class="title">{title}</text>"#, top + 18.0);
        let bottom = top + HEAD + ROW * known.len() as f64;
        for decade in 0..=(high - low) as i32 {
            let value = 10_f64.powf(low + f64::from(decade));
            let _ = writeln!(
                body,
                r#"<path d="M{0:.1} {1:.1}V{bottom:.1}" class="grid"/><text x="{0:.1}" y="{2:.1}" class="tick">{3}</text>"#,
                x(value),
                top + HEAD - 8.0,
                bottom + 14.0,
                if value >= 1.0 { number(value) } else { value.to_string() }
            );
        }
        for (row, (name, values)) in known.iter().enumerate() {
            let y = top + HEAD + ROW * row as f64 + 6.0;
            let class = if row == 0 { "own" } else { "peer" };
            let _ = writeln!(
                body,
                r#"<text x="{}" y="{:.1}" class="name">{name}</text><path d="M{:.1} {y:.1}H{:.1}" class="{class}"/><circle cx="{:.1}" cy="{y:.1}" r="5" class="{class}"><title>{}</title></circle>"#,
                LEFT - 10.0,
                y + 4.0,
                x(values.least()),
                x(values.most()),
                x(values.median()),
                number(values.median())
            );
        }
        top = bottom + 30.0;
    }
    format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {:.0} {top:.0}" font-family="sans-serif" font-size="12">
<style>
text {{ fill: #333 }} .title {{ font-weight: bold }} .tick {{ text-anchor: middle; font-size: 10px }} .name {{ text-anchor: end }}
.grid {{ stroke: #ddd }} .own {{ fill: #2357d9; stroke: #2357d9; stroke-width: 2 }} .peer {{ fill: #888; stroke: #888; stroke-width: 2 }}
@media (prefers-color-scheme: dark) {{ text {{ fill: #ddd }} .grid {{ stroke: #444 }} .own {{ fill: #8fb0ff; stroke: #8fb0ff }} }}
</style>
{body}</svg>
"#,
        LEFT + WIDTH + 40.0
    )
}
