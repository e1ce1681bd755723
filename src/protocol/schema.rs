//! The API as one document, a JSON Schema (draft 2020-12) made from the types: the shapes in `$defs`, and beside them the
//! methods, their other names, the events and the error codes.

use std::collections::BTreeSet;

use schemars::generate::{Contract, SchemaSettings};
use serde_json::{Map, Value, json};

use super::code::CODES;
use super::events::EVENTS;
use super::methods::METHODS;
use super::rpc::Error;
use super::{PROTO_MAX, PROTO_MIN, alias};

/// Where the definitions stand, as references to them begin.
const DEFS: &str = "#/$defs/";

/// The whole document.
pub fn schema() -> Value {
    // What is taken may leave out what has a default; what is given never does. So a shape may be two.
    let mut taken = SchemaSettings::draft2020_12().with(|s| s.contract = Contract::Deserialize).into_generator();
    let mut given = SchemaSettings::draft2020_12().with(|s| s.contract = Contract::Serialize).into_generator();
    let mut methods = Map::new();
    for method in METHODS {
        let (params, result) = ((method.params)(&mut taken), (method.result)(&mut given));
        let entry = json!({"description": method.doc.trim(), "params": params, "result": result});
        methods.insert(method.name.into(), entry);
    }
    let mut events = Map::new();
    for event in EVENTS {
        let params = (event.params)(&mut given);
        events.insert(event.name.into(), json!({"description": event.doc.trim(), "params": params}));
    }
    let error = given.subschema_for::<Error>();
    let mut defs = given.take_definitions(true);
    let mut further = taken.take_definitions(true);
    let renamed = different(&further, &defs);
    further
        .values_mut()
        .chain(methods.values_mut().map(|m| &mut m["params"]))
        .for_each(|value| rename(value, &renamed));
    for (name, shape) in further {
        let name = if renamed.contains(&name) { as_taken(&name) } else { name };
        defs.insert(name, shape);
    }
    envelope(&mut defs, &error.to_value());
    let codes = CODES.iter().map(|c| json!({"code": c.code, "description": c.doc.trim()}));
    let aliases = alias::names().map(|(name, method)| (name.to_owned(), method.into()));
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "synk API",
        "description": "JSON-RPC 2.0 on a Unix socket, one message a line. A message of the host fits this schema; \
            the parameters and results of methods, and what events carry, fit what methods and events refer to.",
        "anyOf": [{"$ref": "#/$defs/Reply"}, {"$ref": "#/$defs/Replies"}, {"$ref": "#/$defs/Event"}],
        "version": {"synk": env!("CARGO_PKG_VERSION"), "protocol": {"min": PROTO_MIN, "max": PROTO_MAX}},
        "methods": methods,
        "aliases": aliases.collect::<Map<_, _>>(),
        "events": events,
        "errors": codes.collect::<Vec<_>>(),
        "$defs": defs,
    })
}

/// JSON-RPC's own shapes.
fn envelope(defs: &mut Map<String, Value>, error: &Value) {
    let id = json!({"type": ["string", "integer", "null"]});
    let version = json!({"const": "2.0"});
    defs.insert(
        "Reply".into(),
        json!({
            "description": "A reply: exactly one of `result` and `error`.",
            "type": "object",
            "properties": {"jsonrpc": version, "id": id, "result": true, "error": error},
            "required": ["jsonrpc", "id"],
            "oneOf": [{"required": ["result"]}, {"required": ["error"]}],
        }),
    );
    let replies = json!({
        "description": "The replies to a batch, in no particular order.",
        "type": "array",
        "items": {"$ref": "#/$defs/Reply"},
        "minItems": 1,
    });
    defs.insert("Replies".into(), replies);
    defs.insert(
        "Event".into(),
        json!({
            "description": "Something that happened: a notification of the host.",
            "type": "object",
            "properties": {"jsonrpc": version, "method": {"type": "string"}, "params": {"type": "object"}},
            "required": ["jsonrpc", "method", "params"],
        }),
    );
}

fn as_taken(name: &str) -> String {
    format!("{name}Input")
}

/// The shapes that are not the same in both, or that refer to one that is not.
fn different(taken: &Map<String, Value>, given: &Map<String, Value>) -> BTreeSet<String> {
    let shared = || taken.iter().filter(|(name, _)| given.contains_key(*name));
    let mut found: BTreeSet<String> =
        shared().filter(|(name, shape)| given[*name] != **shape).map(|(name, _)| name.clone()).collect();
    loop {
        let leads = |shape: &Value| found.iter().any(|name| refers(shape, name));
        let more: Vec<_> = shared().filter(|(n, s)| !found.contains(*n) && leads(s)).map(|(n, _)| n.clone()).collect();
        if more.is_empty() {
            return found;
        }
        found.extend(more);
    }
}

fn refers(shape: &Value, name: &str) -> bool {
    match shape {
        Value::String(text) => text.strip_prefix(DEFS) == Some(name),
        Value::Array(values) => values.iter().any(|value| refers(value, name)),
        Value::Object(fields) => fields.values().any(|value| refers(value, name)),
        _ => false,
    }
}

fn rename(shape: &mut Value, renamed: &BTreeSet<String>) {
    match shape {
        Value::String(text) => {
            if let Some(name) = text.strip_prefix(DEFS).filter(|name| renamed.contains(*name)) {
                *text = format!("{DEFS}{}", as_taken(name));
            }
        }
        Value::Array(values) => values.iter_mut().for_each(|value| rename(value, renamed)),
        Value::Object(fields) => fields.values_mut().for_each(|value| rename(value, renamed)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every reference in a value.
    fn references(value: &Value, found: &mut BTreeSet<String>) {
        match value {
            Value::String(text) => found.extend(text.strip_prefix(DEFS).map(str::to_owned)),
            Value::Array(values) => values.iter().for_each(|v| references(v, found)),
            Value::Object(fields) => fields.values().for_each(|v| references(v, found)),
            _ => {}
        }
    }

    #[test]
    fn every_reference_leads_to_a_shape_and_every_shape_is_used() {
        let schema = schema();
        let mut found = BTreeSet::new();
        references(&schema, &mut found);
        let defs: BTreeSet<String> = schema["$defs"].as_object().unwrap().keys().cloned().collect();
        assert_eq!(found, defs);
    }

    #[test]
    fn what_has_a_default_may_be_left_out_and_is_always_given() {
        let schema = schema();
        let required = |name: &str| schema["$defs"][name]["required"].as_array().cloned().unwrap_or_default();
        assert_eq!(required("SerialShapeInput"), [json!("device")]);
        assert!(required("SerialShape").contains(&json!("baud")));
        assert_eq!(schema["methods"]["create_session"]["params"]["$ref"], "#/$defs/CreateParams");
        assert!(refers(&schema["$defs"]["CreateParams"], "SessionTypeInput"));
        assert_eq!(schema["aliases"]["session:write"], "send_input");
        let texts =
            |value: &Value| value.as_array().unwrap().iter().all(|v| !v["description"].as_str().unwrap().is_empty());
        assert!(texts(&schema["errors"]));
    }
}
