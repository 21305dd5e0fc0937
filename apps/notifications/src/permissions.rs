//! Права приложения.

use kernel::Permission;

/// Кому и что ушло; тексты с одноразовыми кодами не видны никому.
pub const VIEW_MESSAGE: Permission = Permission::new("notifications.view_message", "Сообщения: просмотр");
/// Отправить неудавшееся ещё раз.
pub const RESEND_MESSAGE: Permission = Permission::new("notifications.resend_message", "Сообщения: повторная отправка");

/// Слова писем и SMS: и тех, где одноразовый код, поэтому право изменять — не для всех.
pub const VIEW_TEMPLATE: Permission = Permission::new("notifications.view_template", "Тексты писем: просмотр");
pub const CHANGE_TEMPLATE: Permission = Permission::new("notifications.change_template", "Тексты писем: изменение");

pub const ALL: &[Permission] = &[VIEW_MESSAGE, RESEND_MESSAGE, VIEW_TEMPLATE, CHANGE_TEMPLATE];
