-- Товары. *_key — нормализованный текст (нижний регистр, ё→е): по нему ищут и проверяют единственность.
-- Вес в граммах, размеры в миллиметрах, срок изготовления в днях, цены в копейках.
CREATE TABLE products (
  id {id},
  name VARCHAR(255) NOT NULL,
  name_key VARCHAR(255) NOT NULL,
  slug VARCHAR(255) NOT NULL UNIQUE,
  article VARCHAR(100) NOT NULL,
  article_key VARCHAR(100) NOT NULL UNIQUE,
  kind VARCHAR(20) NOT NULL,
  order_type VARCHAR(20) NOT NULL,
  category_id BIGINT NULL,
  brand_id BIGINT NULL,
  price BIGINT NOT NULL,
  old_price BIGINT NULL,
  cost_price BIGINT NULL,
  currency VARCHAR(3) NOT NULL,
  vat_rate INT NULL,
  summary VARCHAR(500) NOT NULL,
  description {longtext} NOT NULL,
  materials {longtext} NOT NULL,
  equipment {longtext} NOT NULL,
  care_instructions {longtext} NOT NULL,
  size_table {longtext} NULL,
  tags {longtext} NOT NULL,
  unit VARCHAR(20) NOT NULL,
  weight BIGINT NULL,
  width BIGINT NULL,
  height BIGINT NULL,
  depth BIGINT NULL,
  manufacturing_time BIGINT NULL,
  preorder_waves_total BIGINT NOT NULL,
  preorder_wave_capacity BIGINT NOT NULL,
  current_wave BIGINT NOT NULL,
  current_wave_count BIGINT NOT NULL,
  priority BIGINT NOT NULL,
  popularity BIGINT NOT NULL,
  is_new BOOLEAN NOT NULL,
  is_popular BOOLEAN NOT NULL,
  is_active BOOLEAN NOT NULL,
  is_archived BOOLEAN NOT NULL,
  published_from {time} NULL,
  published_until {time} NULL,
  seo_title VARCHAR(255) NOT NULL,
  seo_description VARCHAR(500) NOT NULL,
  created_at {time} NOT NULL,
  updated_at {time} NOT NULL,
  CONSTRAINT products_category FOREIGN KEY (category_id) REFERENCES categories (id),
  CONSTRAINT products_brand FOREIGN KEY (brand_id) REFERENCES brands (id),
  CONSTRAINT products_kind CHECK (kind IN ('goods', 'digital', 'course', 'service')),
  CONSTRAINT products_order_type CHECK (order_type IN ('order', 'preorder', 'waiting')),
  CONSTRAINT products_price CHECK (price >= 0 AND (price > 0 OR is_active = FALSE)),
  CONSTRAINT products_other_prices CHECK ((old_price IS NULL OR old_price > 0) AND (cost_price IS NULL OR cost_price >= 0)),
  CONSTRAINT products_archived CHECK (is_archived = FALSE OR is_active = FALSE),
  CONSTRAINT products_waves CHECK (preorder_waves_total >= 0 AND preorder_wave_capacity >= 0 AND current_wave >= 1 AND current_wave_count >= 0)
);

CREATE INDEX products_by_priority ON products (is_active, priority, id);

CREATE INDEX products_by_price ON products (is_active, price, id);

CREATE INDEX products_by_created ON products (is_active, created_at, id);

CREATE INDEX products_by_name ON products (is_active, name_key, id);

CREATE INDEX products_by_popularity ON products (is_active, popularity, id);

CREATE INDEX products_by_category_priority ON products (category_id, is_active, priority, id);

CREATE INDEX products_by_category_price ON products (category_id, is_active, price, id);

CREATE INDEX products_by_category_created ON products (category_id, is_active, created_at, id);

CREATE INDEX products_by_brand ON products (brand_id, is_active, priority, id);
