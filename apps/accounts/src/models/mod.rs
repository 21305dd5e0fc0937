//! Таблицы приложения: по файлу на таблицу.

pub mod address;
pub mod applied_group_default;
pub mod device;
pub mod group;
pub mod group_member;
pub mod group_permission;
pub mod one_time_code;
pub mod recovery_code;
pub mod second_factor;
pub mod throttle;
pub mod user;

pub use address::Entity as Address;
pub use applied_group_default::Entity as AppliedGroupDefault;
pub use device::Entity as Device;
pub use group::Entity as Group;
pub use group_member::Entity as GroupMember;
pub use group_permission::Entity as GroupPermission;
pub use one_time_code::{Entity as OneTimeCode, Purpose};
pub use recovery_code::Entity as RecoveryCode;
pub use second_factor::Entity as SecondFactor;
pub use throttle::Entity as Throttle;
pub use user::Entity as User;
