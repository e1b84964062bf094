//! What a message of the load says: which lane it came from and its number there.

use crate::{Error, Result};

/// Every content is as long as this.
const LENGTH: usize = 32;

pub fn content(lane: usize, number: u32) -> String {
    format!("{:x<LENGTH$}", format!("~{lane}.{number}~"))
}

/// Lane and number of a message's frame: no server writes the sign anywhere else.
pub fn read(text: &[u8]) -> Result<(usize, u32)> {
    let start = memchr::memchr(b'~', text).ok_or("a message that is not of this load")? + 1;
    let mut numbers = [0_usize; 2];
    let mut at = 0;
    for byte in &text[start..] {
        match byte {
            b'0'..=b'9' => numbers[at] = numbers[at] * 10 + usize::from(byte - b'0'),
            b'.' if at == 0 => at = 1,
            b'~' => return Ok((numbers[0], u32::try_from(numbers[1])?)),
            _ => break,
        }
    }
    Err(Error::from("a message that is not of this load"))
}
