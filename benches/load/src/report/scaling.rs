//! One node beside several, as Markdown: what a message costs, and where.

use std::fmt::Write;

use super::tables::{machine, number};
use super::{Figures, Values};

/// Name in the figures, name for people. The others are compared with the first.
const SERVERS: [(&str, &str); 4] = [
    ("chatter", "one node, SQLite"),
    ("chatter-postgresql", "one node, PostgreSQL"),
    ("cluster-2", "two nodes, PostgreSQL, NATS"),
    ("cluster-3", "three nodes, PostgreSQL, NATS"),
];
const PARTS: [&str; 3] = ["nodes", "PostgreSQL", "NATS"];

pub fn draw(figures: &Figures) -> String {
    let mut text = machine();
    for in_flight in ["1", "16"] {
        costs(figures, in_flight, &mut text);
        parts(figures, in_flight, &mut text);
    }
    text.truncate(text.trim_end().len());
    text.push('\n');
    text
}

fn costs(figures: &Figures, in_flight: &str, text: &mut String) {
    let _ = write!(
        text,
        "| {in_flight} in flight | messages/s (least to most) | ratio | p50, p99 | CPU a message | ratio | \
         syncs a message | memory a node |\n|---|---|---|---|---|---|---|---|\n"
    );
    for (server, title) in SERVERS {
        let name = |what: &str| format!("pairs-{in_flight} {what}");
        let value = |what: &str| figures.median(server, &name(what));
        let ratio = |what: &str| {
            let ratio = value(what).zip(figures.median(SERVERS[0].0, &name(what))).map(|(mine, first)| mine / first);
            shown(ratio, |ratio| format!("{ratio:.2}"))
        };
        let spread = |values: &Values| {
            format!("{} ({} to {})", number(values.median()), number(values.least()), number(values.most()))
        };
        let _ = writeln!(
            text,
            "| {title} | {} | {} | {} | {} | {} | {} | {} |",
            shown(figures.of(server, &name("messages/s")), spread),
            ratio("messages/s"),
            shown(value("p50 ms").zip(value("p99 ms")), |(p50, p99)| format!("{}, {} ms", number(p50), number(p99))),
            shown(value("CPU µs"), |cpu| format!("{} µs", number(cpu))),
            ratio("CPU µs"),
            shown(value("syncs a message"), |syncs| format!("{syncs:.3}")),
            shown(value("MiB a node"), |size| format!("{} MiB", number(size))),
        );
    }
    text.push('\n');
}

/// Each part's CPU a message, and how many messages a second it could serve with a core of its own.
fn parts(figures: &Figures, in_flight: &str, text: &mut String) {
    let _ = write!(
        text,
        "| {in_flight} in flight: CPU a message (messages/s that a core of it serves) | {} |\n|---|---|---|---|\n",
        PARTS.join(" | ")
    );
    for (server, title) in SERVERS {
        let cells = PARTS.map(|part| {
            let of_part = figures.median(server, &format!("pairs-{in_flight} {part} CPU µs"));
            // A server of one part is all node.
            let whole =
                || figures.median(server, &format!("pairs-{in_flight} CPU µs")).filter(|_| server == SERVERS[0].0);
            let cpu = if part == PARTS[0] { of_part.or_else(whole) } else { of_part };
            shown(cpu, |cpu| format!("{} µs ({})", number(cpu), number((1e6 / cpu).round())))
        });
        let _ = writeln!(text, "| {title} | {} |", cells.join(" | "));
    }
    text.push('\n');
}

fn shown<T>(value: Option<T>, show: impl FnOnce(T) -> String) -> String {
    value.map_or("–".to_owned(), show)
}

#[cfg(test)]
mod tests {
    use super::{Figures, draw};

    #[test]
    fn a_cluster_is_compared_with_one_node_and_each_part_tells_what_its_core_serves() {
        let lines = "chatter\tpairs-1 messages/s\t8000\nchatter\tpairs-1 CPU µs\t100\n\
                     cluster-2\tpairs-1 messages/s\t1000\ncluster-2\tpairs-1 messages/s\t2000\n\
                     cluster-2\tpairs-1 messages/s\t3000\ncluster-2\tpairs-1 CPU µs\t450\n\
                     cluster-2\tpairs-1 nodes CPU µs\t200\ncluster-2\tpairs-1 PostgreSQL CPU µs\t240\n\
                     cluster-2\tpairs-1 NATS CPU µs\t10\n";
        let text = draw(&Figures::read(lines).unwrap());
        for row in [
            "| one node, SQLite | 8,000 (8,000 to 8,000) | 1.00 | – | 100 µs | 1.00 | – | – |",
            "| two nodes, PostgreSQL, NATS | 2,000 (1,000 to 3,000) | 0.25 | – | 450 µs | 4.50 | – | – |",
            "| one node, SQLite | 100 µs (10,000) | – | – |",
            "| two nodes, PostgreSQL, NATS | 200 µs (5,000) | 240 µs (4,167) | 10 µs (100,000) |",
            "| three nodes, PostgreSQL, NATS | – | – | – |",
        ] {
            assert!(text.lines().any(|line| line == row), "{row} is not in:\n{text}");
        }
    }
}
