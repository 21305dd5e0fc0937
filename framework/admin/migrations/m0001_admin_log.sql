-- Журнал админки: кто, когда и что сделал; changes — список {field, before, after} в JSON. Строки только добавляются.
CREATE TABLE admin_log (
  id {id},
  actor VARCHAR(60) NOT NULL,
  user_id BIGINT NULL,
  model VARCHAR(60) NOT NULL,
  object_id BIGINT NOT NULL,
  label VARCHAR(300) NOT NULL,
  action VARCHAR(60) NOT NULL,
  changes {longtext} NOT NULL,
  form_key VARCHAR(64) NULL,
  created_at {time} NOT NULL,
  CONSTRAINT admin_log_form UNIQUE (form_key)
);

CREATE INDEX admin_log_by_object ON admin_log (model, object_id, id);

CREATE INDEX admin_log_by_user ON admin_log (user_id, id);
