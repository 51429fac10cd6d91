//! Tests: a published schema, read more strictly than it is meant, so that nothing is written that it does not name.

use serde_json::Value;

/// Forbids every property that the schema does not name, and asks that each has a description.
pub(super) fn tighten(schema: &mut Value, path: &str) {
    match schema {
        Value::Object(object) => {
            if let Some(Value::Object(properties)) = object.get("properties") {
                for (name, property) in properties {
                    assert!(property.get("description").is_some(), "{path}/{name} has no description");
                }
                object.insert("additionalProperties".to_owned(), Value::Bool(false));
            }
            for (name, inner) in object {
                tighten(inner, &format!("{path}/{name}"));
            }
        }
        Value::Array(list) => list.iter_mut().for_each(|inner| tighten(inner, path)),
        _ => {}
    }
}
