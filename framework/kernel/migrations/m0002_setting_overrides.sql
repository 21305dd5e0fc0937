-- Настройки, изменённые в админке; строка `version` растёт при каждой перемене.
CREATE TABLE setting_overrides (
  name VARCHAR(120) NOT NULL PRIMARY KEY,
  value {longtext} NOT NULL,
  is_secret BOOLEAN NOT NULL,
  updated_at {time} NOT NULL
);

INSERT INTO setting_overrides (name, value, is_secret, updated_at) VALUES ('version', '', FALSE, '2026-01-01 00:00:00');
