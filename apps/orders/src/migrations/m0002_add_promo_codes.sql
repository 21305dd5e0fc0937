-- Промокод заказа снимком; promo_code_id без внешнего ключа: его проверка запирала бы код задолго до притязания, и покупатели с одним
-- кодом ждали бы друг друга. Что использование записано, сверяет `doctor --money`.
ALTER TABLE orders ADD COLUMN promo_code_id BIGINT NULL;

ALTER TABLE orders ADD COLUMN promo_code VARCHAR(50) NULL;

-- Доля скидки заказа, пришедшаяся на строку.
ALTER TABLE order_items ADD COLUMN discount_amount BIGINT NOT NULL DEFAULT 0 CHECK (discount_amount >= 0 AND discount_amount <= amount);
