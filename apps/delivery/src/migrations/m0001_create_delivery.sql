-- Способы доставки. price NULL: базовой цены нет, возим только в города из delivery_city_prices.
CREATE TABLE delivery_methods (
  id {id},
  code VARCHAR(50) NOT NULL UNIQUE,
  kind VARCHAR(20) NOT NULL,
  title VARCHAR(200) NOT NULL,
  description VARCHAR(1000) NOT NULL,
  price BIGINT NULL,
  free_from BIGINT NULL,
  min_sum BIGINT NULL,
  max_sum BIGINT NULL,
  days_min INT NULL,
  days_max INT NULL,
  is_active BOOLEAN NOT NULL,
  position INT NOT NULL,
  created_at {time} NOT NULL,
  updated_at {time} NOT NULL,
  CONSTRAINT delivery_methods_kind CHECK (kind IN ('courier', 'pickup', 'cdek')),
  CONSTRAINT delivery_methods_price CHECK (price >= 0),
  CONSTRAINT delivery_methods_sums CHECK (min_sum <= max_sum),
  CONSTRAINT delivery_methods_days CHECK (days_min <= days_max)
);

-- Цена города заменяет базовую вместе с порогом бесплатной доставки и сроком.
CREATE TABLE delivery_city_prices (
  id {id},
  method_id BIGINT NOT NULL,
  city VARCHAR(200) NOT NULL,
  city_normalized VARCHAR(200) NOT NULL,
  price BIGINT NOT NULL,
  free_from BIGINT NULL,
  days_min INT NULL,
  days_max INT NULL,
  CONSTRAINT delivery_city_prices_once UNIQUE (method_id, city_normalized),
  CONSTRAINT delivery_city_prices_price CHECK (price >= 0),
  CONSTRAINT delivery_city_prices_days CHECK (days_min <= days_max),
  CONSTRAINT delivery_city_prices_method FOREIGN KEY (method_id) REFERENCES delivery_methods (id) ON DELETE CASCADE
);

CREATE TABLE pickup_points (
  id {id},
  code VARCHAR(50) NOT NULL UNIQUE,
  title VARCHAR(200) NOT NULL,
  city VARCHAR(200) NOT NULL,
  city_normalized VARCHAR(200) NOT NULL,
  address VARCHAR(500) NOT NULL,
  phone VARCHAR(20) NOT NULL,
  worktime VARCHAR(500) NOT NULL,
  longitude DOUBLE PRECISION NULL,
  latitude DOUBLE PRECISION NULL,
  is_active BOOLEAN NOT NULL,
  position INT NOT NULL,
  created_at {time} NOT NULL,
  updated_at {time} NOT NULL
);

CREATE INDEX pickup_points_by_city ON pickup_points (city_normalized, position);
