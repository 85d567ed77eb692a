-- What decisions leave behind: bookings, documents, facts, identities.
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
CREATE UNIQUE INDEX entry_key ON entry (lane, event_key, n);
CREATE INDEX entry_work_order ON entry (work_order, lane, event_key, n);
CREATE INDEX entry_cost_centre ON entry (cost_centre);

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
CREATE UNIQUE INDEX document_key ON document (key, lane);
CREATE INDEX document_thread ON document (thread, key);
CREATE INDEX document_id ON document (id, thread);

CREATE TABLE fact (
  lane TEXT NOT NULL,
  bucket INTEGER NOT NULL,
  key TEXT NOT NULL,
  version TEXT NOT NULL,
  data TEXT NOT NULL,
  at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX fact_key ON fact (key, lane);

-- Statements "from then on this external id is this hub id". The end of a period is computed when it is read: the next statement about either side.
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
