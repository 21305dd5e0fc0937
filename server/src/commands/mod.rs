pub mod admin;
pub mod config;
pub mod demo;
pub mod describe;
pub mod doctor;
pub mod import;
pub mod jobs;
pub mod migrate;
