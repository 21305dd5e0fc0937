CREATE TABLE pages (
  id {id},
  slug VARCHAR(100) NOT NULL UNIQUE,
  title VARCHAR(255) NOT NULL,
  content {longtext} NOT NULL,
  is_published BOOLEAN NOT NULL,
  seo_title VARCHAR(255) NOT NULL,
  seo_description VARCHAR(500) NOT NULL,
  created_at {time} NOT NULL,
  updated_at {time} NOT NULL
);

CREATE TABLE splash_notifications (
  id {id},
  text VARCHAR(120) NOT NULL,
  is_active BOOLEAN NOT NULL,
  created_at {time} NOT NULL,
  updated_at {time} NOT NULL
);
