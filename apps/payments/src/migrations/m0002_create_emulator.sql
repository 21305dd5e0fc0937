-- Эмулятор: память «чужой» платёжной системы. Эти таблицы читает и пишет только папка emulator.
CREATE TABLE emulator_payments (
  id {id},
  gateway_id VARCHAR(40) NOT NULL,
  idempotence_key VARCHAR(64) NOT NULL,
  reference {uuid} NOT NULL,
  status VARCHAR(20) NOT NULL,
  reason VARCHAR(40) NULL,
  amount BIGINT NOT NULL,
  refunded BIGINT NOT NULL,
  currency VARCHAR(3) NOT NULL,
  is_two_stage BOOLEAN NOT NULL,
  faults VARCHAR(200) NOT NULL,
  expires_at {time} NULL,
  paid_at {time} NULL,
  created_at {time} NOT NULL,
  CONSTRAINT emulator_payments_gateway_id UNIQUE (gateway_id),
  CONSTRAINT emulator_payments_key UNIQUE (idempotence_key),
  CONSTRAINT emulator_payments_status CHECK (status IN ('pending', 'waiting_for_capture', 'succeeded', 'canceled')),
  CONSTRAINT emulator_payments_sums CHECK (amount > 0 AND refunded >= 0 AND refunded <= amount)
);

CREATE TABLE emulator_refunds (
  id {id},
  gateway_id VARCHAR(40) NOT NULL,
  idempotence_key VARCHAR(64) NOT NULL,
  emulator_payment_id BIGINT NOT NULL,
  amount BIGINT NOT NULL,
  created_at {time} NOT NULL,
  CONSTRAINT emulator_refunds_gateway_id UNIQUE (gateway_id),
  CONSTRAINT emulator_refunds_key UNIQUE (idempotence_key),
  CONSTRAINT emulator_refunds_payment FOREIGN KEY (emulator_payment_id) REFERENCES emulator_payments (id),
  CONSTRAINT emulator_refunds_amount CHECK (amount > 0)
);

CREATE TABLE emulator_faults (
  fault VARCHAR(20) NOT NULL PRIMARY KEY,
  remaining INT NOT NULL,
  CONSTRAINT emulator_faults_remaining CHECK (remaining >= 0)
);
