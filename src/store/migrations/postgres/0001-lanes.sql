-- A lane is one business object. Every row of a lane carries the lane and its bucket (hash of the lane, 1024 buckets), so that rows can be moved between shards.
-- due_at: the earliest time at which the lane may be claimed; for a held lane the end of its lease; null when nothing waits.
CREATE TABLE lane (
  lane text COLLATE "C" NOT NULL,
  bucket smallint NOT NULL,
  kind text COLLATE "C" NOT NULL,
  state text COLLATE "C" NOT NULL,
  epoch bigint NOT NULL,
  owner text COLLATE "C",
  interrupted smallint NOT NULL,
  due_at bigint,
  urgency smallint NOT NULL,
  seq bigint NOT NULL,
  seen bigint NOT NULL,
  ordinal bigint NOT NULL
);
ALTER TABLE lane ADD CONSTRAINT lane_key PRIMARY KEY (lane, bucket);
CREATE INDEX lane_due ON lane (urgency, due_at, owner);
CREATE INDEX lane_kind ON lane (kind, lane);

CREATE TABLE event (
  lane text COLLATE "C" NOT NULL,
  bucket smallint NOT NULL,
  seq bigint NOT NULL,
  kind text COLLATE "C" NOT NULL,
  key text COLLATE "C" NOT NULL,
  source text COLLATE "C" NOT NULL,
  object text COLLATE "C" NOT NULL,
  version text COLLATE "C" NOT NULL,
  urgency smallint NOT NULL,
  thread text COLLATE "C" NOT NULL,
  site text COLLATE "C" NOT NULL,
  data text COLLATE "C" NOT NULL,
  at bigint NOT NULL,
  received_at bigint NOT NULL,
  state text COLLATE "C" NOT NULL,
  reason text COLLATE "C" NOT NULL,
  settled_at bigint
);
ALTER TABLE event ADD CONSTRAINT event_seq PRIMARY KEY (lane, seq, bucket);
ALTER TABLE event ADD CONSTRAINT event_key UNIQUE (lane, key, bucket);
CREATE INDEX event_state ON event (state, lane, seq);
CREATE INDEX event_thread ON event (thread, lane, seq);
CREATE INDEX event_object ON event (object, thread);

CREATE TABLE decision (
  lane text COLLATE "C" NOT NULL,
  bucket smallint NOT NULL,
  ordinal bigint NOT NULL,
  event_key text COLLATE "C" NOT NULL,
  flow text COLLATE "C" NOT NULL,
  verdict text COLLATE "C" NOT NULL,
  reasons text COLLATE "C" NOT NULL,
  facts text COLLATE "C" NOT NULL,
  configuration text COLLATE "C" NOT NULL,
  output_hash text COLLATE "C" NOT NULL,
  at bigint NOT NULL
);
ALTER TABLE decision ADD CONSTRAINT decision_key PRIMARY KEY (lane, ordinal, bucket);

-- The key of an operation is unique over all lanes: it is what keeps a document from being written twice.
-- Where the tables are distributed over machines by bucket, operation_key and outbox_key become (key, bucket) and (id, bucket): the keys are made from the lane.
-- open: 1 until the state is terminal. document_id: the number in the receipt, by which people search.
CREATE TABLE operation (
  lane text COLLATE "C" NOT NULL,
  bucket smallint NOT NULL,
  key text COLLATE "C" NOT NULL,
  chain text COLLATE "C" NOT NULL,
  n bigint NOT NULL,
  event_key text COLLATE "C" NOT NULL,
  flow text COLLATE "C" NOT NULL,
  connection text COLLATE "C" NOT NULL,
  record text COLLATE "C" NOT NULL,
  verb text COLLATE "C" NOT NULL,
  class text COLLATE "C" NOT NULL,
  reference text COLLATE "C" NOT NULL,
  urgency smallint NOT NULL,
  thread text COLLATE "C" NOT NULL,
  site text COLLATE "C" NOT NULL,
  draft text COLLATE "C" NOT NULL,
  payload text COLLATE "C" NOT NULL,
  payload_hash text COLLATE "C" NOT NULL,
  minor bigint,
  currency text COLLATE "C",
  reason text COLLATE "C" NOT NULL,
  state text COLLATE "C" NOT NULL,
  attempts bigint NOT NULL,
  due_at bigint NOT NULL,
  receipt text COLLATE "C",
  fault text COLLATE "C",
  created_at bigint NOT NULL,
  settled_at bigint,
  open smallint NOT NULL,
  document_id text COLLATE "C"
);
ALTER TABLE operation ADD CONSTRAINT operation_lane_key PRIMARY KEY (lane, key, bucket);
CREATE UNIQUE INDEX operation_key ON operation (key);
CREATE INDEX operation_lane ON operation (lane, open, n);
CREATE INDEX operation_state ON operation (state, connection, currency, created_at, minor);
CREATE INDEX operation_thread ON operation (thread, key);
CREATE INDEX operation_reference ON operation (reference);
CREATE INDEX operation_document ON operation (document_id) WHERE document_id IS NOT NULL;

CREATE TABLE expectation (
  lane text COLLATE "C" NOT NULL,
  bucket smallint NOT NULL,
  key text COLLATE "C" NOT NULL,
  what text COLLATE "C" NOT NULL,
  deadline bigint NOT NULL,
  data text COLLATE "C" NOT NULL
);
ALTER TABLE expectation ADD CONSTRAINT expectation_key PRIMARY KEY (lane, key, bucket);

-- Messages committed by one lane and not yet accepted by the other.
CREATE TABLE outbox (
  lane text COLLATE "C" NOT NULL,
  bucket smallint NOT NULL,
  id text COLLATE "C" NOT NULL,
  created_at bigint NOT NULL,
  event text COLLATE "C" NOT NULL
);
ALTER TABLE outbox ADD CONSTRAINT outbox_lane_key PRIMARY KEY (lane, id, bucket);
CREATE UNIQUE INDEX outbox_key ON outbox (id);
CREATE INDEX outbox_age ON outbox (created_at, id);

CREATE TABLE cursor (
  name text COLLATE "C" NOT NULL PRIMARY KEY,
  value text COLLATE "C" NOT NULL
);
