//! What the program allocates with: jemalloc in the release, otherwise the system's.

/// A post allocates some hundred times; docs/performance.md says what this one gives. C code keeps its own `malloc`: in
/// its place, jemalloc asks for the time while it starts, and hangs where a library that is loaded before (a clock for
/// tests, say) allocates to answer.
#[cfg(feature = "jemalloc")]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;
