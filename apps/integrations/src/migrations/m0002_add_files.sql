-- Присланные в админке файлы: сначала проба, потом загрузка. У каждой попытки — своя строка import_runs.
CREATE TABLE import_files (
  id {id},
  name VARCHAR(255) NOT NULL,
  size BIGINT NOT NULL,
  storage_key VARCHAR(100) NOT NULL UNIQUE,
  status VARCHAR(20) NOT NULL,
  bytes_done BIGINT NOT NULL,
  bytes_total BIGINT NOT NULL,
  error_code VARCHAR(60) NULL,
  error_detail VARCHAR(1000) NOT NULL,
  actor VARCHAR(60) NOT NULL,
  created_at {time} NOT NULL,
  updated_at {time} NOT NULL,
  CONSTRAINT import_files_status CHECK (status IN ('checking', 'checked', 'refused', 'loading', 'loaded', 'failed'))
);

ALTER TABLE import_runs ADD COLUMN is_trial BOOLEAN NOT NULL DEFAULT FALSE;

ALTER TABLE import_runs ADD COLUMN file_id BIGINT NULL REFERENCES import_files (id);

CREATE INDEX import_runs_by_file ON import_runs (file_id, id);
