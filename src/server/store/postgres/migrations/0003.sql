-- SQLite's third, in PostgreSQL's words.

-- `user_id` has blocked `blocked_id`: of their direct conversation they are no member meanwhile.
CREATE TABLE blocks (
    user_id    bigint NOT NULL REFERENCES users (id),
    blocked_id bigint NOT NULL REFERENCES users (id),
    created_ms bigint NOT NULL,
    PRIMARY KEY (user_id, blocked_id),
    CHECK (user_id <> blocked_id)
);

-- Whom a message calls; user 0 stands for everybody. Others' after the read mark are counted in the key.
CREATE TABLE mentions (
    conversation_id bigint NOT NULL,
    user_id         bigint NOT NULL,
    seq             bigint NOT NULL,
    PRIMARY KEY (conversation_id, user_id, seq)
);
CREATE INDEX mentions_of_message ON mentions (conversation_id, seq);

-- What its maker's client called it before it was made, behind the maker's id: a form that is sent twice makes one.
ALTER TABLE conversations ADD COLUMN creation text;
CREATE UNIQUE INDEX conversations_by_creation ON conversations (creation) WHERE creation IS NOT NULL;
