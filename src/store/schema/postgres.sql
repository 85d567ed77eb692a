TABLE audit_leaf (
  log text COLLATE "C" NOT NULL,
  n bigint NOT NULL,
  lane text COLLATE "C" NOT NULL,
  at bigint NOT NULL,
  actor text COLLATE "C" NOT NULL,
  kind text COLLATE "C" NOT NULL,
  subject text COLLATE "C" NOT NULL,
  body text COLLATE "C" NOT NULL,
  hash text COLLATE "C" NOT NULL
);
audit_leaf_key PRIMARY KEY (log, n);
CREATE INDEX audit_leaf_kind ON audit_leaf USING btree (kind, at);
CREATE INDEX audit_leaf_subject ON audit_leaf USING btree (subject, at);
TABLE audit_log (
  log text COLLATE "C" NOT NULL,
  size bigint NOT NULL
);
audit_log_pkey PRIMARY KEY (log);
TABLE crosswalk (
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
crosswalk_external PRIMARY KEY (kind, system, external_id, valid_from, hub_id, lane, bucket);
CREATE INDEX crosswalk_hub ON crosswalk USING btree (kind, hub_id, system, valid_from);
TABLE cursor (
  name text COLLATE "C" NOT NULL,
  value text COLLATE "C" NOT NULL
);
cursor_pkey PRIMARY KEY (name);
TABLE decision (
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
decision_key PRIMARY KEY (lane, ordinal, bucket);
TABLE document (
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
document_key PRIMARY KEY (key, lane, bucket);
CREATE INDEX document_id ON document USING btree (id, thread);
CREATE INDEX document_thread ON document USING btree (thread, key);
TABLE entry (
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
entry_key PRIMARY KEY (lane, event_key, n, bucket);
CREATE INDEX entry_cost_centre ON entry USING btree (cost_centre);
CREATE INDEX entry_work_order ON entry USING btree (work_order, lane, event_key, n);
TABLE event (
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
event_key UNIQUE (lane, key, bucket);
event_seq PRIMARY KEY (lane, seq, bucket);
CREATE INDEX event_object ON event USING btree (object, thread);
CREATE INDEX event_state ON event USING btree (state, lane, seq);
CREATE INDEX event_thread ON event USING btree (thread, lane, seq);
TABLE expectation (
  lane text COLLATE "C" NOT NULL,
  bucket smallint NOT NULL,
  key text COLLATE "C" NOT NULL,
  what text COLLATE "C" NOT NULL,
  deadline bigint NOT NULL,
  data text COLLATE "C" NOT NULL
);
expectation_key PRIMARY KEY (lane, key, bucket);
TABLE fact (
  lane text COLLATE "C" NOT NULL,
  bucket smallint NOT NULL,
  key text COLLATE "C" NOT NULL,
  version text COLLATE "C" NOT NULL,
  data text COLLATE "C" NOT NULL,
  at bigint NOT NULL
);
fact_key PRIMARY KEY (key, lane, bucket);
TABLE lane (
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
lane_key PRIMARY KEY (lane, bucket);
CREATE INDEX lane_due ON lane USING btree (urgency, due_at, owner);
CREATE INDEX lane_kind ON lane USING btree (kind, lane);
TABLE migration (
  number integer NOT NULL,
  name text NOT NULL,
  hash text NOT NULL,
  applied_at bigint NOT NULL
);
migration_pkey PRIMARY KEY (number);
TABLE operation (
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
operation_lane_key PRIMARY KEY (lane, key, bucket);
CREATE INDEX operation_document ON operation USING btree (document_id) WHERE (document_id IS NOT NULL);
CREATE INDEX operation_lane ON operation USING btree (lane, open, n);
CREATE INDEX operation_reference ON operation USING btree (reference);
CREATE INDEX operation_state ON operation USING btree (state, connection, currency, created_at, minor);
CREATE INDEX operation_thread ON operation USING btree (thread, key);
CREATE UNIQUE INDEX operation_key ON operation USING btree (key);
TABLE outbox (
  lane text COLLATE "C" NOT NULL,
  bucket smallint NOT NULL,
  id text COLLATE "C" NOT NULL,
  created_at bigint NOT NULL,
  event text COLLATE "C" NOT NULL
);
outbox_lane_key PRIMARY KEY (lane, id, bucket);
CREATE INDEX outbox_age ON outbox USING btree (created_at, id);
CREATE UNIQUE INDEX outbox_key ON outbox USING btree (id);
