-- The leaves of the verifiable logs, numbered from 0 without gaps in each log.
CREATE TABLE audit_log (
  log TEXT NOT NULL PRIMARY KEY,
  size INTEGER NOT NULL
) STRICT;

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
CREATE INDEX audit_leaf_subject ON audit_leaf (subject, at);
CREATE INDEX audit_leaf_kind ON audit_leaf (kind, at);
