-- Пул: набор активов. На одном пуле может идти сколько угодно кампаний.
CREATE TABLE campaign_pools (
  id {id},
  slug VARCHAR(100) NOT NULL,
  title VARCHAR(255) NOT NULL,
  created_at {time} NOT NULL,
  updated_at {time} NOT NULL,
  CONSTRAINT campaign_pools_slug UNIQUE (slug)
);

-- Актив: то, что смотрят. Выключенный не показывают, и для полного набора он не нужен; виденное остаётся виденным.
CREATE TABLE campaign_assets (
  id {id},
  pool_id BIGINT NOT NULL,
  slug VARCHAR(50) NOT NULL,
  name VARCHAR(255) NOT NULL,
  kind VARCHAR(50) NOT NULL,
  meta {longtext} NOT NULL,
  position INT NOT NULL,
  is_active BOOLEAN NOT NULL,
  model_url VARCHAR(500) NULL,
  ios_model_url VARCHAR(500) NULL,
  preview_url VARCHAR(500) NULL,
  created_at {time} NOT NULL,
  updated_at {time} NOT NULL,
  CONSTRAINT campaign_assets_slug UNIQUE (slug),
  CONSTRAINT campaign_assets_pool FOREIGN KEY (pool_id) REFERENCES campaign_pools (id)
);

CREATE INDEX campaign_assets_by_pool ON campaign_assets (pool_id, position, id);

-- Кампания. default_mark = 1 у той, что отвечает вызовам без кампании: UNIQUE не даёт завести вторую.
-- Пределы: 0 и NULL — выключено.
CREATE TABLE campaigns (
  id {id},
  pool_id BIGINT NOT NULL,
  slug VARCHAR(100) NOT NULL,
  title VARCHAR(255) NOT NULL,
  description VARCHAR(2000) NOT NULL,
  default_mark INT NULL,
  is_active BOOLEAN NOT NULL,
  starts_at {time} NULL,
  ends_at {time} NULL,
  reward {longtext} NOT NULL,
  min_dwell INT NOT NULL,
  views_per_minute INT NULL,
  address_views_per_minute INT NULL,
  address_sessions_per_hour INT NULL,
  needs_view_token BOOLEAN NOT NULL,
  created_at {time} NOT NULL,
  updated_at {time} NOT NULL,
  CONSTRAINT campaigns_slug UNIQUE (slug),
  CONSTRAINT campaigns_default UNIQUE (default_mark),
  CONSTRAINT campaigns_default_mark CHECK (default_mark = 1),
  CONSTRAINT campaigns_pool FOREIGN KEY (pool_id) REFERENCES campaign_pools (id),
  CONSTRAINT campaigns_limits CHECK (min_dwell >= 0 AND views_per_minute >= 1 AND address_views_per_minute >= 1 AND address_sessions_per_hour >= 1),
  CONSTRAINT campaigns_period CHECK (starts_at <= ends_at)
);

-- Что кампании помнят о человеке. total_score — кэш: 10 очков за каждый разный актив во всех его сеансах.
CREATE TABLE campaign_users (
  user_id BIGINT NOT NULL PRIMARY KEY,
  total_score BIGINT NOT NULL,
  metadata {longtext} NULL,
  updated_at {time} NOT NULL,
  CONSTRAINT campaign_users_user FOREIGN KEY (user_id) REFERENCES users (id),
  CONSTRAINT campaign_users_score CHECK (total_score >= 0)
);

-- Сеанс просмотра. day — день магазина, когда он начат: по нему считается воронка. completed_at — набор собран, код выдан.
-- view_token — пропуск на просмотр, у сеанса он один.
CREATE TABLE campaign_sessions (
  id {uuid} NOT NULL PRIMARY KEY,
  campaign_id BIGINT NOT NULL,
  user_id BIGINT NULL,
  day VARCHAR(10) NOT NULL,
  score BIGINT NOT NULL,
  pending_email VARCHAR(254) NULL,
  is_active BOOLEAN NOT NULL,
  metadata {longtext} NULL,
  created_at {time} NOT NULL,
  last_seen {time} NOT NULL,
  last_view_at {time} NULL,
  completed_at {time} NULL,
  view_token VARCHAR(40) NULL,
  token_asset_id BIGINT NULL,
  token_at {time} NULL,
  CONSTRAINT campaign_sessions_campaign FOREIGN KEY (campaign_id) REFERENCES campaigns (id),
  CONSTRAINT campaign_sessions_user FOREIGN KEY (user_id) REFERENCES users (id),
  CONSTRAINT campaign_sessions_score CHECK (score >= 0),
  CONSTRAINT campaign_sessions_token CHECK ((view_token IS NULL) = (token_asset_id IS NULL) AND (view_token IS NULL) = (token_at IS NULL))
);

