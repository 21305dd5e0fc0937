CREATE TABLE %app%_items (
  id {id},
  user_id BIGINT NOT NULL,
  title VARCHAR(200) NOT NULL,
  created_at {time} NOT NULL,
  CONSTRAINT %app%_items_once UNIQUE (user_id, title),
  CONSTRAINT %app%_items_user FOREIGN KEY (user_id) REFERENCES users (id)
);
