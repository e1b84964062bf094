//! The browser: socket, timers, visibility.
