-- The first schema. Times are milliseconds since 1970-01-01 UTC. Ids are AUTOINCREMENT, so that an id is
-- never given out twice. Tables without a rowid are clustered by their key: what is read together lies together.

CREATE TABLE users (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    -- As typed.
    name          TEXT    NOT NULL,
    -- NFKC, case-folded: what must be unique.
    folded        TEXT    NOT NULL UNIQUE,
    -- PHC string; null for a user that signs in elsewhere.
    password_hash TEXT,
    created_ms    INTEGER NOT NULL,
    -- Last number of the inbox's log.
    inbox_seq     INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE sessions (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id    INTEGER NOT NULL REFERENCES users (id),
    -- SHA-256 of the token; the token itself is never stored.
    token_hash BLOB    NOT NULL UNIQUE CHECK (length(token_hash) = 32),
    created_ms INTEGER NOT NULL,
    seen_ms    INTEGER NOT NULL,
    expires_ms INTEGER NOT NULL
) STRICT;

CREATE INDEX sessions_of_user ON sessions (user_id);
CREATE INDEX sessions_by_end ON sessions (expires_ms);

CREATE TABLE conversations (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    kind         TEXT    NOT NULL CHECK (kind IN ('direct', 'group', 'room')),
    title        TEXT,
    -- 1: a room that takes in everyone, later sign-ups too.
    everyone     INTEGER NOT NULL DEFAULT 0 CHECK (everyone IN (0, 1)),
    -- The two people of a direct conversation, the lower id first; the same one twice for oneself.
    low_user_id  INTEGER REFERENCES users (id),
    high_user_id INTEGER REFERENCES users (id),
    -- Rows of members that have not left: a room may hold thousands, too many to count for each list.
    -- `chatter doctor` compares it with them.
    member_count INTEGER NOT NULL,
    created_ms   INTEGER NOT NULL,
    -- When the last message was posted, or when it was created.
    active_ms    INTEGER NOT NULL,
    -- Last number of the log.
    last_seq     INTEGER NOT NULL DEFAULT 0,
    CHECK ((kind = 'direct') = (low_user_id IS NOT NULL)),
    CHECK ((kind = 'direct') = (high_user_id IS NOT NULL)),
    CHECK (low_user_id <= high_user_id),
    CHECK (everyone = 0 OR kind = 'room')
) STRICT;

-- Two first messages at once make one conversation.
CREATE UNIQUE INDEX conversations_of_pair ON conversations (low_user_id, high_user_id) WHERE low_user_id IS NOT NULL;
CREATE INDEX conversations_for_everyone ON conversations (id) WHERE everyone = 1;

CREATE TABLE members (
    conversation_id INTEGER NOT NULL REFERENCES conversations (id),
    user_id         INTEGER NOT NULL REFERENCES users (id),
    -- Number of the MEMBER_ADD; 0 for those it was created with.
    joined_seq      INTEGER NOT NULL,
    -- Number of the MEMBER_REMOVE; null while they are a member.
    left_seq        INTEGER,
    -- The read mark: state, not an event.
    read_seq        INTEGER NOT NULL,
    PRIMARY KEY (conversation_id, user_id)
) STRICT, WITHOUT ROWID;

-- Holds no column that a post or a read mark changes, so neither touches it.
CREATE INDEX members_by_user ON members (user_id, conversation_id) WHERE left_seq IS NULL;

CREATE TABLE messages (
    conversation_id INTEGER NOT NULL REFERENCES conversations (id),
    -- Number of the event that created it.
    seq             INTEGER NOT NULL,
    -- Number of the event that last changed it.
    version         INTEGER NOT NULL,
    author_id       INTEGER NOT NULL REFERENCES users (id),
    content         TEXT    NOT NULL,
    nonce           TEXT    NOT NULL,
    -- Seq of a message of the same conversation.
    reply_to        INTEGER,
    created_ms      INTEGER NOT NULL,
    PRIMARY KEY (conversation_id, seq)
) STRICT, WITHOUT ROWID;

-- A conversation's log. Rows hold references, never content, so a replay shows what stands now.
-- Narrow on purpose: unread messages are counted here, without touching a message.
CREATE TABLE events (
    conversation_id INTEGER NOT NULL REFERENCES conversations (id),
    seq             INTEGER NOT NULL CHECK (seq > 0),
    -- 1 MESSAGE_CREATE, 2 MEMBER_ADD, 3 MEMBER_REMOVE.
    kind            INTEGER NOT NULL,
    -- The message it is about, if it is about one.
    message_seq     INTEGER,
    -- The author, or who joined or left.
    user_id         INTEGER NOT NULL REFERENCES users (id),
    PRIMARY KEY (conversation_id, seq),
    FOREIGN KEY (conversation_id, message_seq) REFERENCES messages (conversation_id, seq)
) STRICT, WITHOUT ROWID;

-- What an author's nonce stands for, for ever.
CREATE TABLE nonces (
    author_id       INTEGER NOT NULL REFERENCES users (id),
    nonce           TEXT    NOT NULL,
    -- Keyed hash of what was posted, 16 bytes: outlives edits, and says nothing about what was deleted.
    hash            BLOB    NOT NULL CHECK (length(hash) = 16),
    conversation_id INTEGER NOT NULL,
    seq             INTEGER NOT NULL,
    PRIMARY KEY (author_id, nonce),
    FOREIGN KEY (conversation_id, seq) REFERENCES messages (conversation_id, seq)
) STRICT, WITHOUT ROWID;

-- A user's private log.
CREATE TABLE inbox_events (
    user_id         INTEGER NOT NULL REFERENCES users (id),
    seq             INTEGER NOT NULL CHECK (seq > 0),
    -- 1 CONVERSATION_CREATE, 2 CONVERSATION_DELETE.
    kind            INTEGER NOT NULL,
    conversation_id INTEGER NOT NULL REFERENCES conversations (id),
    PRIMARY KEY (user_id, seq)
) STRICT, WITHOUT ROWID;