CREATE INDEX campaign_sessions_by_day ON campaign_sessions (campaign_id, day);

CREATE INDEX campaign_sessions_by_user ON campaign_sessions (user_id, last_seen);

-- Виденное в сеансе: строка на актив.
CREATE TABLE campaign_progress (
  id {id},
  session_id {uuid} NOT NULL,
  asset_id BIGINT NOT NULL,
  viewed_at {time} NOT NULL,
  times_viewed BIGINT NOT NULL,
  CONSTRAINT campaign_progress_once UNIQUE (session_id, asset_id),
  CONSTRAINT campaign_progress_session FOREIGN KEY (session_id) REFERENCES campaign_sessions (id),
  CONSTRAINT campaign_progress_asset FOREIGN KEY (asset_id) REFERENCES campaign_assets (id),
  CONSTRAINT campaign_progress_times CHECK (times_viewed >= 1)
);

-- Журнал как есть. event_id — имя события от клиента (или его пропуск на просмотр): повтор получает answer, записанный с первым.
CREATE TABLE campaign_view_events (
  id {id},
  campaign_id BIGINT NOT NULL,
  session_id {uuid} NOT NULL,
  asset_id BIGINT NULL,
  event_type VARCHAR(50) NOT NULL,
  occurred_at {time} NOT NULL,
  raw_payload {longtext} NOT NULL,
  processed BOOLEAN NOT NULL,
  event_id VARCHAR(100) NULL,
  answer {longtext} NULL,
  CONSTRAINT campaign_view_events_once UNIQUE (session_id, event_id),
  CONSTRAINT campaign_view_events_campaign FOREIGN KEY (campaign_id) REFERENCES campaigns (id),
  CONSTRAINT campaign_view_events_session FOREIGN KEY (session_id) REFERENCES campaign_sessions (id),
  CONSTRAINT campaign_view_events_asset FOREIGN KEY (asset_id) REFERENCES campaign_assets (id)
);

CREATE INDEX campaign_view_events_by_type ON campaign_view_events (campaign_id, event_type, asset_id, occurred_at);

-- Выданный код: один на сеанс. Скидка, срок и использование живут в promo_codes и promo_uses.
CREATE TABLE campaign_codes (
  id {id},
  campaign_id BIGINT NOT NULL,
  session_id {uuid} NOT NULL,
  user_id BIGINT NULL,
  email VARCHAR(254) NULL,
  promo_id BIGINT NOT NULL,
  code VARCHAR(128) NOT NULL,
  issued_at {time} NOT NULL,
  letters INT NOT NULL,
  letter_at {time} NULL,
  sent_at {time} NULL,
  meta {longtext} NULL,
  CONSTRAINT campaign_codes_session UNIQUE (session_id),
  CONSTRAINT campaign_codes_promo UNIQUE (promo_id),
  CONSTRAINT campaign_codes_code UNIQUE (code),
  CONSTRAINT campaign_codes_campaign FOREIGN KEY (campaign_id) REFERENCES campaigns (id),
  CONSTRAINT campaign_codes_of_session FOREIGN KEY (session_id) REFERENCES campaign_sessions (id),
  CONSTRAINT campaign_codes_user FOREIGN KEY (user_id) REFERENCES users (id),
  CONSTRAINT campaign_codes_of_promo FOREIGN KEY (promo_id) REFERENCES promo_codes (id),
  CONSTRAINT campaign_codes_letters CHECK (letters >= 0 AND (letters = 0) = (letter_at IS NULL))
);

CREATE INDEX campaign_codes_by_user ON campaign_codes (user_id, id);

CREATE INDEX campaign_codes_by_campaign ON campaign_codes (campaign_id, id);

-- Кампания по умолчанию есть сразу: документированные вызовы работают и в пустом магазине. Меняет её сотрудник.
INSERT INTO campaign_pools (slug, title, created_at, updated_at) VALUES ('default', 'Основной', '2026-01-01 00:00:00.000000', '2026-01-01 00:00:00.000000');

INSERT INTO campaigns (pool_id, slug, title, description, default_mark, is_active, reward, min_dwell, needs_view_token, created_at, updated_at)
SELECT id, 'default', 'AR-кампания', '', 1, TRUE, '{"discount_percent":10}', 0, FALSE, '2026-01-01 00:00:00.000000', '2026-01-01 00:00:00.000000' FROM campaign_pools WHERE slug = 'default';
