-- Чья строка, служебная она или реклама, срочная ли (её не держит тихое время), до какого часа ждёт и куда ведёт нажатие.
ALTER TABLE messages ADD COLUMN user_id BIGINT NULL;

ALTER TABLE messages ADD COLUMN purpose VARCHAR(12) DEFAULT 'service' NOT NULL;

ALTER TABLE messages ADD COLUMN is_urgent BOOLEAN DEFAULT FALSE NOT NULL;

ALTER TABLE messages ADD COLUMN not_before {time} NULL;

ALTER TABLE messages ADD COLUMN link VARCHAR(500) NULL;

{servers} ALTER TABLE messages DROP CONSTRAINT IF EXISTS messages_channel;

{servers} ALTER TABLE messages DROP CONSTRAINT IF EXISTS messages_status;

{servers} ALTER TABLE messages ADD CONSTRAINT messages_channels CHECK (channel IN ('email', 'sms', 'telegram', 'push'));

{servers} ALTER TABLE messages ADD CONSTRAINT messages_statuses CHECK (status IN ('waiting', 'sent', 'failed', 'skipped'));

-- SQLite ограничений не снимает: таблица переписывается.
{sqlite} CREATE TABLE messages_wider (
  id {id},
  channel VARCHAR(10) NOT NULL,
  recipient VARCHAR(254) NOT NULL,
  template VARCHAR(100) NOT NULL,
  subject VARCHAR(300) NOT NULL,
  body {longtext} NOT NULL,
  is_secret BOOLEAN NOT NULL,
  status VARCHAR(10) NOT NULL,
  error VARCHAR(1000) NULL,
  created_at {time} NOT NULL,
  sent_at {time} NULL,
  attempted_at {time} NULL,
  provider VARCHAR(20) NULL,
  provider_id VARCHAR(100) NULL,
  delivery VARCHAR(20) NULL,
  html {longtext} NULL,
  subject_kind VARCHAR(60) NULL,
  subject_id VARCHAR(60) NULL,
  user_id BIGINT NULL,
  purpose VARCHAR(12) DEFAULT 'service' NOT NULL,
  is_urgent BOOLEAN DEFAULT FALSE NOT NULL,
  not_before {time} NULL,
  link VARCHAR(500) NULL,
  CONSTRAINT messages_channels CHECK (channel IN ('email', 'sms', 'telegram', 'push')),
  CONSTRAINT messages_statuses CHECK (status IN ('waiting', 'sent', 'failed', 'skipped'))
);

{sqlite} INSERT INTO messages_wider SELECT id, channel, recipient, template, subject, body, is_secret, status, error, created_at, sent_at,
  attempted_at, provider, provider_id, delivery, html, subject_kind, subject_id, user_id, purpose, is_urgent, not_before, link FROM messages;

{sqlite} DROP TABLE messages;

{sqlite} ALTER TABLE messages_wider RENAME TO messages;

{sqlite} CREATE INDEX messages_by_status ON messages (status, id);

{sqlite} CREATE INDEX messages_by_provider ON messages (provider, provider_id);

-- Короткий текст письма для Telegram и для уведомления в браузере.
ALTER TABLE letter_templates ADD COLUMN telegram {longtext} NULL;

ALTER TABLE letter_templates ADD COLUMN push {longtext} NULL;
