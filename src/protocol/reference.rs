//! The page of the API, made from its schema: `docs/api.md` is held to it.

use serde_json::Value;

use super::alias;
use super::json::MAX_DEPTH;
use super::limits::{HALF_MESSAGE, MAX_BATCH, MAX_CONNECTIONS, MAX_ID, MAX_IN_FLIGHT, WHOLE_MESSAGE};
use super::line::MAX_LINE;
use super::schema::schema;

const HEAD: &str = "# The API

Every program of the same user may drive synk. The host listens on a Unix socket, `$XDG_RUNTIME_DIR/synk/synk.sock` unless
`SYNK_SOCKET` or the settings say otherwise, and speaks [JSON-RPC 2.0](https://www.jsonrpc.org/specification), one message
a line. `jsonrpc` may be missing, and so may parameters that have a default; fields that are not known are ignored, in both
directions.

```sh
echo '{\"id\":\"1\",\"method\":\"create_session\",\"params\":{\"name\":\"dev\",\"type\":\"Local\"}}' | nc -N -U \"$SYNK_SOCKET\"
```

Wherever a method takes a `session_id`, that is a session's UUID, its name, or its number as text. Requests without an
`id` get no reply. An array of requests is a batch: its replies come as one array. Replies come when they are ready, which
may not be the order of the requests. An error has a code of the table below and, where it is about a field, `data` with
that `field` and what was `expected`.

This page is made from the schema of the API, which is a JSON Schema with the same content for programs.
";

/// The whole page as Markdown.
pub fn reference() -> String {
    let schema = schema();
    let mut out = HEAD.to_owned();
    out += &limits();
    out += "\n## Methods\n\n| Method | What |\n|---|---|\n";
    for (name, method) in fields(&schema["methods"]) {
        out += &format!("| [`{name}`](#{name}) | {} |\n", text(method));
    }
    let agents = alias::agent_types().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    out += "\n## Other names\n\nThe same methods with fields in camelCase. `sessionId` is the small number there, and\n\
        `sessionUuid` the UUID; what takes a `sessionId` takes either. `session:create` opens a pane of the default\n\
        workspace and takes `projectPath`, `workingDir`, `env`, `name`, `cols`, `rows` and an `agentType`:\n";
    out += &format!("{agents}.\n\n| Name | Method |\n|---|---|\n");
    for (name, method) in fields(&schema["aliases"]) {
        out += &format!("| `{name}` | `{}` |\n", method.as_str().unwrap_or_default());
    }
    out += "\nEvents are spelled as the connection's last subscription was: with `session:subscribe`, `session:output` carries\n\
        `sessionId` and `dataB64`.\n";
    out += "\n## Errors\n\n| Code | What |\n|---|---|\n";
    for error in schema["errors"].as_array().into_iter().flatten() {
        out += &format!("| {} | {} |\n", error["code"], text(error));
    }
    out += "\n## Events\n\nThey come on connections that `subscribe`d to them.\n\n| Event | What | Carries |\n|---|---|---|\n";
    for (name, event) in fields(&schema["events"]) {
        out += &format!("| `{name}` | {} | {} |\n", text(event), kind(&event["params"]));
    }
    for (name, method) in fields(&schema["methods"]) {
        out += &format!("\n## {name}\n\n{}\n\n", text(method));
        out += &format!("Takes {}, gives {}.\n", kind(&method["params"]), kind(&method["result"]));
    }
    out += "\n# Shapes\n";
    for (name, shape) in fields(&schema["$defs"]) {
        section(name, shape, &mut out);
    }
    out
}

fn limits() -> String {
    format!(
        "\nLimits: a line has at most {} KiB and is nested at most {MAX_DEPTH} deep; a batch has 1 to {MAX_BATCH} \
         requests; an id is an\ninteger or a string of at most {MAX_ID} characters; {MAX_IN_FLIGHT} requests of a \
         connection may wait for their replies, and there are at\nmost {MAX_CONNECTIONS} connections; a message that has \
         begun has to go on within {} seconds each time, and to be complete within {}.\n",
        MAX_LINE >> 10,
        HALF_MESSAGE.as_secs(),
        WHOLE_MESSAGE.as_secs(),
    )
}

fn fields(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

/// A description as it fits a table.
fn text(value: &Value) -> String {
    value["description"].as_str().unwrap_or_default().replace('\n', " ").replace('|', "\\|")
}

fn section(name: &str, shape: &Value, out: &mut String) {
    *out += &format!("\n## {name}\n\n");
    let about = text(shape);
    if !about.is_empty() {
        *out += &format!("{about}\n\n");
    }
    if fields(&shape["properties"]).next().is_none() {
        *out += &if shape["type"] == "object" { "No fields.\n".to_owned() } else { choices(shape) };
        return;
    }
    let required = |field: &str| shape["required"].as_array().is_some_and(|names| names.iter().any(|n| n == field));
    *out += "| Field | Is | What |\n|---|---|---|\n";
    for (field, value) in fields(&shape["properties"]) {
        let missing = match &value["default"] {
            _ if required(field) => String::new(),
            Value::Null => "; may be missing".into(),
            default => format!("; `{default}` if it is missing"),
        };
        *out += &format!("| `{field}` | {}{missing} | {} |\n", kind(value), text(value));
    }
}

/// A shape that is one of several.
fn choices(shape: &Value) -> String {
    let all = ["oneOf", "anyOf"].iter().filter_map(|key| shape[*key].as_array()).flatten();
    let lines: String = all
        .map(|one| {
            let about = text(one);
            format!("- {}{}{about}\n", kind(one), if about.is_empty() { "" } else { ": " })
        })
        .collect();
    if lines.is_empty() { format!("{}\n", kind(shape)) } else { lines }
}

/// What a value may be, in words.
fn kind(value: &Value) -> String {
    if let Some(name) = value["$ref"].as_str().and_then(|to| to.strip_prefix("#/$defs/")) {
        return format!("[{name}](#{})", name.to_lowercase());
    }
    if let Some(constant) = value.get("const") {
        return format!("`{constant}`");
    }
    if let Some(values) = value["enum"].as_array() {
        return or(values.iter().map(|value| format!("`{value}`")));
    }
    for key in ["anyOf", "oneOf"] {
        if let Some(values) = value[key].as_array() {
            return or(values.iter().map(kind));
        }
    }
    match &value["type"] {
        Value::String(one) => of_type(one, value),
        Value::Array(types) => or(types.iter().filter_map(Value::as_str).map(|one| of_type(one, value))),
        _ => "anything".into(),
    }
}

fn of_type(name: &str, value: &Value) -> String {
    match name {
        "array" if value["items"].is_object() => format!("array of {}", kind(&value["items"])),
        "array" => {
            let items = value["prefixItems"].as_array().into_iter().flatten().map(kind);
            format!("[{}]", items.collect::<Vec<_>>().join(", "))
        }
        "object" if value["additionalProperties"].is_object() => {
            format!("object of {}", kind(&value["additionalProperties"]))
        }
        "object" => {
            let inner = fields(&value["properties"]).map(|(name, value)| format!("`\"{name}\"`: {}", kind(value)));
            match inner.collect::<Vec<_>>().join(", ") {
                inner if inner.is_empty() => "object".into(),
                inner => format!("object with {inner}"),
            }
        }
        "null" => "null".into(),
        other => other.into(),
    }
}

fn or(kinds: impl Iterator<Item = String>) -> String {
    kinds.collect::<Vec<_>>().join(" or ")
}
