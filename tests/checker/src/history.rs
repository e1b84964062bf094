//! What the clients noted, compactly.

/// Everything that a run noted; [`crate::judge`] reads it.
#[derive(Debug, Clone, Default)]
pub struct History {}
