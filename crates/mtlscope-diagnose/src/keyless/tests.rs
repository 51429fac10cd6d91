//! Tests of the reading without keys, on scripts.
