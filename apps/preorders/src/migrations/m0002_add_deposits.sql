-- Задаток: столько процентов цены платят сразу, остальное — когда сошьют. NULL — платят сразу всё.
ALTER TABLE preorder_waves ADD COLUMN deposit_percent INT NULL CHECK (deposit_percent IS NULL OR (deposit_percent >= 1 AND deposit_percent <= 99));
