-- Messages that change, conversations that are managed, people with more to say of themselves.

-- What is shown in place of the name.
ALTER TABLE users ADD COLUMN display_name TEXT;
-- The same, NFKC and case-folded, for finding people by it.
ALTER TABLE users ADD COLUMN display_folded TEXT;
ALTER TABLE users ADD COLUMN about TEXT;
-- By its name in the time zone database.
ALTER TABLE users ADD COLUMN time_zone TEXT;
-- 1: nobody sees whether they are there.
ALTER TABLE users ADD COLUMN presence_hidden INTEGER NOT NULL DEFAULT 0 CHECK (presence_hidden IN (0, 1));
-- How their pages look: 0 as the device has it, 1 light, 2 dark; 0 comfortable, 1 compact.
ALTER TABLE users ADD COLUMN theme INTEGER NOT NULL DEFAULT 0 CHECK (theme IN (0, 1, 2));
ALTER TABLE users ADD COLUMN density INTEGER NOT NULL DEFAULT 0 CHECK (density IN (0, 1));

CREATE INDEX users_by_display ON users (display_folded, id);

-- What the program that signed in says it is, in a few words.
ALTER TABLE sessions ADD COLUMN client TEXT;

ALTER TABLE conversations ADD COLUMN topic TEXT;
-- Who manages it; null where nobody does.
ALTER TABLE conversations ADD COLUMN manager_id INTEGER REFERENCES users (id);
-- 1: a room that everybody finds and may join.
ALTER TABLE conversations ADD COLUMN open INTEGER NOT NULL DEFAULT 0 CHECK (open IN (0, 1));
ALTER TABLE conversations ADD COLUMN archived INTEGER NOT NULL DEFAULT 0 CHECK (archived IN (0, 1));
-- What takes in everyone was never closed.
UPDATE conversations SET open = 1 WHERE everyone = 1;
-- The title in lower case: what the directory sorts and searches. The program writes it; what it writes for letters
-- beyond ASCII is written here with the next rename.
ALTER TABLE conversations ADD COLUMN title_folded TEXT;
UPDATE conversations SET title_folded = lower(title);
-- The directory. Holds no column that a post changes.
CREATE INDEX conversations_open ON conversations (title_folded, id) WHERE open = 1 AND archived = 0;

-- How the member keeps it: 0 hears of everything, 1 of mentions, 2 of nothing.
ALTER TABLE members ADD COLUMN level INTEGER NOT NULL DEFAULT 0 CHECK (level IN (0, 1, 2));
ALTER TABLE members ADD COLUMN pinned INTEGER NOT NULL DEFAULT 0 CHECK (pinned IN (0, 1));
ALTER TABLE members ADD COLUMN marked INTEGER NOT NULL DEFAULT 0 CHECK (marked IN (0, 1));

-- When its text was last changed.
ALTER TABLE messages ADD COLUMN edited_ms INTEGER;
ALTER TABLE messages ADD COLUMN pinned INTEGER NOT NULL DEFAULT 0 CHECK (pinned IN (0, 1));
-- 1: a tombstone. Its content is empty, and the event of its creation is a MESSAGE_DELETE by now.
ALTER TABLE messages ADD COLUMN deleted INTEGER NOT NULL DEFAULT 0 CHECK (deleted IN (0, 1));
-- JSON: [{"emoji": …, "users": [ids]}, …] in the order of coming; null where there are none. Beside the message, as it is
-- read with it, and is never asked for in another way.
ALTER TABLE messages ADD COLUMN reactions TEXT;

CREATE INDEX messages_pinned ON messages (conversation_id, seq) WHERE pinned = 1;

-- What a message said before it was changed. Goes with the message.
CREATE TABLE message_edits (
    conversation_id INTEGER NOT NULL,
    seq             INTEGER NOT NULL,
    -- The message's version until then.
    version         INTEGER NOT NULL,
    content         TEXT    NOT NULL,
    -- When this was written.
    written_ms      INTEGER NOT NULL,
    PRIMARY KEY (conversation_id, seq, version),
    FOREIGN KEY (conversation_id, seq) REFERENCES messages (conversation_id, seq)
) STRICT, WITHOUT ROWID;
