# %app% — %title%

Личный список покупателя: добавить запись, посмотреть свои, убрать.

## Таблицы

| таблица | что в ней | что бережёт база |
| --- | --- | --- |
| `%app%_items` | запись покупателя: `user_id`, `title`, `created_at` | одна запись с таким названием у покупателя (`UNIQUE (user_id, title)`); покупатель существует |

## События

Не сообщает и не слушает.

## Настройки

Нет.

## Частая правка: новое поле записи

1. `cargo xtask makemigration %app% add_color` и `ALTER TABLE %app%_items ADD COLUMN …` в созданном файле.
2. Поле — в `src/models/item.rs` (совпадение с таблицей проверяет тест `tables_match_models`).
3. Поле — в `%App%ItemIn` и `%App%ItemOut` (`src/schemas.rs`), запись — в `src/services.rs`.
4. Тест — в `tests/main.rs`; `cargo xtask test %app%`, затем `cargo xtask snapshots`.
