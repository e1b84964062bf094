//! What commands print: results on standard output, remarks on standard error.

use std::io::{self, Write};

/// A result. A reader that has gone away is an error like another, not a panic.
pub fn line(text: &str) -> io::Result<()> {
    writeln!(io::stdout().lock(), "{text}")
}

/// A remark for the person at the terminal; when it cannot be shown, nothing is lost.
pub(super) fn remark(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}
