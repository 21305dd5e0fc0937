-- Заказ: всё, что обещано покупателю, — снимком. total = товары + доставка, final = total − скидка.
-- access_token открывает один заказ без входа; лежит открытым, потому что рядом лежит и всё, что он открывает.
CREATE TABLE orders (
  id {id},
  number VARCHAR(40) NOT NULL UNIQUE,
  access_token VARCHAR(32) NOT NULL UNIQUE,
  user_id BIGINT NULL,
  status VARCHAR(20) NOT NULL,
  payment_status VARCHAR(20) NOT NULL,
  payment_provider VARCHAR(30) NOT NULL,
  payment_id BIGINT NULL,
  currency VARCHAR(3) NOT NULL,
  items_amount BIGINT NOT NULL,
  delivery_amount BIGINT NOT NULL,
  discount_amount BIGINT NOT NULL,
  total_amount BIGINT NOT NULL,
  final_amount BIGINT NOT NULL,
  refunded_amount BIGINT NOT NULL,
  contact_name VARCHAR(310) NOT NULL,
  contact_phone VARCHAR(20) NOT NULL,
  contact_email VARCHAR(254) NOT NULL,
  comment VARCHAR(1000) NOT NULL,
  lang VARCHAR(2) NOT NULL,
  delivery_method VARCHAR(50) NULL,
  delivery_kind VARCHAR(20) NULL,
  delivery_title VARCHAR(200) NOT NULL,
  delivery_address VARCHAR(750) NOT NULL,
  postal_code VARCHAR(12) NULL,
  cdek_point VARCHAR(50) NULL,
  pickup_point_id BIGINT NULL,
  tracking_number VARCHAR(100) NULL,
  cancel_reason VARCHAR(300) NULL,
  expires_at {time} NULL,
  created_at {time} NOT NULL,
  updated_at {time} NOT NULL,
  paid_at {time} NULL,
  shipped_at {time} NULL,
  delivered_at {time} NULL,
  cancelled_at {time} NULL,
  CONSTRAINT orders_user FOREIGN KEY (user_id) REFERENCES users (id),
  CONSTRAINT orders_payment FOREIGN KEY (payment_id) REFERENCES payments (id),
  CONSTRAINT orders_status CHECK (status IN ('pending', 'paid', 'processing', 'shipped', 'delivered', 'installed', 'cancelled', 'returned')),
  CONSTRAINT orders_payment_status CHECK (payment_status IN ('pending', 'succeeded', 'cancelled', 'failed', 'refunded', 'attention')),
  CONSTRAINT orders_amounts CHECK (items_amount >= 0 AND delivery_amount >= 0 AND discount_amount >= 0 AND discount_amount <= items_amount),
  CONSTRAINT orders_total CHECK (total_amount = items_amount + delivery_amount AND final_amount = total_amount - discount_amount),
  CONSTRAINT orders_refunded CHECK (refunded_amount >= 0 AND refunded_amount <= final_amount),
  CONSTRAINT orders_paid CHECK (paid_at IS NULL OR payment_id IS NOT NULL)
);

CREATE INDEX orders_by_user ON orders (user_id, id);

CREATE INDEX orders_by_status ON orders (status, id);

-- Строки заказа: снимок товара. inventory_item_id NULL — остаток этой строки не ведётся (услуга, цифровой товар).
CREATE TABLE order_items (
  id {id},
  order_id BIGINT NOT NULL,
  product_id BIGINT NOT NULL,
  variant_id BIGINT NOT NULL,
  inventory_item_id BIGINT NULL,
  product_name VARCHAR(255) NOT NULL,
  article VARCHAR(100) NOT NULL,
  variant_title VARCHAR(200) NOT NULL,
  size VARCHAR(50) NULL,
  image_url VARCHAR(500) NULL,
  quantity BIGINT NOT NULL,
  price BIGINT NOT NULL,
  amount BIGINT NOT NULL,
  vat_rate INT NULL,
  weight BIGINT NULL,
  is_preorder BOOLEAN NOT NULL,
  preorder_wave INT NULL,
  created_at {time} NOT NULL,
  CONSTRAINT order_items_order FOREIGN KEY (order_id) REFERENCES orders (id),
  CONSTRAINT order_items_variant FOREIGN KEY (variant_id) REFERENCES variants (id),
  CONSTRAINT order_items_quantity CHECK (quantity >= 1 AND quantity <= 10000),
  CONSTRAINT order_items_amount CHECK (price > 0 AND amount = price * quantity)
);

CREATE INDEX order_items_by_order ON order_items (order_id, id);

CREATE INDEX order_items_by_variant ON order_items (variant_id);

-- История: кто, когда, что и почему. Само оформление строкой не пишется: его хранит orders.created_at.
CREATE TABLE order_history (
  id {id},
  order_id BIGINT NOT NULL,
  kind VARCHAR(20) NOT NULL,
  from_status VARCHAR(20) NULL,
  to_status VARCHAR(20) NULL,
  stage VARCHAR(50) NULL,
  reason VARCHAR(60) NULL,
  note VARCHAR(1000) NOT NULL,
  actor VARCHAR(60) NOT NULL,
  created_at {time} NOT NULL,
  CONSTRAINT order_history_order FOREIGN KEY (order_id) REFERENCES orders (id),
  CONSTRAINT order_history_kind CHECK (kind IN ('status', 'payment', 'stage', 'change'))
);

CREATE INDEX order_history_by_order ON order_history (order_id, id);

-- Этапы заказа (замер, проект, производство…): строка появляется, когда сотрудник назвал дату или отметил этап.
CREATE TABLE order_stages (
  order_id BIGINT NOT NULL,
  code VARCHAR(50) NOT NULL,
  planned_at {time} NULL,
  done_at {time} NULL,
  updated_at {time} NOT NULL,
  PRIMARY KEY (order_id, code),
  CONSTRAINT order_stages_order FOREIGN KEY (order_id) REFERENCES orders (id)
);
