//! Which session is meant.

use super::*;
use crate::base::{SessionId, SessionNo};

fn session(no: u32, state: SessionState, clients: usize, active: u64) -> SessionInfo {
    let id = SessionId::from_u128(u128::from(no));
    let name = format!("s{no}");
    SessionInfo { state, clients, last_active_ms: active, ..SessionInfo::new(id, SessionNo(no), name) }
}

fn chosen(target: &Target) -> Result<u32, String> {
    let sessions = vec![
        session(1, SessionState::Running, 1, 90),
        session(2, SessionState::Detached, 0, 10),
        session(3, SessionState::Detached, 0, 20),
        session(4, SessionState::Stopped, 0, 99),
    ];
    choose(sessions, target).map(|s| s.no.0).map_err(|e| e.to_string())
}

fn named(session: &str) -> Target {
    Target { session: Some(session.into()), inside: None }
}

#[test]
fn without_a_name_it_is_the_last_active_one_that_nobody_looks_at() {
    assert_eq!(chosen(&Target::default()), Ok(3));
    let inside = Some(SessionId::from_u128(3).to_string());
    assert_eq!(chosen(&Target { session: None, inside }), Ok(2));
    assert!(choose(Vec::new(), &Target::default()).is_err());
}

#[test]
fn a_session_has_three_names() {
    for name in ["s2", "2", &SessionId::from_u128(2).to_string()] {
        assert_eq!(chosen(&named(name)), Ok(2), "{name}");
    }
    assert!(chosen(&named("s9")).unwrap_err().contains("\"s9\""));
    assert!(chosen(&named("s4")).unwrap_err().contains("code 0"));
}

#[test]
fn a_session_never_shows_itself() {
    let target = Target { inside: Some(SessionId::from_u128(1).to_string()), ..named("s1") };
    assert!(chosen(&target).unwrap_err().contains("itself"));
}
