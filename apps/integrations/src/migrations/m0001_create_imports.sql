-- Загрузки, исходы строк, соответствие внешних идов нашим, отложенные цены и остатки, виды цен.
CREATE TABLE import_runs (
  id {id},
  source VARCHAR(20) NOT NULL,
  path VARCHAR(500) NOT NULL,
  status VARCHAR(20) NOT NULL,
  created_count BIGINT NOT NULL,
  changed_count BIGINT NOT NULL,
  unchanged_count BIGINT NOT NULL,
  hidden_count BIGINT NOT NULL,
  pending_count BIGINT NOT NULL,
  refused_count BIGINT NOT NULL,
  warning_count BIGINT NOT NULL,
  error VARCHAR(1000) NULL,
  actor VARCHAR(60) NOT NULL,
  started_at {time} NOT NULL,
  finished_at {time} NULL,
  CONSTRAINT import_runs_status CHECK (status IN ('running', 'done', 'failed'))
);

CREATE TABLE import_rows (
  id {id},
  run_id BIGINT NOT NULL,
  entity VARCHAR(20) NOT NULL,
  external_id VARCHAR(255) NOT NULL,
  entity_id BIGINT NULL,
  outcome VARCHAR(20) NOT NULL,
  file VARCHAR(255) NOT NULL,
  line BIGINT NOT NULL,
  code VARCHAR(60) NULL,
  detail VARCHAR(1000) NOT NULL,
  CONSTRAINT import_rows_run FOREIGN KEY (run_id) REFERENCES import_runs (id),
  CONSTRAINT import_rows_outcome CHECK (outcome IN ('created', 'changed', 'hidden', 'pending', 'refused', 'warning'))
);

CREATE INDEX import_rows_by_run ON import_rows (run_id, outcome, id);

CREATE TABLE import_links (
  id {id},
  source VARCHAR(20) NOT NULL,
  entity VARCHAR(20) NOT NULL,
  external_id VARCHAR(255) NOT NULL,
  scope VARCHAR(161) NOT NULL,
  entity_id BIGINT NOT NULL,
  digest VARCHAR(32) NOT NULL,
  price_digest VARCHAR(32) NOT NULL,
  stock_digest VARCHAR(32) NOT NULL,
  state VARCHAR(20) NOT NULL,
  CONSTRAINT import_links_external UNIQUE (source, entity, external_id),
  CONSTRAINT import_links_state CHECK (state IN ('shown', 'hidden', 'archived'))
);

CREATE INDEX import_links_by_entity ON import_links (entity, entity_id);

CREATE TABLE import_pending (
  id {id},
  source VARCHAR(20) NOT NULL,
  product_external_id VARCHAR(255) NOT NULL,
  external_id VARCHAR(255) NOT NULL,
  aspects VARCHAR(3) NOT NULL,
  digest VARCHAR(32) NOT NULL,
  payload {longtext} NOT NULL,
  CONSTRAINT import_pending_external UNIQUE (source, external_id, aspects)
);

CREATE INDEX import_pending_by_product ON import_pending (source, product_external_id);

CREATE TABLE import_price_types (
  id {id},
  source VARCHAR(20) NOT NULL,
  external_id VARCHAR(255) NOT NULL,
  name VARCHAR(255) NOT NULL,
  CONSTRAINT import_price_types_external UNIQUE (source, external_id)
);
