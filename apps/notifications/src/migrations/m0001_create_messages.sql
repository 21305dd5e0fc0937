CREATE TABLE messages (
  id {id},
  channel VARCHAR(10) NOT NULL,
  recipient VARCHAR(254) NOT NULL,
  template VARCHAR(100) NOT NULL,
  subject VARCHAR(300) NOT NULL,
  body {longtext} NOT NULL,
  is_secret BOOLEAN NOT NULL,
  status VARCHAR(10) NOT NULL,
  error VARCHAR(1000) NULL,
  created_at {time} NOT NULL,
  sent_at {time} NULL,
  CONSTRAINT messages_channel CHECK (channel IN ('email', 'sms')),
  CONSTRAINT messages_status CHECK (status IN ('waiting', 'sent', 'failed'))
);

CREATE INDEX messages_by_status ON messages (status, id);
