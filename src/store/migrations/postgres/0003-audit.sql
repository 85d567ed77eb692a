-- The leaves of the verifiable logs, numbered from 0 without gaps in each log.
CREATE TABLE audit_log (
  log text COLLATE "C" NOT NULL PRIMARY KEY,
  size bigint NOT NULL
);

CREATE TABLE audit_leaf (
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
ALTER TABLE audit_leaf ADD CONSTRAINT audit_leaf_key PRIMARY KEY (log, n);
CREATE INDEX audit_leaf_subject ON audit_leaf (subject, at);
CREATE INDEX audit_leaf_kind ON audit_leaf (kind, at);
