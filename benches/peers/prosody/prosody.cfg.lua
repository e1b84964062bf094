-- Prosody as Debian sets it up, with its archive, its rooms and WebSocket on, its limits and every other door off. The
-- load starts it with PORT and DATA (its folder) in the environment.
run_as_root = true -- as whoever runs the benchmark
data_path = ENV_DATA
pidfile = ENV_DATA .. "/prosody.pid"
log = { { levels = { min = "warn" }, to = "console" } }
certificates = ENV_DATA

-- Lua's younger collector: with the one that Prosody takes by itself it spends most of its time there.
gc = { mode = "generational" }

interfaces = { "127.0.0.1" }
http_interfaces = { "127.0.0.1" }
http_ports = { ENV_PORT }
https_ports = {}
c2s_ports = {}
c2s_direct_tls_ports = {}
modules_disabled = { "s2s" }

-- Debian's modules, without those for other servers, for administrators, and for encryption and limits (the others have
-- neither here).
modules_enabled = {
	"disco", "roster", "saslauth", "blocklist", "bookmarks", "carbons", "pep", "private", "smacks", "vcard4", "vcard_legacy",
	"csi_simple", "invites", "invites_adhoc", "invites_register", "ping", "register", "time", "uptime", "version", "posix",
	"mam", "websocket",
}
consider_websocket_secure = true

-- Any name with any password: signing in is not what is measured.
authentication = "insecure"
insecure_open_authentication = "Yes please, I know what I'm doing!"

-- Every message is kept, in the storage that is Prosody's own default: files.
default_archive_policy = true
storage = "internal"

VirtualHost "localhost"

Component "conference.localhost" "muc"
modules_enabled = { "muc_mam" }
muc_room_locking = false
muc_log_by_default = true
-- Who comes and goes is told to nobody: among thousands it would be most of what is sent.
muc_room_default_presence_broadcast = { visitor = false, participant = false, moderator = false }
