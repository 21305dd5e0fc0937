-- Галерея, значения характеристик, избранное, просмотренное.
CREATE TABLE product_media (
  id {id},
  product_id BIGINT NOT NULL,
  kind VARCHAR(20) NOT NULL,
  url VARCHAR(500) NOT NULL,
  alt VARCHAR(255) NOT NULL,
  position BIGINT NOT NULL,
  created_at {time} NOT NULL,
  CONSTRAINT product_media_product FOREIGN KEY (product_id) REFERENCES products (id),
  CONSTRAINT product_media_kind CHECK (kind IN ('image', 'video', 'model_3d', 'document', 'sketch'))
);

CREATE INDEX product_media_by_product ON product_media (product_id, position);

CREATE TABLE attribute_values (
  id {id},
  product_id BIGINT NOT NULL,
  attribute_id BIGINT NOT NULL,
  choice_id BIGINT NULL,
  value_key VARCHAR(200) NOT NULL,
  text_value VARCHAR(1000) NULL,
  number_value BIGINT NULL,
  CONSTRAINT attribute_values_key UNIQUE (product_id, attribute_id, value_key),
  CONSTRAINT attribute_values_product FOREIGN KEY (product_id) REFERENCES products (id),
  CONSTRAINT attribute_values_attribute FOREIGN KEY (attribute_id) REFERENCES attributes (id),
  CONSTRAINT attribute_values_choice FOREIGN KEY (choice_id) REFERENCES attribute_choices (id)
);

CREATE INDEX attribute_values_by_value ON attribute_values (attribute_id, value_key, product_id);

CREATE INDEX attribute_values_by_choice ON attribute_values (choice_id);

CREATE TABLE favourites (
  user_id BIGINT NOT NULL,
  product_id BIGINT NOT NULL,
  created_at {time} NOT NULL,
  PRIMARY KEY (user_id, product_id),
  CONSTRAINT favourites_product FOREIGN KEY (product_id) REFERENCES products (id)
);

CREATE INDEX favourites_by_product ON favourites (product_id);

CREATE TABLE recent_views (
  user_id BIGINT NOT NULL,
  product_id BIGINT NOT NULL,
  viewed_at {time} NOT NULL,
  PRIMARY KEY (user_id, product_id),
  CONSTRAINT recent_views_product FOREIGN KEY (product_id) REFERENCES products (id)
);

CREATE INDEX recent_views_by_product ON recent_views (product_id);
