-- Что у человека включено: строка на канал. Нет строки — как заведено (см. models::preference::default_of).
CREATE TABLE notification_preferences (
  id {id},
  user_id BIGINT NOT NULL,
  channel VARCHAR(10) NOT NULL,
  service BOOLEAN NOT NULL,
  advertising BOOLEAN NOT NULL,
  updated_at {time} NOT NULL,
  CONSTRAINT notification_preferences_once UNIQUE (user_id, channel),
  CONSTRAINT notification_preferences_channel CHECK (channel IN ('email', 'sms', 'telegram', 'push'))
);

-- Журнал согласий: что переменилось, по какой редакции текста, откуда. Строки не меняются; у стёртого человека пропадает адрес.
CREATE TABLE consents (
  id {id},
  user_id BIGINT NOT NULL,
  channel VARCHAR(10) NOT NULL,
  purpose VARCHAR(12) NOT NULL,
  is_given BOOLEAN NOT NULL,
  document VARCHAR(60) NOT NULL,
  source VARCHAR(20) NOT NULL,
  ip VARCHAR(45) NULL,
  created_at {time} NOT NULL,
  CONSTRAINT consents_channel CHECK (channel IN ('email', 'sms', 'telegram', 'push')),
  CONSTRAINT consents_purpose CHECK (purpose IN ('service', 'advertising'))
);

CREATE INDEX consents_by_user ON consents (user_id, id);

-- Telegram человека: код ждёт, пока его принесут боту, потом остаётся чат.
CREATE TABLE telegram_links (
  id {id},
  user_id BIGINT NOT NULL,
  chat_id BIGINT NULL,
  code_hash VARCHAR(64) NULL,
  code_expires_at {time} NULL,
  linked_at {time} NULL,
  CONSTRAINT telegram_links_user UNIQUE (user_id),
  CONSTRAINT telegram_links_chat UNIQUE (chat_id),
  CONSTRAINT telegram_links_code UNIQUE (code_hash)
);

-- Принятые вести бота: Telegram повторяет.
CREATE TABLE telegram_updates (
  update_id BIGINT NOT NULL PRIMARY KEY,
  received_at {time} NOT NULL
);

-- Браузеры, которым можно показать уведомление.
CREATE TABLE push_subscriptions (
  id {id},
  user_id BIGINT NOT NULL,
  endpoint VARCHAR(1000) NOT NULL,
  endpoint_hash VARCHAR(64) NOT NULL,
  p256dh VARCHAR(100) NOT NULL,
  auth VARCHAR(40) NOT NULL,
  created_at {time} NOT NULL,
  CONSTRAINT push_subscriptions_once UNIQUE (endpoint_hash)
);

CREATE INDEX push_subscriptions_by_user ON push_subscriptions (user_id, id);
