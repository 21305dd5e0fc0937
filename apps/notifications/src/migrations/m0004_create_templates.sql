-- Тексты писем и SMS, какими их видит и правит сотрудник. Пока is_changed = FALSE, строка — копия вшитого текста, и отправка на неё не смотрит.
CREATE TABLE letter_templates (
  id {id},
  template VARCHAR(100) NOT NULL,
  lang VARCHAR(2) NOT NULL,
  title VARCHAR(200) NOT NULL,
  subject VARCHAR(1000) NULL,
  body {longtext} NULL,
  html {longtext} NULL,
  sms {longtext} NULL,
  is_changed BOOLEAN NOT NULL,
  updated_at {time} NOT NULL,
  CONSTRAINT letter_templates_once UNIQUE (template, lang)
);
