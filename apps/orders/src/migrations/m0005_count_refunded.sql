-- Сколько штук строки уже вернули деньгами (или обещали вернуть) и сколько из них снова у магазина: не поехали или вернулись на склад.
ALTER TABLE order_items ADD COLUMN refunded_quantity BIGINT NOT NULL DEFAULT 0 CHECK (refunded_quantity >= 0 AND refunded_quantity <= quantity);

ALTER TABLE order_items ADD COLUMN restocked_quantity BIGINT NOT NULL DEFAULT 0 CHECK (restocked_quantity >= 0 AND restocked_quantity <= quantity);

-- Просьбы вернуть деньги за штуки; refunded_quantity — сумма живых строк. refund_key — имя просьбы у платежей: отказали — штуки возвращаются.
CREATE TABLE order_refund_lines (
  id {id},
  order_id BIGINT NOT NULL,
  item_id BIGINT NOT NULL,
  refund_key VARCHAR(100) NOT NULL,
  quantity BIGINT NOT NULL,
  created_at {time} NOT NULL,
  released_at {time} NULL,
  CONSTRAINT order_refund_lines_once UNIQUE (refund_key, item_id),
  CONSTRAINT order_refund_lines_item FOREIGN KEY (item_id) REFERENCES order_items (id),
  CONSTRAINT order_refund_lines_quantity CHECK (quantity > 0)
);

CREATE INDEX order_refund_lines_by_item ON order_refund_lines (item_id);

-- До этого шага штук не помнили: у возвращённых целиком заказов и отменённых оплаченных строк возвращено всё.
INSERT INTO order_refund_lines (order_id, item_id, refund_key, quantity, created_at)
SELECT i.order_id, i.id, CONCAT('order:', i.order_id, ':whole'), i.quantity, o.updated_at FROM order_items i JOIN orders o ON o.id = i.order_id
WHERE o.payment_status = 'refunded' OR (i.cancelled_at IS NOT NULL AND o.paid_at IS NOT NULL);

UPDATE order_items SET refunded_quantity = quantity WHERE id IN (SELECT item_id FROM order_refund_lines);
