-- attempted_at — отправку начали, а чем она кончилась, ещё не записано: повторять вслепую — платить за вторую SMS.
ALTER TABLE messages ADD COLUMN attempted_at {time} NULL;

ALTER TABLE messages ADD COLUMN provider VARCHAR(20) NULL;

ALTER TABLE messages ADD COLUMN provider_id VARCHAR(100) NULL;

-- Что сказал оператор: sent — в пути, delivered — у человека, undelivered — не дошло.
ALTER TABLE messages ADD COLUMN delivery VARCHAR(20) NULL;

CREATE INDEX messages_by_provider ON messages (provider, provider_id);
