-- Новости (журнал дел), задачи (они же исходящие), ключи от повторов, последние запуски расписаний.
CREATE TABLE events (
  id {id},
  name VARCHAR(100) NOT NULL,
  subject_kind VARCHAR(60) NOT NULL,
  subject_id VARCHAR(60) NOT NULL,
  actor VARCHAR(60) NOT NULL,
  payload {longtext} NOT NULL,
  created_at {time} NOT NULL
);

CREATE INDEX events_by_subject ON events (subject_kind, subject_id, id);

CREATE INDEX events_by_name ON events (name, id);

CREATE TABLE jobs (
  id {id},
  name VARCHAR(100) NOT NULL,
  payload {longtext} NOT NULL,
  dedup_key VARCHAR(200) NULL UNIQUE,
  status VARCHAR(10) NOT NULL,
  run_at {time} NOT NULL,
  attempts INT NOT NULL,
  locked_by VARCHAR(40) NULL,
  locked_until {time} NULL,
  last_error VARCHAR(2000) NULL,
  created_at {time} NOT NULL,
  CONSTRAINT jobs_status CHECK (status IN ('waiting', 'dead'))
);

CREATE INDEX jobs_due ON jobs (status, run_at);

CREATE INDEX jobs_locked_by ON jobs (locked_by);

CREATE TABLE job_schedules (
  name VARCHAR(100) NOT NULL PRIMARY KEY,
  next_at {time} NOT NULL
);

CREATE TABLE idempotency_keys (
  scope VARCHAR(120) NOT NULL,
  idempotency_key VARCHAR(255) NOT NULL,
  fingerprint VARCHAR(64) NOT NULL,
  status INT NULL,
  body {longtext} NULL,
  created_at {time} NOT NULL,
  PRIMARY KEY (scope, idempotency_key)
);

CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at);
