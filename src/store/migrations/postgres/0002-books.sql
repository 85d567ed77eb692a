-- What decisions leave behind: bookings, documents, facts, identities.
CREATE TABLE entry (
  lane text COLLATE "C" NOT NULL,
  bucket smallint NOT NULL,
  event_key text COLLATE "C" NOT NULL,
  n bigint NOT NULL,
  work_order text COLLATE "C" NOT NULL,
  cost_centre text COLLATE "C" NOT NULL,
  debit text COLLATE "C" NOT NULL,
  credit text COLLATE "C" NOT NULL,
  minor bigint NOT NULL,
  currency text COLLATE "C" NOT NULL,
  document text COLLATE "C" NOT NULL,
  text text COLLATE "C" NOT NULL,
  at bigint NOT NULL
);
ALTER TABLE entry ADD CONSTRAINT entry_key PRIMARY KEY (lane, event_key, n, bucket);
CREATE INDEX entry_work_order ON entry (work_order, lane, event_key, n);
CREATE INDEX entry_cost_centre ON entry (cost_centre);

CREATE TABLE document (
  lane text COLLATE "C" NOT NULL,
  bucket smallint NOT NULL,
  key text COLLATE "C" NOT NULL,
  thread text COLLATE "C" NOT NULL,
  kind text COLLATE "C" NOT NULL,
  system text COLLATE "C" NOT NULL,
  id text COLLATE "C" NOT NULL,
  line text COLLATE "C" NOT NULL,
  parent text COLLATE "C" NOT NULL,
  state text COLLATE "C" NOT NULL,
  text text COLLATE "C" NOT NULL,
  minor bigint,
  currency text COLLATE "C",
  at bigint NOT NULL,
  data text COLLATE "C" NOT NULL
);
ALTER TABLE document ADD CONSTRAINT document_key PRIMARY KEY (key, lane, bucket);
CREATE INDEX document_thread ON document (thread, key);
CREATE INDEX document_id ON document (id, thread);

CREATE TABLE fact (
  lane text COLLATE "C" NOT NULL,
  bucket smallint NOT NULL,
  key text COLLATE "C" NOT NULL,
  version text COLLATE "C" NOT NULL,
  data text COLLATE "C" NOT NULL,
  at bigint NOT NULL
);
ALTER TABLE fact ADD CONSTRAINT fact_key PRIMARY KEY (key, lane, bucket);

-- Statements "from then on this external id is this hub id". The end of a period is computed when it is read: the next statement about either side.
CREATE TABLE crosswalk (
  lane text COLLATE "C" NOT NULL,
  bucket smallint NOT NULL,
  ordinal bigint NOT NULL,
  kind text COLLATE "C" NOT NULL,
  hub_id text COLLATE "C" NOT NULL,
  system text COLLATE "C" NOT NULL,
  external_id text COLLATE "C" NOT NULL,
  valid_from bigint NOT NULL,
  valid_to bigint,
  change text COLLATE "C" NOT NULL,
  reason text COLLATE "C" NOT NULL,
  recorded_at bigint NOT NULL
);
ALTER TABLE crosswalk ADD CONSTRAINT crosswalk_external PRIMARY KEY (kind, system, external_id, valid_from, hub_id, lane, bucket);
CREATE INDEX crosswalk_hub ON crosswalk (kind, hub_id, system, valid_from);
