-- SQLite's second, in PostgreSQL's words.

-- What is shown in place of the name.
ALTER TABLE users ADD COLUMN display_name text;
-- The same, NFKC and case-folded, for finding people by it.
ALTER TABLE users ADD COLUMN display_folded text;
ALTER TABLE users ADD COLUMN about text;
-- By its name in the time zone database.
ALTER TABLE users ADD COLUMN time_zone text;
-- Nobody sees whether they are there.
ALTER TABLE users ADD COLUMN presence_hidden boolean NOT NULL DEFAULT false;
-- How their pages look: 0 as the device has it, 1 light, 2 dark; 0 comfortable, 1 compact.
ALTER TABLE users ADD COLUMN theme bigint NOT NULL DEFAULT 0 CHECK (theme IN (0, 1, 2));
ALTER TABLE users ADD COLUMN density bigint NOT NULL DEFAULT 0 CHECK (density IN (0, 1));

-- In the order of bytes, as SQLite has it: whatever begins alike stands together.
CREATE INDEX users_by_folded ON users (folded COLLATE "C");
CREATE INDEX users_by_display ON users (display_folded COLLATE "C", id);

-- What the program that signed in says it is, in a few words.
ALTER TABLE sessions ADD COLUMN client text;

ALTER TABLE conversations ADD COLUMN topic text;
-- Who manages it; null where nobody does.
ALTER TABLE conversations ADD COLUMN manager_id bigint REFERENCES users (id);
-- A room that everybody finds and may join.
ALTER TABLE conversations ADD COLUMN open boolean NOT NULL DEFAULT false;
ALTER TABLE conversations ADD COLUMN archived boolean NOT NULL DEFAULT false;
-- What takes in everyone was never closed.
UPDATE conversations SET open = true WHERE everyone;
-- The title in lower case: what the directory sorts and searches, byte by byte as SQLite does.
ALTER TABLE conversations ADD COLUMN title_folded text COLLATE "C";
UPDATE conversations SET title_folded = lower(title);
CREATE INDEX conversations_open ON conversations (title_folded, id) WHERE open AND NOT archived;

-- How the member keeps it: 0 hears of everything, 1 of mentions, 2 of nothing.
ALTER TABLE members ADD COLUMN level bigint NOT NULL DEFAULT 0 CHECK (level IN (0, 1, 2));
ALTER TABLE members ADD COLUMN pinned boolean NOT NULL DEFAULT false;
ALTER TABLE members ADD COLUMN marked boolean NOT NULL DEFAULT false;

-- When its text was last changed.
ALTER TABLE messages ADD COLUMN edited_ms bigint;
ALTER TABLE messages ADD COLUMN pinned boolean NOT NULL DEFAULT false;
-- A tombstone. Its content is empty, and the event of its creation is a MESSAGE_DELETE by now.
ALTER TABLE messages ADD COLUMN deleted boolean NOT NULL DEFAULT false;
-- JSON: [{"emoji": …, "users": [ids]}, …] in the order of coming; null where there are none.
ALTER TABLE messages ADD COLUMN reactions text;

CREATE INDEX messages_pinned ON messages (conversation_id, seq) WHERE pinned;

-- What a message said before it was changed. Goes with the message.
CREATE TABLE message_edits (
    conversation_id bigint NOT NULL,
    seq             bigint NOT NULL,
    -- The message's version until then.
    version         bigint NOT NULL,
    content         bytea  NOT NULL,
    -- When this was written.
    written_ms      bigint NOT NULL,
    PRIMARY KEY (conversation_id, seq, version)
);
