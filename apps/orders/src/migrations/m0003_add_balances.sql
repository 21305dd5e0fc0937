-- Задаток: deposit_amount — первый платёж, если он меньше final_amount; balance_amount — сколько осталось спросить вторым (уменьшается, если
-- магазин отменил строку). checkout — заказы, оформленные одной корзиной; joint_payment — они и оплачиваются одним платежом.
ALTER TABLE orders ADD COLUMN checkout VARCHAR(32) NULL;

ALTER TABLE orders ADD COLUMN joint_payment BOOLEAN NOT NULL DEFAULT FALSE;

ALTER TABLE orders ADD COLUMN deposit_amount BIGINT NULL CHECK (deposit_amount IS NULL OR (deposit_amount > 0 AND deposit_amount < final_amount));

ALTER TABLE orders ADD COLUMN balance_amount BIGINT NOT NULL DEFAULT 0 CHECK (balance_amount >= 0 AND (balance_amount = 0 OR (deposit_amount IS NOT NULL AND balance_amount <= final_amount - deposit_amount)));

ALTER TABLE orders ADD COLUMN balance_payment_id BIGINT NULL;

ALTER TABLE orders ADD COLUMN balance_asked_at {time} NULL;

ALTER TABLE orders ADD COLUMN balance_paid_at {time} NULL CHECK (balance_paid_at IS NULL OR balance_payment_id IS NOT NULL);

CREATE INDEX orders_by_checkout ON orders (checkout);

-- Сколько от строки (за вычетом скидки) платят потом; когда магазин отменил строку.
ALTER TABLE order_items ADD COLUMN balance_amount BIGINT NOT NULL DEFAULT 0 CHECK (balance_amount >= 0 AND balance_amount <= amount - discount_amount);

ALTER TABLE order_items ADD COLUMN cancelled_at {time} NULL;
