//! Other names for methods: `session:create` and its kin, with fields in camelCase and the small number as `sessionId`
//! (the UUID stands beside it as `sessionUuid`). One table; everything else knows only the methods' own names.

use serde_json::{Map, Value, json};

use super::methods::DEFAULT_WORKSPACE;
use super::methods::{
    CreateSession, ListSessions, Method, ResizeTerminal, SendInput, Subscribe, TerminateSession, Unsubscribe,
};
use super::rpc::Error;

/// A method under its other name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Alias {
    Create,
    Destroy,
    Write,
    Resize,
    List,
    Subscribe,
    Unsubscribe,
}

/// The other name, and the method that it means.
const NAMES: &[(&str, Alias, &str)] = &[
    ("session:create", Alias::Create, CreateSession::NAME),
    ("session:destroy", Alias::Destroy, TerminateSession::NAME),
    ("session:write", Alias::Write, SendInput::NAME),
    ("session:resize", Alias::Resize, ResizeTerminal::NAME),
    ("session:list", Alias::List, ListSessions::NAME),
    ("session:subscribe", Alias::Subscribe, Subscribe::NAME),
    ("session:unsubscribe", Alias::Unsubscribe, Unsubscribe::NAME),
];

/// What `agentType` says, the agent it means, and its command; an empty one is the user's shell.
const AGENTS: &[(&str, &str, &str)] = &[
    ("claude_code", "claude", "claude"),
    ("gemini_cli", "gemini", "gemini"),
    ("codex", "codex", "codex"),
    ("terminal", "shell", ""),
];

/// Fields under their other names, and the methods' own fields that they mean.
type Fields = &'static [(&'static str, &'static str)];

/// Every other name with the method that it means.
pub fn names() -> impl Iterator<Item = (&'static str, &'static str)> {
    NAMES.iter().map(|(name, _, method)| (*name, *method))
}

/// What `agentType` may be.
pub fn agent_types() -> impl Iterator<Item = &'static str> {
    AGENTS.iter().map(|(name, ..)| *name)
}

impl Alias {
    /// The alias of this name, if it is one, and the method that it means.
    pub fn find(name: &str) -> Option<(Self, &'static str)> {
        NAMES.iter().find(|(n, ..)| *n == name).map(|(_, alias, method)| (*alias, *method))
    }

    /// The method's own parameters.
    ///
    /// # Errors
    /// -32602 for what the other name does not take.
    pub fn params(self, params: Value) -> Result<Value, Error> {
        let mut given = match params {
            Value::Object(given) => given,
            Value::Null => Map::new(),
            _ => return Err(Error::field("params", "an object")),
        };
        let mut out = Map::new();
        if self == Self::Create {
            return create(given);
        }
        if self != Self::List {
            let id = match given.remove("sessionId") {
                Some(Value::Number(no)) if no.is_u64() => no.to_string().into(),
                Some(Value::String(text)) => text.into(),
                None if matches!(self, Self::Subscribe | Self::Unsubscribe) => Value::Null,
                _ => return Err(Error::field("sessionId", "a session's number, or its UUID")),
            };
            out.insert("session_id".into(), id);
        }
        move_fields(&mut given, &mut out, self.fields());
        Ok(Value::Object(out))
    }

    /// The fields that are taken as they are.
    fn fields(self) -> Fields {
        match self {
            Self::Create => &[
                ("projectPath", "project"),
                ("workingDir", "cwd"),
                ("env", "env"),
                ("name", "name"),
                ("cols", "cols"),
                ("rows", "rows"),
            ],
            Self::Write => &[("data", "data"), ("dataB64", "data_b64")],
            Self::Resize => &[("cols", "cols"), ("rows", "rows")],
            Self::Subscribe | Self::Unsubscribe => &[("events", "events")],
            Self::Destroy | Self::List => &[],
        }
    }

    /// Where an error is, as the other name has it: a field, and what stands in it behind a dot or a bracket.
    fn place(self, ours: &str) -> String {
        let (field, within) = ours.split_at(ours.find(['.', '[']).unwrap_or(ours.len()));
        let theirs = match (self, field) {
            (Self::Create, "agent" | "command") => "agentType".to_owned(),
            _ => {
                let known = self.fields().iter().find(|(_, ours)| *ours == field);
                known.map_or_else(|| camel_name(field), |(theirs, _)| (*theirs).to_owned())
            }
        };
        theirs + within
    }

    /// What an event carries, as those hear it who subscribed by the other name.
    pub fn event(line: &str) -> String {
        let mut event: Value = serde_json::from_str(line).unwrap_or_default();
        if let Some(params) = event.get_mut("params") {
            *params = camel(params.take());
        }
        event.to_string()
    }

    /// The result, or the error, as the other name has it.
    pub fn result(self, result: Result<Value, Error>) -> Result<Value, Error> {
        match result {
            Ok(value) => Ok(camel(value)),
            Err(mut error) => {
                if let Some(Value::String(field)) = error.data.as_mut().and_then(|data| data.get_mut("field")) {
                    let theirs = self.place(field);
                    // Most messages name it too, before what is wrong with it.
                    error.message = error.message.replacen(&format!("{field}: "), &format!("{theirs}: "), 1);
                    *field = theirs;
                }
                Err(error)
            }
        }
    }
}

