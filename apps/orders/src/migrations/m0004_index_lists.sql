-- Списки сотрудника при миллионе заказов: порядок, отбор по деньгам, поиск по телефону и почте, деньги по дням (эти суммы читаются из самого индекса).
CREATE INDEX orders_by_created ON orders (created_at, id);

CREATE INDEX orders_by_payment_status ON orders (payment_status, id);

CREATE INDEX orders_by_phone ON orders (contact_phone, id);

CREATE INDEX orders_by_email ON orders (contact_email, id);

CREATE INDEX orders_by_paid ON orders (paid_at, deposit_amount, final_amount);

CREATE INDEX orders_by_balance_paid ON orders (balance_paid_at, balance_amount);
