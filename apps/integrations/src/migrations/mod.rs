use kernel::Migration;

pub const ALL: &[Migration] = &[Migration::new("m0001_create_imports", include_str!("m0001_create_imports.sql"))];
