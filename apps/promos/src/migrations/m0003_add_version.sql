-- Версия условий: растёт с каждой правкой кода или его охвата.
ALTER TABLE promo_codes ADD COLUMN version BIGINT DEFAULT 0 NOT NULL;
