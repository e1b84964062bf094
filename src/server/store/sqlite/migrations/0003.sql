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
