-- A lane is one business object. Every row of a lane carries the lane and its bucket (hash of the lane, 1024 buckets), so that rows can be moved between shards.
-- due_at: the earliest time at which the lane may be claimed; for a held lane the end of its lease; null when nothing waits.
CREATE TABLE lane (
  lane TEXT NOT NULL,
  bucket INTEGER NOT NULL,
  kind TEXT NOT NULL,
  state TEXT NOT NULL,
  epoch INTEGER NOT NULL,
  owner TEXT,
  interrupted INTEGER NOT NULL,
  due_at INTEGER,
  urgency INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  seen INTEGER NOT NULL,
  ordinal INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX lane_key ON lane (lane);
CREATE INDEX lane_due ON lane (urgency, due_at, owner);
CREATE INDEX lane_kind ON lane (kind, lane);

CREATE TABLE event (
  lane TEXT NOT NULL,
  bucket INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  kind TEXT NOT NULL,
  key TEXT NOT NULL,
  source TEXT NOT NULL,
  object TEXT NOT NULL,
  version TEXT NOT NULL,
  urgency INTEGER NOT NULL,
  thread TEXT NOT NULL,
  site TEXT NOT NULL,
  data TEXT NOT NULL,
  at INTEGER NOT NULL,
  received_at INTEGER NOT NULL,
  state TEXT NOT NULL,
  reason TEXT NOT NULL,
  settled_at INTEGER
) STRICT;
CREATE UNIQUE INDEX event_seq ON event (lane, seq);
CREATE UNIQUE INDEX event_key ON event (lane, key);
CREATE INDEX event_state ON event (state, lane, seq);
CREATE INDEX event_thread ON event (thread, lane, seq);
CREATE INDEX event_object ON event (object, thread);

CREATE TABLE decision (
  lane TEXT NOT NULL,
  bucket INTEGER NOT NULL,
  ordinal INTEGER NOT NULL,
  event_key TEXT NOT NULL,
  flow TEXT NOT NULL,
  verdict TEXT NOT NULL,
  reasons TEXT NOT NULL,
  facts TEXT NOT NULL,
  configuration TEXT NOT NULL,
  output_hash TEXT NOT NULL,
  at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX decision_key ON decision (lane, ordinal);

-- The key of an operation is unique over all lanes: it is what keeps a document from being written twice.
-- open: 1 until the state is terminal. document_id: the number in the receipt, by which people search.
CREATE TABLE operation (
  lane TEXT NOT NULL,
  bucket INTEGER NOT NULL,
  key TEXT NOT NULL,
  chain TEXT NOT NULL,
  n INTEGER NOT NULL,
  event_key TEXT NOT NULL,
  flow TEXT NOT NULL,
  connection TEXT NOT NULL,
  record TEXT NOT NULL,
  verb TEXT NOT NULL,
  class TEXT NOT NULL,
  reference TEXT NOT NULL,
  urgency INTEGER NOT NULL,
  thread TEXT NOT NULL,
  site TEXT NOT NULL,
  draft TEXT NOT NULL,
  payload TEXT NOT NULL,
  payload_hash TEXT NOT NULL,
  minor INTEGER,
  currency TEXT,
  reason TEXT NOT NULL,
  state TEXT NOT NULL,
  attempts INTEGER NOT NULL,
  due_at INTEGER NOT NULL,
  receipt TEXT,
  fault TEXT,
  created_at INTEGER NOT NULL,
  settled_at INTEGER,
  open INTEGER NOT NULL,
  document_id TEXT
) STRICT;
CREATE UNIQUE INDEX operation_key ON operation (key);
CREATE INDEX operation_lane ON operation (lane, open, n);
CREATE INDEX operation_state ON operation (state, connection, currency, created_at, minor);
CREATE INDEX operation_thread ON operation (thread, key);
CREATE INDEX operation_reference ON operation (reference);
CREATE INDEX operation_document ON operation (document_id) WHERE document_id IS NOT NULL;

CREATE TABLE expectation (
  lane TEXT NOT NULL,
  bucket INTEGER NOT NULL,
  key TEXT NOT NULL,
  what TEXT NOT NULL,
  deadline INTEGER NOT NULL,
  data TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX expectation_key ON expectation (lane, key);

-- Messages committed by one lane and not yet accepted by the other.
CREATE TABLE outbox (
  lane TEXT NOT NULL,
  bucket INTEGER NOT NULL,
  id TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  event TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX outbox_key ON outbox (id);
CREATE INDEX outbox_age ON outbox (created_at, id);

CREATE TABLE cursor (
  name TEXT NOT NULL PRIMARY KEY,
  value TEXT NOT NULL
) STRICT;
