-- Волна: столько-то мест под пошив. current_count — занятые места; больше вместимости занять не даст и сама база.
CREATE TABLE preorder_waves (
  id {id},
  product_id BIGINT NOT NULL,
  wave_number INT NOT NULL,
  capacity BIGINT NOT NULL,
  current_count BIGINT NOT NULL,
  status VARCHAR(20) NOT NULL,
  status_message VARCHAR(1000) NOT NULL,
  is_completed BOOLEAN NOT NULL,
  price BIGINT NULL,
  min_count BIGINT NULL,
  closes_at {time} NULL,
  closed_at {time} NULL,
  ships_at {time} NULL,
  created_at {time} NOT NULL,
  updated_at {time} NOT NULL,
  completed_at {time} NULL,
  CONSTRAINT preorder_waves_number UNIQUE (product_id, wave_number),
  CONSTRAINT preorder_waves_product FOREIGN KEY (product_id) REFERENCES products (id) ON DELETE CASCADE,
  CONSTRAINT preorder_waves_status CHECK (status IN ('collecting', 'production', 'tracking', 'shipping', 'completed', 'cancelled')),
  CONSTRAINT preorder_waves_count CHECK (wave_number >= 1 AND capacity >= 1 AND current_count >= 0 AND current_count <= capacity),
  CONSTRAINT preorder_waves_price CHECK (price IS NULL OR price > 0),
  CONSTRAINT preorder_waves_minimum CHECK (min_count IS NULL OR (min_count >= 1 AND min_count <= capacity))
);

CREATE INDEX preorder_waves_by_close ON preorder_waves (status, closes_at);

-- Занятые места: чьи (заказ или предложение из листа ожидания), по какой строке, сколько.
CREATE TABLE preorder_seats (
  id {id},
  wave_id BIGINT NOT NULL,
  owner_kind VARCHAR(60) NOT NULL,
  owner_id VARCHAR(60) NOT NULL,
  line BIGINT NOT NULL,
  quantity BIGINT NOT NULL,
  state VARCHAR(20) NOT NULL,
  created_at {time} NOT NULL,
  updated_at {time} NOT NULL,
  CONSTRAINT preorder_seats_wave FOREIGN KEY (wave_id) REFERENCES preorder_waves (id),
  CONSTRAINT preorder_seats_quantity CHECK (quantity >= 1),
  CONSTRAINT preorder_seats_state CHECK (state IN ('claimed', 'released'))
);

CREATE INDEX preorder_seats_by_owner ON preorder_seats (owner_kind, owner_id, state);

CREATE INDEX preorder_seats_by_wave ON preorder_seats (wave_id, state, id);

-- О чём заказу уже сообщили: одна строка на заказ, волну и состояние, поэтому дважды не сообщат никогда.
CREATE TABLE preorder_statuses (
  id {id},
  wave_id BIGINT NOT NULL,
  owner_kind VARCHAR(60) NOT NULL,
  owner_id VARCHAR(60) NOT NULL,
  status VARCHAR(20) NOT NULL,
  status_message VARCHAR(1000) NOT NULL,
  created_at {time} NOT NULL,
  updated_at {time} NOT NULL,
  CONSTRAINT preorder_statuses_once UNIQUE (wave_id, status, owner_kind, owner_id),
  CONSTRAINT preorder_statuses_wave FOREIGN KEY (wave_id) REFERENCES preorder_waves (id),
  CONSTRAINT preorder_statuses_status CHECK (status IN ('collecting', 'production', 'tracking', 'shipping', 'completed', 'cancelled'))
);

CREATE INDEX preorder_statuses_by_owner ON preorder_statuses (owner_kind, owner_id, id);

-- Лист ожидания. active_key занят, пока человек ждёт или думает над предложением: второй раз в тот же лист не встать.
CREATE TABLE preorder_waiting (
  id {id},
  product_id BIGINT NOT NULL,
  user_id BIGINT NOT NULL,
  quantity BIGINT NOT NULL,
  status VARCHAR(20) NOT NULL,
  active_key VARCHAR(60) NULL,
  offered_until {time} NULL,
  created_at {time} NOT NULL,
  updated_at {time} NOT NULL,
  CONSTRAINT preorder_waiting_active UNIQUE (active_key),
  CONSTRAINT preorder_waiting_product FOREIGN KEY (product_id) REFERENCES products (id) ON DELETE CASCADE,
  CONSTRAINT preorder_waiting_user FOREIGN KEY (user_id) REFERENCES users (id),
  CONSTRAINT preorder_waiting_status CHECK (status IN ('waiting', 'offered', 'bought', 'expired', 'left')),
  CONSTRAINT preorder_waiting_offer CHECK ((status = 'offered' AND offered_until IS NOT NULL) OR (status <> 'offered' AND offered_until IS NULL)),
  CONSTRAINT preorder_waiting_quantity CHECK (quantity >= 1)
);

CREATE INDEX preorder_waiting_queue ON preorder_waiting (product_id, status, id);

CREATE INDEX preorder_waiting_by_user ON preorder_waiting (user_id, status);

CREATE INDEX preorder_waiting_by_deadline ON preorder_waiting (status, offered_until);
