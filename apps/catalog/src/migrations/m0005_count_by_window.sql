-- Счёт видимых товаров целиком по индексу: без него на миллионе товаров база читает каждую строку ради окна показа.
CREATE INDEX products_by_window ON products (is_active, published_from, published_until);
