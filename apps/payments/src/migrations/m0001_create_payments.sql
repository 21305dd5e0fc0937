-- Платежи, их история, возвраты, принятые уведомления.
CREATE TABLE payments (
  id {id},
  public_id {uuid} NOT NULL,
  subject_kind VARCHAR(60) NOT NULL,
  subject_id VARCHAR(60) NOT NULL,
  open_subject VARCHAR(121) NULL,
  user_id BIGINT NULL,
  provider VARCHAR(20) NOT NULL,
  provider_payment_id VARCHAR(100) NULL,
  idempotence_key VARCHAR(64) NOT NULL,
  status VARCHAR(20) NOT NULL,
  reason VARCHAR(100) NULL,
  amount BIGINT NOT NULL,
  captured BIGINT NOT NULL,
  refunded BIGINT NOT NULL,
  currency VARCHAR(3) NOT NULL,
  description VARCHAR(128) NOT NULL,
  return_url VARCHAR(500) NOT NULL,
  confirmation_url VARCHAR(1000) NULL,
  register_attempted_at {time} NULL,
  capture_requested_at {time} NULL,
  expires_at {time} NULL,
  next_check_at {time} NULL,
  checks INT NOT NULL,
  synced_at {time} NULL,
  paid_at {time} NULL,
  created_at {time} NOT NULL,
  updated_at {time} NOT NULL,
  CONSTRAINT payments_public_id UNIQUE (public_id),
  CONSTRAINT payments_one_open UNIQUE (open_subject),
  CONSTRAINT payments_idempotence_key UNIQUE (idempotence_key),
  CONSTRAINT payments_provider_payment UNIQUE (provider, provider_payment_id),
  CONSTRAINT payments_user FOREIGN KEY (user_id) REFERENCES users (id),
  CONSTRAINT payments_status CHECK (status IN ('pending', 'waiting_for_capture', 'succeeded', 'cancelled', 'failed', 'attention')),
  CONSTRAINT payments_amount CHECK (amount > 0),
  CONSTRAINT payments_sums CHECK (refunded >= 0 AND refunded <= captured AND captured <= amount),
  CONSTRAINT payments_captured CHECK ((status = 'succeeded' AND captured > 0) OR (status <> 'succeeded' AND captured = 0))
);

CREATE INDEX payments_by_subject ON payments (subject_kind, subject_id, id);

CREATE INDEX payments_by_user ON payments (user_id, id);

CREATE INDEX payments_by_status ON payments (status, id);

CREATE INDEX payments_due ON payments (next_check_at);

CREATE TABLE payment_events (
  id {id},
  payment_id BIGINT NOT NULL,
  kind VARCHAR(30) NOT NULL,
  amount BIGINT NULL,
  note VARCHAR(500) NOT NULL,
  actor VARCHAR(60) NOT NULL,
  created_at {time} NOT NULL,
  CONSTRAINT payment_events_payment FOREIGN KEY (payment_id) REFERENCES payments (id)
);

CREATE INDEX payment_events_by_payment ON payment_events (payment_id, id);

CREATE TABLE refunds (
  id {id},
  payment_id BIGINT NOT NULL,
  refund_key VARCHAR(100) NOT NULL,
  idempotence_key VARCHAR(64) NOT NULL,
  provider_refund_id VARCHAR(100) NULL,
  status VARCHAR(20) NOT NULL,
  amount BIGINT NOT NULL,
  reason VARCHAR(250) NOT NULL,
  actor VARCHAR(60) NOT NULL,
  created_at {time} NOT NULL,
  updated_at {time} NOT NULL,
  CONSTRAINT refunds_key UNIQUE (payment_id, refund_key),
  CONSTRAINT refunds_idempotence_key UNIQUE (idempotence_key),
  CONSTRAINT refunds_payment FOREIGN KEY (payment_id) REFERENCES payments (id),
  CONSTRAINT refunds_status CHECK (status IN ('pending', 'succeeded', 'failed')),
  CONSTRAINT refunds_amount CHECK (amount > 0)
);

CREATE TABLE payment_notifications (
  id {id},
  provider VARCHAR(20) NOT NULL,
  event_id VARCHAR(200) NOT NULL,
  payment_id BIGINT NOT NULL,
  processed_at {time} NULL,
  created_at {time} NOT NULL,
  CONSTRAINT payment_notifications_event UNIQUE (provider, event_id),
  CONSTRAINT payment_notifications_payment FOREIGN KEY (payment_id) REFERENCES payments (id)
);

CREATE INDEX payment_notifications_by_age ON payment_notifications (created_at);
