-- Where in a conversation's log a membership begins and ends.

-- Of CONVERSATION_CREATE: the first number of the conversation's log that is the user's; of CONVERSATION_DELETE: the
-- last. 0 in others, and where it was not noted yet.
ALTER TABLE inbox_events ADD COLUMN edge_seq bigint NOT NULL DEFAULT 0;
