//! The program: arguments → settings → the command, which for `serve` is the server.

#[cfg(feature = "ssr")]
fn main() -> std::process::ExitCode {
    use std::io::Write;
    use std::process::ExitCode;
    use std::time::Duration;

    use chatter_allocator as _;
    use clap::Parser;

    // Bad arguments end the program here, with 2.
    let cli = chatter::server::cli::Cli::parse();
    chatter::server::auth::token::install_crypto();
    let result =
        tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(anyhow::Error::from).and_then(
            |runtime| {
                let result = runtime.block_on(chatter::server::cli::run(cli));
                // A thread that hangs in a system call, on a dying disk say, must not keep the program from its end.
                runtime.shutdown_timeout(Duration::from_millis(500));
                result
            },
        );
    result.unwrap_or_else(|error| {
        // Where standard error is closed there is nobody to tell; the exit code still does.
        let _ = writeln!(std::io::stderr(), "chatter: {error:#}");
        ExitCode::from(chatter::server::cli::exit_code(&error))
    })
}

/// The browser's half has no program: it starts in `lib.rs`.
#[cfg(not(feature = "ssr"))]
fn main() {}
