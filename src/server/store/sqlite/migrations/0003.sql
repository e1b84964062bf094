-- Who wants to hear no more from whom, and who is called by name.

-- `user_id` has blocked `blocked_id`: of their direct conversation they are no member meanwhile.
CREATE TABLE blocks (
    user_id    INTEGER NOT NULL REFERENCES users (id),
    blocked_id INTEGER NOT NULL REFERENCES users (id),
    created_ms INTEGER NOT NULL,
    PRIMARY KEY (user_id, blocked_id),
    CHECK (user_id <> blocked_id)
) STRICT, WITHOUT ROWID;
-- For the foreign key.
CREATE INDEX blocks_of_blocked ON blocks (blocked_id);

-- Whom a message calls; user 0 stands for everybody. Others' after the read mark are counted in the key.
CREATE TABLE mentions (
    conversation_id INTEGER NOT NULL,
    user_id         INTEGER NOT NULL,
    seq             INTEGER NOT NULL,
    PRIMARY KEY (conversation_id, user_id, seq),
    FOREIGN KEY (conversation_id, seq) REFERENCES messages (conversation_id, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX mentions_of_message ON mentions (conversation_id, seq);

-- What its maker's client called it before it was made, behind the maker's id: a form that is sent twice makes one.
ALTER TABLE conversations ADD COLUMN creation TEXT;
CREATE UNIQUE INDEX conversations_by_creation ON conversations (creation) WHERE creation IS NOT NULL;
