-- Один платёж за несколько предметов (заказы, оформленные вместе): чья какая доля. Нет строк — платёж целиком за свой предмет.
CREATE TABLE payment_parts (
  id {id},
  payment_id BIGINT NOT NULL,
  subject_kind VARCHAR(60) NOT NULL,
  subject_id VARCHAR(60) NOT NULL,
  amount BIGINT NOT NULL,
  refunded BIGINT NOT NULL,
  CONSTRAINT payment_parts_once UNIQUE (payment_id, subject_kind, subject_id),
  CONSTRAINT payment_parts_of FOREIGN KEY (payment_id) REFERENCES payments (id),
  CONSTRAINT payment_parts_amounts CHECK (amount > 0 AND refunded >= 0 AND refunded <= amount)
);

-- Из чьей доли возврат.
ALTER TABLE refunds ADD COLUMN part_kind VARCHAR(60) NULL;

ALTER TABLE refunds ADD COLUMN part_id VARCHAR(60) NULL;
