use kernel::Migration;

pub const ALL: &[Migration] = &[
    Migration::new("m0001_create_imports", include_str!("m0001_create_imports.sql")),
    Migration::new("m0002_add_files", include_str!("m0002_add_files.sql")),
];
