//! From figures of several rounds to `docs/performance.md`: the tables between its marks, and the plot.

mod plot;
mod scaling;
mod tables;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::Result;

const PAGE: &str = "docs/performance.md";
const PLOT: &str = "docs/performance.svg";
const BEGIN: &str = "<!-- scripts/bench writes from here -->";
const BEGIN_SCALING: &str = "<!-- scripts/bench scaling writes from here -->";
const END: &str = "<!-- to here -->";

/// The values of one figure of one server, sorted.
pub struct Values(Vec<f64>);

impl Values {
    pub fn median(&self) -> f64 {
        // Of an even number: between the two in the middle.
        let last = self.0.len() - 1;
        f64::midpoint(self.0[last / 2], self.0[last.div_ceil(2)])
    }
    pub fn least(&self) -> f64 {
        self.0[0]
    }
    pub fn most(&self) -> f64 {
        self.0[self.0.len() - 1]
    }
}

#[derive(Default)]
pub struct Figures(BTreeMap<(String, String), Values>);

impl Figures {
    /// Of lines `server⇥figure⇥value`.
    fn read(text: &str) -> Result<Self> {
        let mut figures = Self::default();
        for line in text.lines() {
            let mut parts = line.split('\t');
            let (Some(server), Some(name), Some(value)) = (parts.next(), parts.next(), parts.next()) else { continue };
            let key = (server.to_owned(), name.to_owned());
            figures.0.entry(key).or_insert_with(|| Values(Vec::new())).0.push(value.parse()?);
        }
        for values in figures.0.values_mut() {
            values.0.sort_unstable_by(f64::total_cmp);
        }
        Ok(figures)
    }

    pub fn of(&self, server: &str, name: &str) -> Option<&Values> {
        self.0.get(&(server.to_owned(), name.to_owned()))
    }

    pub fn median(&self, server: &str, name: &str) -> Option<f64> {
        self.of(server, name).map(Values::median)
    }

    /// All that is known of one server.
    pub fn all_of(&self, server: &str) -> impl Iterator<Item = (&str, &Values)> {
        self.0.iter().filter(move |((whose, _), _)| whose == server).map(|((_, name), values)| (name.as_str(), values))
    }

    /// What a server could do that reads the form, stores and relays, each at its limit, one after the other.
    pub fn harmonic_limit(&self) -> Option<f64> {
        let form = self.median("form", "pairs-16 messages/s")?;
        let store = self.median("store", "1000 waiting messages/s")?;
        let relay = self.median("relay", "pairs-16 messages/s")?;
        Some(1.0 / (1.0 / form + 1.0 / store + 1.0 / relay))
    }
}

/// Prints the tables, and writes them and the plot into the docs unless the environment says `DRY`.
pub fn write(path: &Path) -> Result<()> {
    let figures = Figures::read(&fs::read_to_string(path)?)?;
    if put(BEGIN, &tables::draw(&figures))? {
        fs::write(PLOT, plot::draw(&figures))?;
    }
    Ok(())
}

/// The same of one node beside several.
pub fn write_scaling(path: &Path) -> Result<()> {
    let figures = Figures::read(&fs::read_to_string(path)?)?;
    put(BEGIN_SCALING, &scaling::draw(&figures)).map(drop)
}

/// Prints tables, and writes them behind their mark; whether it did.
fn put(begin: &str, tables: &str) -> Result<bool> {
    println!("{tables}");
    if std::env::var_os("DRY").is_some() {
        return Ok(false);
    }
    let page = fs::read_to_string(PAGE)?;
    let (before, rest) = page.split_once(begin).ok_or("the page has no mark where the tables begin")?;
    let (_, after) = rest.split_once(END).ok_or("the page has no mark where the tables end")?;
    fs::write(PAGE, format!("{before}{begin}\n{tables}\n{END}{after}"))?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::Figures;

    #[test]
    fn the_limit_is_what_three_steps_in_a_row_allow() {
        let lines = "form\tpairs-16 messages/s\t30\nstore\t1000 waiting messages/s\t60\nrelay\tpairs-16 messages/s\t20\n\
                     relay\tpairs-16 messages/s\t90\nrelay\tpairs-16 messages/s\t60\n";
        let limit = Figures::read(lines).unwrap().harmonic_limit().unwrap();
        assert!((limit - 15.0).abs() < 1e-9, "{limit}");
    }
}
