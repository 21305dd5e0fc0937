-- Номер сеанса для страниц сотрудника: сам UUID — ключ посетителя, в адресах и журналах ему не место. Прежним сеансам достаётся номер их первого
-- события (у каждого своё), новым — случайный.
ALTER TABLE campaign_sessions ADD COLUMN number BIGINT NOT NULL DEFAULT 0;

UPDATE campaign_sessions SET number = (SELECT MIN(e.id) FROM campaign_view_events e WHERE e.session_id = campaign_sessions.id);

CREATE UNIQUE INDEX campaign_sessions_number ON campaign_sessions (number);

-- Список сеансов, новые первыми: весь и одной кампании.
CREATE INDEX campaign_sessions_by_time ON campaign_sessions (created_at, number);

CREATE INDEX campaign_sessions_by_campaign ON campaign_sessions (campaign_id, created_at, number);
