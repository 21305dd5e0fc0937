-- Корзина человека или гостя. Ключ гостя (128 бит) в базе не лежит, только его SHA-256.
CREATE TABLE carts (
  id {id},
  user_id BIGINT NULL UNIQUE,
  token_hash VARCHAR(64) NULL UNIQUE,
  created_at {time} NOT NULL,
  updated_at {time} NOT NULL,
  CONSTRAINT carts_user FOREIGN KEY (user_id) REFERENCES users (id),
  CONSTRAINT carts_owner CHECK ((user_id IS NULL) <> (token_hash IS NULL))
);

-- Одна строка на вариант. price — цена, которую покупатель видел, когда менял строку: от неё отсчитываются сообщения о переменах.
CREATE TABLE cart_items (
  id {id},
  cart_id BIGINT NOT NULL,
  variant_id BIGINT NOT NULL,
  quantity BIGINT NOT NULL,
  price BIGINT NOT NULL,
  created_at {time} NOT NULL,
  updated_at {time} NOT NULL,
  CONSTRAINT cart_items_once UNIQUE (cart_id, variant_id),
  CONSTRAINT cart_items_quantity CHECK (quantity >= 1 AND quantity <= 10000),
  CONSTRAINT cart_items_cart FOREIGN KEY (cart_id) REFERENCES carts (id) ON DELETE CASCADE,
  CONSTRAINT cart_items_variant FOREIGN KEY (variant_id) REFERENCES variants (id)
);

CREATE INDEX cart_items_by_variant ON cart_items (variant_id);
