//! Reads a password: at a terminal with a prompt, twice and unseen; otherwise the first line of standard input.

use std::io::{self, BufRead, IsTerminal};

use anyhow::{Context, bail};

use crate::server::auth::password;

/// More than any password has, in bytes: a wrong file on standard input is not read to its end.
const LINE_BYTES: u64 = 4_096;

/// A new password of a length that is allowed.
pub(super) fn read_new() -> anyhow::Result<String> {
    let stdin = io::stdin();
    let password = if stdin.is_terminal() { ask()? } else { first_line(stdin.lock())? };
    password::check(&password).map_err(anyhow::Error::msg)?;
    Ok(password)
}

fn ask() -> anyhow::Result<String> {
    let first = rpassword::prompt_password("Password: ").context("the password cannot be read")?;
    let second = rpassword::prompt_password("Once more: ").context("the password cannot be read")?;
    if first != second {
        bail!("the two passwords differ");
    }
    Ok(first)
}

fn first_line(input: impl BufRead) -> anyhow::Result<String> {
    let mut line = String::new();
    input.take(LINE_BYTES).read_line(&mut line).context("the password cannot be read from standard input")?;
    let line = line.strip_suffix('\n').unwrap_or(&line);
    Ok(line.strip_suffix('\r').unwrap_or(line).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_without_its_end() {
        let cases = [("a b \n", "a b "), ("ab\r\ncd\n", "ab"), ("ab", "ab"), ("", ""), ("\n", "")];
        for (input, expected) in cases {
            assert_eq!(first_line(input.as_bytes()).unwrap(), expected);
        }
        assert_eq!(first_line("x".repeat(10_000).as_bytes()).unwrap().len(), 4_096);
    }
}
