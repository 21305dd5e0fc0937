-- Складские позиции, варианты товара, журнал движений, занятое заказами.
-- available — сколько можно продать; это on_hand - reserved, но не меньше нуля (on_hand уходит в минус после обмена с учётом).
CREATE TABLE inventory_items (
  id {id},
  product_id BIGINT NOT NULL,
  code VARCHAR(500) NOT NULL,
  on_hand BIGINT NOT NULL,
  reserved BIGINT NOT NULL,
  available BIGINT NOT NULL,
  CONSTRAINT inventory_items_code UNIQUE (product_id, code),
  CONSTRAINT inventory_items_product FOREIGN KEY (product_id) REFERENCES products (id),
  CONSTRAINT inventory_items_reserved CHECK (reserved >= 0),
  CONSTRAINT inventory_items_available CHECK (available >= 0),
  CONSTRAINT inventory_items_balance CHECK (available = 0 OR available = on_hand - reserved)
);

CREATE TABLE variants (
  id {id},
  product_id BIGINT NOT NULL,
  inventory_item_id BIGINT NOT NULL,
  variant_key VARCHAR(500) NOT NULL,
  title VARCHAR(200) NOT NULL,
  size VARCHAR(50) NULL,
  options {longtext} NOT NULL,
  article VARCHAR(100) NULL,
  article_key VARCHAR(100) NULL UNIQUE,
  barcode VARCHAR(64) NULL,
  price BIGINT NULL,
  price_delta BIGINT NULL,
  weight BIGINT NULL,
  position BIGINT NOT NULL,
  is_active BOOLEAN NOT NULL,
  created_at {time} NOT NULL,
  updated_at {time} NOT NULL,
  CONSTRAINT variants_variant_key UNIQUE (product_id, variant_key),
  CONSTRAINT variants_product FOREIGN KEY (product_id) REFERENCES products (id),
  CONSTRAINT variants_inventory_item FOREIGN KEY (inventory_item_id) REFERENCES inventory_items (id),
  CONSTRAINT variants_price CHECK (price IS NULL OR (price > 0 AND price_delta IS NULL))
);

CREATE INDEX variants_by_inventory_item ON variants (inventory_item_id);

CREATE INDEX variants_by_barcode ON variants (barcode);

CREATE TABLE stock_movements (
  id {id},
  inventory_item_id BIGINT NOT NULL,
  kind VARCHAR(20) NOT NULL,
  on_hand_delta BIGINT NOT NULL,
  reserved_delta BIGINT NOT NULL,
  owner_kind VARCHAR(60) NULL,
  owner_id VARCHAR(60) NULL,
  reason VARCHAR(300) NOT NULL,
  actor VARCHAR(60) NOT NULL,
  created_at {time} NOT NULL,
  CONSTRAINT stock_movements_item FOREIGN KEY (inventory_item_id) REFERENCES inventory_items (id),
  CONSTRAINT stock_movements_signs CHECK (
    (kind = 'receipt' AND on_hand_delta > 0 AND reserved_delta = 0)
    OR (kind = 'return' AND on_hand_delta > 0 AND reserved_delta = 0)
    OR (kind = 'adjust' AND on_hand_delta <> 0 AND reserved_delta = 0)
    OR (kind = 'sale' AND on_hand_delta < 0 AND reserved_delta = on_hand_delta)
    OR (kind = 'reserve' AND on_hand_delta = 0 AND reserved_delta > 0)
    OR (kind = 'release' AND on_hand_delta = 0 AND reserved_delta < 0))
);

CREATE INDEX stock_movements_by_item ON stock_movements (inventory_item_id, id);

CREATE TABLE stock_claims (
  id {id},
  owner_kind VARCHAR(60) NOT NULL,
  owner_id VARCHAR(60) NOT NULL,
  inventory_item_id BIGINT NOT NULL,
  quantity BIGINT NOT NULL,
  restocked BIGINT NOT NULL,
  state VARCHAR(20) NOT NULL,
  created_at {time} NOT NULL,
  updated_at {time} NOT NULL,
  CONSTRAINT stock_claims_item FOREIGN KEY (inventory_item_id) REFERENCES inventory_items (id),
  CONSTRAINT stock_claims_state CHECK (state IN ('held', 'released', 'sold')),
  CONSTRAINT stock_claims_quantity CHECK (quantity > 0),
  CONSTRAINT stock_claims_restocked CHECK (restocked = 0 OR (state = 'sold' AND restocked > 0 AND restocked <= quantity))
);

CREATE INDEX stock_claims_by_owner ON stock_claims (owner_kind, owner_id);

CREATE INDEX stock_claims_by_item ON stock_claims (inventory_item_id, id);
