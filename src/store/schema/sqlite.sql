CREATE TABLE audit_leaf (
  log TEXT NOT NULL,
  n INTEGER NOT NULL,
  lane TEXT NOT NULL,
  at INTEGER NOT NULL,
  actor TEXT NOT NULL,
  kind TEXT NOT NULL,
  subject TEXT NOT NULL,
  body TEXT NOT NULL,
  hash TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX audit_leaf_key ON audit_leaf (log, n);
CREATE INDEX audit_leaf_kind ON audit_leaf (kind, at);
CREATE INDEX audit_leaf_subject ON audit_leaf (subject, at);
CREATE TABLE audit_log (
  log TEXT NOT NULL PRIMARY KEY,
  size INTEGER NOT NULL
) STRICT;
CREATE TABLE crosswalk (
  lane TEXT NOT NULL,
  bucket INTEGER NOT NULL,
  ordinal INTEGER NOT NULL,
  kind TEXT NOT NULL,
  hub_id TEXT NOT NULL,
  system TEXT NOT NULL,
  external_id TEXT NOT NULL,
  valid_from INTEGER NOT NULL,
  valid_to INTEGER,
  change TEXT NOT NULL,
  reason TEXT NOT NULL,
  recorded_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX crosswalk_external ON crosswalk (kind, system, external_id, valid_from, hub_id, lane);
CREATE INDEX crosswalk_hub ON crosswalk (kind, hub_id, system, valid_from);
CREATE TABLE cursor (
  name TEXT NOT NULL PRIMARY KEY,
  value TEXT NOT NULL
) STRICT;
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
CREATE TABLE document (
  lane TEXT NOT NULL,
  bucket INTEGER NOT NULL,
  key TEXT NOT NULL,
  thread TEXT NOT NULL,
  kind TEXT NOT NULL,
  system TEXT NOT NULL,
  id TEXT NOT NULL,
  line TEXT NOT NULL,
  parent TEXT NOT NULL,
  state TEXT NOT NULL,
  text TEXT NOT NULL,
  minor INTEGER,
  currency TEXT,
  at INTEGER NOT NULL,
  data TEXT NOT NULL
) STRICT;
CREATE INDEX document_id ON document (id, thread);
CREATE UNIQUE INDEX document_key ON document (key, lane);
CREATE INDEX document_thread ON document (thread, key);
CREATE TABLE entry (
  lane TEXT NOT NULL,
  bucket INTEGER NOT NULL,
  event_key TEXT NOT NULL,
  n INTEGER NOT NULL,
  work_order TEXT NOT NULL,
  cost_centre TEXT NOT NULL,
  debit TEXT NOT NULL,
  credit TEXT NOT NULL,
  minor INTEGER NOT NULL,
  currency TEXT NOT NULL,
  document TEXT NOT NULL,
  text TEXT NOT NULL,
  at INTEGER NOT NULL
) STRICT;
CREATE INDEX entry_cost_centre ON entry (cost_centre);
CREATE UNIQUE INDEX entry_key ON entry (lane, event_key, n);
CREATE INDEX entry_work_order ON entry (work_order, lane, event_key, n);
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
CREATE UNIQUE INDEX event_key ON event (lane, key);
CREATE INDEX event_object ON event (object, thread);
CREATE UNIQUE INDEX event_seq ON event (lane, seq);
CREATE INDEX event_state ON event (state, lane, seq);
CREATE INDEX event_thread ON event (thread, lane, seq);
CREATE TABLE expectation (
  lane TEXT NOT NULL,
  bucket INTEGER NOT NULL,
  key TEXT NOT NULL,
  what TEXT NOT NULL,
  deadline INTEGER NOT NULL,
  data TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX expectation_key ON expectation (lane, key);
CREATE TABLE fact (
  lane TEXT NOT NULL,
  bucket INTEGER NOT NULL,
  key TEXT NOT NULL,
  version TEXT NOT NULL,
  data TEXT NOT NULL,
  at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX fact_key ON fact (key, lane);
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
CREATE INDEX lane_due ON lane (urgency, due_at, owner);
CREATE UNIQUE INDEX lane_key ON lane (lane);
CREATE INDEX lane_kind ON lane (kind, lane);
CREATE TABLE migration (number INTEGER PRIMARY KEY, name TEXT NOT NULL, hash TEXT NOT NULL, applied_at INTEGER NOT NULL) STRICT;
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
CREATE INDEX operation_document ON operation (document_id) WHERE document_id IS NOT NULL;
CREATE UNIQUE INDEX operation_key ON operation (key);
CREATE INDEX operation_lane ON operation (lane, open, n);
CREATE INDEX operation_reference ON operation (reference);
CREATE INDEX operation_state ON operation (state, connection, currency, created_at, minor);
CREATE INDEX operation_thread ON operation (thread, key);
CREATE TABLE outbox (
  lane TEXT NOT NULL,
  bucket INTEGER NOT NULL,
  id TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  event TEXT NOT NULL
) STRICT;
CREATE INDEX outbox_age ON outbox (created_at, id);
CREATE UNIQUE INDEX outbox_key ON outbox (id);
