-- Сумма товаров покупки, до скидки и без доставки: сколько принёс код. У прежних использований она неизвестна — ноль.
ALTER TABLE promo_uses ADD COLUMN goods_amount BIGINT DEFAULT 0 NOT NULL;
