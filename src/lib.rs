//! diac
