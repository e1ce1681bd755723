//! Holds what a host says to the schema of the API. Stricter than the schema is for clients: a field that it does not
//! have is a mistake here.

use std::collections::HashMap;
use std::sync::OnceLock;

use boon::{Compiler, SchemaIndex, Schemas};
use serde_json::{Value, json};
use synk::protocol::{alias, schema};

struct Checked {
    schemas: Schemas,
    envelope: SchemaIndex,
    results: HashMap<String, SchemaIndex>,
    events: HashMap<String, SchemaIndex>,
}

/// No shape has fields beside its own.
fn close(shape: &mut Value) {
    match shape {
        Value::Object(fields) => {
            fields.values_mut().for_each(close);
            // Where a shape stands beside further ones, the fields of those are its own too.
            let further = ["oneOf", "anyOf", "allOf", "$ref"].iter().any(|key| fields.contains_key(*key));
            if fields.get("properties").is_some_and(Value::is_object) && fields.get("type") == Some(&json!("object")) {
                let word = if further { "unevaluatedProperties" } else { "additionalProperties" };
                fields.entry(word).or_insert(json!(false));
            }
        }
        Value::Array(values) => values.iter_mut().for_each(close),
        _ => {}
    }
}

impl Checked {
    fn new() -> Self {
        let mut document = schema();
        close(&mut document["$defs"]);
        let (mut schemas, mut compiler) = (Schemas::new(), Compiler::new());
        let place = "http://synk.test/schema.json";
        compiler.add_resource(place, document.clone()).unwrap();
        let mut compile = |to: &str| compiler.compile(&format!("{place}{to}"), &mut schemas).unwrap();
        let envelope = compile("#");
        let mut all = |table: &str, part: &str| -> HashMap<String, SchemaIndex> {
            let entries = document[table].as_object().unwrap();
            entries.iter().map(|(name, one)| (name.clone(), compile(one[part]["$ref"].as_str().unwrap()))).collect()
        };
        let (results, events) = (all("methods", "result"), all("events", "params"));
        Self { schemas, envelope, results, events }
    }

    fn get() -> &'static Self {
        static CHECKED: OnceLock<Checked> = OnceLock::new();
        CHECKED.get_or_init(Self::new)
    }

    fn hold(&self, value: &Value, to: SchemaIndex) {
        if let Err(e) = self.schemas.validate(value, to) {
            panic!("{e:#}\n{value:#}");
        }
    }
}

/// A message of the host: a reply, the replies to a batch, or an event.
pub fn message(line: &str) -> Value {
    let (checked, value) = (Checked::get(), serde_json::from_str::<Value>(line).unwrap());
    checked.hold(&value, checked.envelope);
    // Whoever subscribed by the other name hears events in another form.
    let renamed = value["params"].get("sessionUuid").is_some();
    if let Some(name) = value["method"].as_str().filter(|_| !renamed) {
        checked.hold(&value["params"], checked.events[name]);
    }
    value
}

/// The reply to a call of this method, which may be another name of one: then the result is in another form.
pub fn reply(method: &str, line: &str) {
    let (checked, value) = (Checked::get(), message(line));
    let renamed = alias::names().any(|(name, _)| name == method);
    if let Some(result) = value.get("result").filter(|_| !renamed) {
        checked.hold(result, checked.results[method]);
    }
}
