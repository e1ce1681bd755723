//! Which session is meant.

use super::*;
use crate::base::{SessionId, SessionNo};

fn session(no: u32, state: SessionState, clients: usize, active: u64) -> SessionInfo {
    let id = SessionId::from_u128(u128::from(no));
    let name = format!("s{no}");
    SessionInfo { state, clients, last_active_ms: active, ..SessionInfo::new(id, SessionNo(no), name) }
}

fn chosen(target: &Target) -> Option<u32> {
    let sessions = vec![
        session(1, SessionState::Running, 1, 90),
        session(2, SessionState::Detached, 0, 10),
        session(3, SessionState::Detached, 0, 20),
        session(4, SessionState::Stopped, 0, 99),
    ];
    choose(sessions, target).ok().map(|s| s.no.0)
}

fn inside(no: u32) -> Target {
    Target { session: None, inside: Some(SessionId::from_u128(u128::from(no)).to_string()) }
}

#[test]
fn without_a_name_it_is_the_last_active_one_that_nobody_looks_at() {
    assert_eq!(chosen(&Target::default()), Some(3));
    assert_eq!(chosen(&inside(3)), Some(2));
    assert!(choose(Vec::new(), &Target::default()).is_err());
}

#[test]
fn a_session_that_has_ended_or_would_show_itself_is_refused() {
    let refused = |no, state, target: &Target| usable(session(no, state, 0, 0), target).map_err(|e| e.to_string());
    assert!(refused(1, SessionState::Running, &inside(2)).is_ok());
    assert!(refused(1, SessionState::Running, &inside(1)).unwrap_err().contains("itself"));
    assert!(refused(1, SessionState::Stopped, &Target::default()).unwrap_err().contains("code 0"));
}
