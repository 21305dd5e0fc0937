-- Промокод. discount_percent — сотые процента; он важнее суммы. NULL в пределах и сроках — предела нет.
-- code_key — код в том виде, в котором его сравнивают. current_uses — кэш числа строк promo_uses в состоянии held.
CREATE TABLE promo_codes (
  id {id},
  code VARCHAR(50) NOT NULL,
  code_key VARCHAR(100) NOT NULL,
  description VARCHAR(500) NOT NULL,
  discount_percent BIGINT NOT NULL,
  discount_amount BIGINT NOT NULL,
  max_uses BIGINT NULL,
  max_uses_per_customer BIGINT NULL,
  current_uses BIGINT NOT NULL,
  min_sum BIGINT NULL,
  kinds VARCHAR(100) NOT NULL,
  valid_from {time} NULL,
  valid_until {time} NULL,
  is_active BOOLEAN NOT NULL,
  created_at {time} NOT NULL,
  updated_at {time} NOT NULL,
  CONSTRAINT promo_codes_code_key UNIQUE (code_key),
  CONSTRAINT promo_codes_discount CHECK (discount_percent >= 0 AND discount_percent <= 10000 AND discount_amount >= 0 AND discount_percent + discount_amount > 0),
  CONSTRAINT promo_codes_uses CHECK (current_uses >= 0 AND (max_uses IS NULL OR current_uses <= max_uses)),
  CONSTRAINT promo_codes_limits CHECK (max_uses >= 1 AND max_uses_per_customer >= 1 AND min_sum >= 0),
  CONSTRAINT promo_codes_period CHECK (valid_from <= valid_until)
);

-- На что действует код: товары и разделы. Внешних ключей в каталог нет нарочно: удалённый товар остаётся в списке и просто ничего
-- не покрывает, а не превращает код «на этот товар» в код «на всё».
CREATE TABLE promo_targets (
  promo_id BIGINT NOT NULL,
  kind VARCHAR(10) NOT NULL,
  target_id BIGINT NOT NULL,
  PRIMARY KEY (promo_id, kind, target_id),
  CONSTRAINT promo_targets_promo FOREIGN KEY (promo_id) REFERENCES promo_codes (id),
  CONSTRAINT promo_targets_kind CHECK (kind IN ('product', 'category'))
);

-- Использование: одна строка на владельца (заказ). Телефон и почта — отпечатками, по ним узнаётся тот же покупатель.
CREATE TABLE promo_uses (
  id {id},
  promo_id BIGINT NOT NULL,
  owner_kind VARCHAR(60) NOT NULL,
  owner_id VARCHAR(60) NOT NULL,
  user_id BIGINT NULL,
  phone_key VARCHAR(40) NULL,
  email_key VARCHAR(40) NULL,
  discount_amount BIGINT NOT NULL,
  state VARCHAR(20) NOT NULL,
  created_at {time} NOT NULL,
  released_at {time} NULL,
  CONSTRAINT promo_uses_owner UNIQUE (owner_kind, owner_id),
  CONSTRAINT promo_uses_promo FOREIGN KEY (promo_id) REFERENCES promo_codes (id),
  CONSTRAINT promo_uses_user FOREIGN KEY (user_id) REFERENCES users (id),
  CONSTRAINT promo_uses_discount CHECK (discount_amount > 0),
  CONSTRAINT promo_uses_state CHECK ((state = 'held' AND released_at IS NULL) OR (state = 'released' AND released_at IS NOT NULL))
);

CREATE INDEX promo_uses_by_promo ON promo_uses (promo_id, state);

CREATE INDEX promo_uses_by_user ON promo_uses (user_id);

-- Сколько раз код сейчас занят покупателем. customer — 'user:17', отпечаток телефона или почты.
CREATE TABLE promo_customers (
  promo_id BIGINT NOT NULL,
  customer VARCHAR(40) NOT NULL,
  uses BIGINT NOT NULL,
  PRIMARY KEY (promo_id, customer),
  CONSTRAINT promo_customers_promo FOREIGN KEY (promo_id) REFERENCES promo_codes (id),
  CONSTRAINT promo_customers_uses CHECK (uses >= 0)
);
