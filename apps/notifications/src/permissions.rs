//! Права приложения.

use kernel::Permission;

/// Кому и что ушло; тексты с одноразовыми кодами не видны никому.
pub const VIEW_MESSAGE: Permission = Permission::new("notifications.view_message", "Сообщения: просмотр");
/// Отправить неудавшееся ещё раз.
pub const RESEND_MESSAGE: Permission = Permission::new("notifications.resend_message", "Сообщения: повторная отправка");

pub const ALL: &[Permission] = &[VIEW_MESSAGE, RESEND_MESSAGE];
