-- Согласия на рассылку, данные до журнала: выбор человека и строка о том, что он был.
INSERT INTO consents (user_id, channel, purpose, is_given, document, source, ip, created_at)
  SELECT id, 'email', 'advertising', TRUE, '', 'before_journal', NULL, updated_at FROM users WHERE newsletter = TRUE;

INSERT INTO notification_preferences (user_id, channel, service, advertising, updated_at)
  SELECT id, 'email', TRUE, TRUE, updated_at FROM users WHERE newsletter = TRUE;
