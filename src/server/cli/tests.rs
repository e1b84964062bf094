//! The forms of the command line.

use clap::CommandFactory;

use super::*;

#[test]
fn the_commands_are_consistent() {
    Cli::command().debug_assert();
}

#[test]
fn forms() {
    let cases: &[(&str, bool)] = &[
        ("chatter", true),
        ("chatter serve --data x --addr 127.0.0.1:0", true),
        ("chatter --public-url https://chat.example", true),
        ("chatter user add ada", true),
        ("chatter user add", false),
        ("chatter user import users.jsonl --data x", true),
        ("chatter user session ada bob", true),
        ("chatter user session --all", true),
        ("chatter user session", false),
        ("chatter user session --all ada", false),
        ("chatter user password ada", true),
        ("chatter room add Lobby --all", true),
        ("chatter room add Lobby ada bob", true),
        ("chatter room add Lobby --all ada", false),
        ("chatter demo", true),
        ("chatter demo --messages 2000000 --data x", true),
        ("chatter demo --messages many", false),
        ("chatter doctor", true),
        ("chatter secret-file secrets.toml", true),
        ("chatter secret-file", false),
        ("chatter migrate", false),
        ("chatter migrate --to postgres://db.example/chatter", true),
        ("chatter migrate --from postgres://db.example/chatter --data x", true),
        ("chatter migrate --to", true),
        ("chatter migrate --to chatter.db", false),
        ("chatter migrate --to --from", false),
        ("chatter dance", false),
        ("chatter --addr 3000", false),
    ];
    for (line, good) in cases {
        assert_eq!(Cli::try_parse_from(line.split(' ')).is_ok(), *good, "{line}");
    }
}
