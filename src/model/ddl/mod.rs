//! Reads SQL schema files.
