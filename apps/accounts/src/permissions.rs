//! Права приложения.

use kernel::Permission;

/// Имя, состояние и роли людей; без телефонов и почты.
pub const LIST_USER: Permission = Permission::new("accounts.list_user", "Список людей: имя и состояние");
/// Все поля человека; просмотр пишется в журнал.
pub const VIEW_USER: Permission = Permission::new("accounts.view_user", "Люди: контакты и профиль");
/// Блокировать и разблокировать.
pub const BLOCK_USER: Permission = Permission::new("accounts.block_user", "Люди: блокировка");
/// Включать в группы и исключать из них.
pub const CHANGE_USER_GROUPS: Permission = Permission::new("accounts.change_user_groups", "Люди: группы прав");
pub const VIEW_GROUP: Permission = Permission::new("accounts.view_group", "Группы прав: просмотр");
pub const CHANGE_GROUP: Permission = Permission::new("accounts.change_group", "Группы прав: изменение");

pub const ALL: &[Permission] = &[LIST_USER, VIEW_USER, BLOCK_USER, CHANGE_USER_GROUPS, VIEW_GROUP, CHANGE_GROUP];

/// Модератор видит имя и состояние, менеджер — всё, меняет только администратор.
pub const MODERATOR: &[Permission] = &[LIST_USER];
pub const MANAGER: &[Permission] = &[LIST_USER, VIEW_USER];
