-- Чеки 54-ФЗ. Строки чека лежат при платеже и возврате в JSON: по ним собирают чеки возвратов; адреса покупателя — отдельно, их стирают.
ALTER TABLE payments ADD COLUMN subject_number VARCHAR(60) NULL;

ALTER TABLE payments ADD COLUMN receipt_lines {longtext} NULL;

ALTER TABLE payments ADD COLUMN customer_email VARCHAR(254) NULL;

ALTER TABLE payments ADD COLUMN customer_phone VARCHAR(20) NULL;

ALTER TABLE refunds ADD COLUMN receipt_parts {longtext} NULL;

-- Второй чек: предоплаченное передано покупателю. Один на платёж.
CREATE TABLE settlement_receipts (
  id {id},
  payment_id BIGINT NOT NULL,
  idempotence_key VARCHAR(64) NOT NULL,
  provider_receipt_id VARCHAR(100) NULL,
  status VARCHAR(20) NOT NULL,
  reason VARCHAR(500) NULL,
  amount BIGINT NOT NULL,
  receipt_lines {longtext} NOT NULL,
  created_at {time} NOT NULL,
  updated_at {time} NOT NULL,
  CONSTRAINT settlement_receipts_payment UNIQUE (payment_id),
  CONSTRAINT settlement_receipts_key UNIQUE (idempotence_key),
  CONSTRAINT settlement_receipts_of FOREIGN KEY (payment_id) REFERENCES payments (id),
  CONSTRAINT settlement_receipts_status CHECK (status IN ('pending', 'succeeded', 'failed')),
  CONSTRAINT settlement_receipts_amount CHECK (amount > 0)
);
