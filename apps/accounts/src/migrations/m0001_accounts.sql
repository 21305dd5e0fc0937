-- Люди и то, чем они входят. Хотя бы один логин есть у каждого, кто не удалён.
CREATE TABLE users (
  id {id},
  public_id {uuid} NOT NULL UNIQUE,
  phone VARCHAR(20) NULL UNIQUE,
  phone_verified_at {time} NULL,
  email VARCHAR(254) NULL,
  email_normalized VARCHAR(254) NULL UNIQUE,
  email_verified_at {time} NULL,
  password_hash VARCHAR(255) NULL,
  first_name VARCHAR(100) NOT NULL,
  last_name VARCHAR(100) NOT NULL,
  patronymic VARCHAR(100) NOT NULL,
  full_name VARCHAR(310) NOT NULL,
  name_normalized VARCHAR(310) NOT NULL,
  address VARCHAR(500) NOT NULL,
  cdek_point VARCHAR(50) NOT NULL,
  telegram VARCHAR(32) NOT NULL,
  vk VARCHAR(32) NOT NULL,
  avatar VARCHAR(500) NOT NULL,
  newsletter BOOLEAN NOT NULL,
  questionnaire {longtext} NULL,
  is_active BOOLEAN NOT NULL,
  session_version BIGINT NOT NULL,
  created_at {time} NOT NULL,
  updated_at {time} NOT NULL,
  deleted_at {time} NULL,
  CONSTRAINT users_login CHECK (deleted_at IS NOT NULL OR phone IS NOT NULL OR email_normalized IS NOT NULL),
  CONSTRAINT users_email CHECK ((email IS NULL) = (email_normalized IS NULL)),
  CONSTRAINT users_erased CHECK (deleted_at IS NULL OR (phone IS NULL AND email IS NULL AND password_hash IS NULL))
);

CREATE INDEX users_by_created ON users (created_at, id);

-- Адресная книга. `default_of` равен user_id у адреса по умолчанию: UNIQUE не даёт завести второй.
CREATE TABLE addresses (
  id {id},
  user_id BIGINT NOT NULL,
  default_of BIGINT NULL UNIQUE,
  title VARCHAR(100) NOT NULL,
  recipient VARCHAR(300) NOT NULL,
  phone VARCHAR(20) NULL,
  text VARCHAR(500) NOT NULL,
  postal_code VARCHAR(12) NOT NULL,
  region VARCHAR(200) NOT NULL,
  city VARCHAR(200) NOT NULL,
  street VARCHAR(200) NOT NULL,
  house VARCHAR(50) NOT NULL,
  flat VARCHAR(50) NOT NULL,
  cdek_city_code BIGINT NULL,
  cdek_point VARCHAR(50) NOT NULL,
  comment VARCHAR(500) NOT NULL,
  created_at {time} NOT NULL,
  updated_at {time} NOT NULL,
  CONSTRAINT addresses_user FOREIGN KEY (user_id) REFERENCES users (id),
  CONSTRAINT addresses_default CHECK (default_of IS NULL OR default_of = user_id)
);

CREATE INDEX addresses_by_user ON addresses (user_id, id);

-- Группы прав и кто в них. `admin` может всё; в `customer` входят все, строк членства у неё нет.
CREATE TABLE permission_groups (
  id {id},
  code VARCHAR(60) NOT NULL UNIQUE,
  title VARCHAR(100) NOT NULL,
  is_builtin BOOLEAN NOT NULL,
  created_at {time} NOT NULL,
  updated_at {time} NOT NULL
);

CREATE TABLE group_permissions (
  group_id BIGINT NOT NULL,
  permission VARCHAR(100) NOT NULL,
  PRIMARY KEY (group_id, permission),
  CONSTRAINT group_permissions_group FOREIGN KEY (group_id) REFERENCES permission_groups (id) ON DELETE CASCADE
);

CREATE TABLE group_members (
  user_id BIGINT NOT NULL,
  group_id BIGINT NOT NULL,
  granted_by BIGINT NULL,
  created_at {time} NOT NULL,
  PRIMARY KEY (user_id, group_id),
  CONSTRAINT group_members_user FOREIGN KEY (user_id) REFERENCES users (id),
  CONSTRAINT group_members_group FOREIGN KEY (group_id) REFERENCES permission_groups (id) ON DELETE CASCADE
);

CREATE INDEX group_members_by_group ON group_members (group_id, user_id);

-- Какие права по умолчанию уже однажды выданы: отнятое администратором не возвращается при перезапуске.
CREATE TABLE applied_group_defaults (
  group_code VARCHAR(60) NOT NULL,
  permission VARCHAR(100) NOT NULL,
  PRIMARY KEY (group_code, permission)
);

-- Вход = строка. Хранятся только хеши нынешнего и прошлого refresh-токена.
CREATE TABLE devices (
  id {id},
  user_id BIGINT NOT NULL,
  family VARCHAR(32) NOT NULL UNIQUE,
  refresh_hash VARCHAR(64) NOT NULL,
  previous_hash VARCHAR(64) NULL,
  rotated_at {time} NULL,
  user_agent VARCHAR(300) NOT NULL,
  ip VARCHAR(45) NOT NULL,
  created_at {time} NOT NULL,
  last_seen_at {time} NOT NULL,
  expires_at {time} NOT NULL,
  revoked_at {time} NULL,
  CONSTRAINT devices_user FOREIGN KEY (user_id) REFERENCES users (id)
);

CREATE INDEX devices_by_user ON devices (user_id, id);

CREATE INDEX devices_by_expiry ON devices (expires_at);

-- Одноразовые коды и ссылки. Самого кода здесь нет: он выводится ключом сервера из id строки.
CREATE TABLE one_time_codes (
  id {uuid} NOT NULL PRIMARY KEY,
  purpose VARCHAR(20) NOT NULL,
  target VARCHAR(254) NOT NULL,
  user_id BIGINT NULL,
  network VARCHAR(45) NOT NULL,
  attempts INT NOT NULL,
  expires_at {time} NOT NULL,
  used_at {time} NULL,
  created_at {time} NOT NULL,
  CONSTRAINT one_time_codes_purpose CHECK (purpose IN ('login', 'confirm', 'reset', 'setup')),
  CONSTRAINT one_time_codes_attempts CHECK (attempts BETWEEN 0 AND 5)
);

CREATE INDEX one_time_codes_by_target ON one_time_codes (target, purpose, created_at);

CREATE INDEX one_time_codes_by_age ON one_time_codes (created_at);

-- Счётчики попыток: сколько раз за окно с данным началом.
CREATE TABLE throttles (
  bucket VARCHAR(120) NOT NULL PRIMARY KEY,
  hits INT NOT NULL,
  window_started_at {time} NOT NULL
);

CREATE INDEX throttles_by_age ON throttles (window_started_at);
