-- Дерево разделов, бренды, описания характеристик.
CREATE TABLE categories (
  id {id},
  parent_id BIGINT NULL,
  name VARCHAR(200) NOT NULL,
  slug VARCHAR(200) NOT NULL UNIQUE,
  description {longtext} NOT NULL,
  image_url VARCHAR(500) NULL,
  icon VARCHAR(500) NULL,
  position BIGINT NOT NULL,
  is_visible BOOLEAN NOT NULL,
  is_popular BOOLEAN NOT NULL,
  seo_title VARCHAR(255) NOT NULL,
  seo_description VARCHAR(500) NOT NULL,
  created_at {time} NOT NULL,
  updated_at {time} NOT NULL,
  CONSTRAINT categories_parent FOREIGN KEY (parent_id) REFERENCES categories (id)
);

CREATE INDEX categories_by_parent ON categories (parent_id, position);

CREATE TABLE brands (
  id {id},
  name VARCHAR(200) NOT NULL,
  slug VARCHAR(200) NOT NULL UNIQUE,
  description {longtext} NOT NULL,
  image_url VARCHAR(500) NULL,
  position BIGINT NOT NULL,
  created_at {time} NOT NULL,
  updated_at {time} NOT NULL
);

CREATE TABLE attributes (
  id {id},
  name VARCHAR(200) NOT NULL,
  slug VARCHAR(100) NOT NULL UNIQUE,
  kind VARCHAR(20) NOT NULL,
  unit VARCHAR(30) NULL,
  is_filterable BOOLEAN NOT NULL,
  position BIGINT NOT NULL,
  created_at {time} NOT NULL,
  updated_at {time} NOT NULL,
  CONSTRAINT attributes_kind CHECK (kind IN ('text', 'number', 'boolean', 'choice'))
);

CREATE TABLE attribute_choices (
  id {id},
  attribute_id BIGINT NOT NULL,
  title VARCHAR(200) NOT NULL,
  slug VARCHAR(200) NOT NULL,
  position BIGINT NOT NULL,
  CONSTRAINT attribute_choices_slug UNIQUE (attribute_id, slug),
  CONSTRAINT attribute_choices_attribute FOREIGN KEY (attribute_id) REFERENCES attributes (id)
);