fn create(mut given: Map<String, Value>) -> Result<Value, Error> {
    let types = || agent_types().collect::<Vec<_>>().join(", ");
    let agent = match given.remove("agentType") {
        Some(Value::String(name)) => AGENTS.iter().find(|(n, ..)| *n == name),
        None => AGENTS.last(),
        Some(_) => None,
    };
    let Some((_, agent, command)) = agent else { return Err(Error::field("agentType", format!("one of {}", types()))) };
    // The session would run on whatever branch is there, and nobody would know.
    if given.get("branch").is_some_and(|branch| !branch.is_null()) {
        return Err(Error::field("branch", "nothing: sessions start in the directory as it is"));
    }
    let command: Vec<&str> = command.split_whitespace().collect();
    let mut out = Map::new();
    out.insert("workspace".into(), DEFAULT_WORKSPACE.into());
    out.insert("agent".into(), (*agent).into());
    out.insert("command".into(), json!(command));
    move_fields(&mut given, &mut out, Alias::Create.fields());
    Ok(Value::Object(out))
}

fn move_fields(from: &mut Map<String, Value>, to: &mut Map<String, Value>, fields: Fields) {
    for (theirs, ours) in fields {
        if let Some(value) = from.remove(*theirs).filter(|value| !value.is_null()) {
            to.insert((*ours).to_owned(), value);
        }
    }
}

/// A value with its fields renamed, inside out.
fn camel(value: Value) -> Value {
    match value {
        Value::Array(values) => values.into_iter().map(camel).collect(),
        Value::Object(fields) => {
            let renamed = fields.into_iter().map(|(name, value)| match (name.as_str(), value) {
                ("session_id", value) => ("sessionUuid".to_owned(), value),
                ("no", value) => ("sessionId".to_owned(), value),
                ("agent", Value::String(agent)) => ("agentType".to_owned(), agent_type(agent).into()),
                (_, value) => (camel_name(&name), camel(value)),
            });
            Value::Object(renamed.collect())
        }
        other => other,
    }
}

fn agent_type(agent: String) -> String {
    AGENTS.iter().find(|(_, ours, _)| *ours == agent).map_or(agent, |(theirs, ..)| (*theirs).to_owned())
}

fn camel_name(name: &str) -> String {
    let mut words = name.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |mut out, word| {
        let mut chars = word.chars();
        out.extend(chars.next().map(|c| c.to_ascii_uppercase()));
        out.push_str(chars.as_str());
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_and_results_are_translated() {
        let (alias, method) = Alias::find("session:create").unwrap();
        assert_eq!(method, "create_session");
        let given = json!({"agentType": "claude_code", "projectPath": "/src", "env": {"A": "b"}, "branch": null});
        let ours = json!({"workspace": "default", "agent": "claude", "command": ["claude"], "project": "/src",
            "env": {"A": "b"}});
        assert_eq!(alias.params(given).unwrap(), ours);
        let created = json!({"session_id": "u", "no": 3, "name": "claude-1", "pane_index": 0});
        let theirs = json!({"sessionUuid": "u", "sessionId": 3, "name": "claude-1", "paneIndex": 0});
        assert_eq!(alias.result(Ok(created)).unwrap(), theirs);
        let written = Alias::Write.params(json!({"sessionId": 3, "dataB64": "bHM="})).unwrap();
        assert_eq!(written, json!({"session_id": "3", "data_b64": "bHM="}));
        let listed =
            Alias::List.result(Ok(json!({"sessions": [{"no": 1, "agent": "shell", "exit_code": 2}]}))).unwrap();
        assert_eq!(listed, json!({"sessions": [{"sessionId": 1, "agentType": "terminal", "exitCode": 2}]}));
    }

    #[test]
    fn what_cannot_be_is_refused() {
        let field = |alias: Alias, params: Value| alias.params(params).unwrap_err().data.unwrap()["field"].clone();
        assert_eq!(field(Alias::Create, json!({"agentType": "hal"})), "agentType");
        assert_eq!(field(Alias::Create, json!({"branch": "main"})), "branch");
        assert_eq!(field(Alias::Destroy, json!({})), "sessionId");
        assert_eq!(field(Alias::Destroy, json!([1])), "params");
        assert_eq!(Alias::find("session:fly"), None);
        let told = |alias: Alias, ours: &str| {
            let error = alias.result(Err(Error::field(ours, "x"))).unwrap_err();
            let field = error.data.unwrap()["field"].as_str().unwrap().to_owned();
            assert_eq!(error.message, format!("{field}: expected x"));
            field
        };
        assert_eq!(told(Alias::Destroy, "session_id"), "sessionId");
        assert_eq!(told(Alias::Write, "data_b64"), "dataB64");
        for (ours, theirs) in [
            ("project", "projectPath"),
            ("cwd", "workingDir"),
            ("agent", "agentType"),
            ("env", "env"),
            ("env.MY_VAR", "env.MY_VAR"),
        ] {
            assert_eq!(told(Alias::Create, ours), theirs);
        }
    }
}
