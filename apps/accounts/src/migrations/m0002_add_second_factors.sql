-- Второй фактор человека. Самого секрета здесь нет: он выводится ключом сервера из `salt`. `last_step` — последний принятый шаг
-- времени: тот же код второй раз не примут.
CREATE TABLE second_factors (
  user_id BIGINT NOT NULL PRIMARY KEY,
  salt VARCHAR(32) NOT NULL,
  last_step BIGINT NOT NULL,
  confirmed_at {time} NULL,
  created_at {time} NOT NULL,
  CONSTRAINT second_factors_user FOREIGN KEY (user_id) REFERENCES users (id)
);

-- Запасные коды: каждый — один раз.
CREATE TABLE recovery_codes (
  user_id BIGINT NOT NULL,
  code_hash VARCHAR(64) NOT NULL,
  used_at {time} NULL,
  PRIMARY KEY (user_id, code_hash),
  CONSTRAINT recovery_codes_factor FOREIGN KEY (user_id) REFERENCES second_factors (user_id) ON DELETE CASCADE
);
