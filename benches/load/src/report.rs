use std::path::Path;
pub fn write(_: &Path) -> crate::Result<()> { Ok(()) }
