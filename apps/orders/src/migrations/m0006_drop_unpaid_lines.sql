-- Строка ушла из заказа до оплаты (её волна не состоялась): в суммах заказа её больше нет.
ALTER TABLE order_items ADD COLUMN is_dropped BOOLEAN NOT NULL DEFAULT FALSE;
