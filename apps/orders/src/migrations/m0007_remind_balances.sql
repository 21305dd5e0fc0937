-- Сколько раз напомнили об остатке.
ALTER TABLE orders ADD COLUMN balance_reminders INT NOT NULL DEFAULT 0;

-- Кто ждёт остатка: просьбу видно по balance_asked_at, и таких заказов мало.
CREATE INDEX orders_by_balance_asked ON orders (balance_asked_at, id);
