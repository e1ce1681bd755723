//! From a plan to a running session: the part of creating one that asks the system, on a thread of its own, because a
//! directory on a dead network mount may hold it up for ever.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::call::{Plan, Started};
use super::kind;
use super::label::Label;
use super::options::HostOptions;
use super::runtime::Host;
use crate::base::{SessionNo, unix_ms};
use crate::keeper::{Base, CannotRun, Launch, Place, environment};
use crate::model::SessionKind;
use crate::protocol::rpc::{Error, code};
use crate::session::run::Report;
use crate::session::{Found, Gate, Handle, Setup, Source, Ways, resume, start};

/// What all sessions of a host are started with.
pub(super) struct Means<'a> {
    pub(super) options: &'a HostOptions,
    pub(super) host: &'a Host,
    pub(super) gate: &'a Arc<Gate>,
}

/// Starts a session.
///
/// # Errors
/// The system has no terminal, process or memory left; or the serial port cannot be used.
pub(super) fn launch(
    no: SessionNo,
    plan: Plan,
    means: &Means,
    report: Arc<dyn Fn(Report) + Send + Sync>,
) -> Result<(Handle, Started), Error> {
    let at_ms = unix_ms();
    let (keeper, key) = (&means.options.keeper, plan.id.as_u128());
    // Of a port the system says what is wrong with the request; of others, that it has nothing left.
    let serial = matches!(plan.kind, SessionKind::Serial(_));
    let failed = |e: std::io::Error| match e.to_string() {
        why if serial => {
            Error::about(code::INVALID_PARAMS, why, "type.Serial", "a serial line that takes these settings")
        }
        why => Error::new(code::INTERNAL, why),
    };
    let label = Label::of(no, &plan, at_ms);
    let Ready { setup, cwd, notice } = ready(no, plan, label, means, report, Launch::check);
    let handle = start(setup).inspect_err(|_| keeper.forget(key)).map_err(failed)?;
    let started = Started { pid: handle.pid(), cwd, notice, at_ms };
    Ok((handle, started))
}

/// Goes on with a session that an earlier host has left.
///
/// # Errors
/// In words: the system has no thread or memory left, or what was left is damaged.
pub(super) fn go_on(
    no: SessionNo,
    label: Label,
    mut found: Found,
    ways: Ways,
    means: &Means,
) -> std::io::Result<Handle> {
    let plan = label.plan().ok_or(std::io::ErrorKind::InvalidData)?;
    // Whether its program could be started today is not asked: it runs.
    let Ready { setup, notice, .. } = ready(no, plan, label, means, means.host.reports(no), |_| Ok(()));
    if let (Some(words), Some(notice)) = (&mut found.revived, notice) {
        words.push_str("; ");
        words.push_str(&notice);
    }
    resume(setup, found, ways)
}

/// What a session is started with.
struct Ready {
    setup: Setup,
    /// What a header shows: of a shell elsewhere it is not known.
    cwd: String,
    notice: Option<String>,
}

fn ready(
    no: SessionNo,
    plan: Plan,
    label: Label,
    means: &Means,
    report: Arc<dyn Fn(Report) + Send + Sync>,
    check: fn(&Launch) -> Result<(), CannotRun>,
) -> Ready {
    let Means { options, host, gate } = means;
    let (reach, counters) = (&host.reach, &host.counters);
    let base = &options.base;
    let (cwd, mut notice) = directory(plan.cwd.as_deref().or(plan.project.as_deref()), base);
    let greeting = notice.as_ref().map(|notice| format!("synk: {notice}\r\n")).unwrap_or_default();
    let extra = plan.env.into_iter().map(|(name, value)| (name.into(), value.into())).collect();
    let place = Place {
        session: plan.id.to_string(),
        pane: no.0,
        socket: reach.socket.clone(),
        project: plan.project,
        agent: reach.agent(),
    };
    let env = environment(base, &place, &extra);
    let local = plan.kind == SessionKind::Local;
    let named = !plan.command.is_empty() || !local;
    let run = |argv| {
        let launch = Launch { argv, cwd: cwd.clone(), env };
        check(&launch).map(|()| launch)
    };
    let source = match plan.kind {
        SessionKind::Local => run(argv(plan.command, base)).map(Source::Program),
        SessionKind::Ssh(to) => run(kind::ssh(&options.ssh, &to, &plan.command)).map(Source::Link),
        SessionKind::Serial(port) => Ok(Source::Port(port)),
        SessionKind::Remote(far) => Ok(Source::Elsewhere(kind::elsewhere(&far))),
    };
    if let Err(why) = &source {
        notice = Some(notice.map_or_else(|| why.to_string(), |first| format!("{first}; {why}")));
    }
    let setup = Setup {
        name: no.to_string(),
        source,
        keeper: options.keeper.clone(),
        key: plan.id.as_u128(),
        label: label.to_bytes(),
        named,
        greeting,
        size: plan.size,
        engine: options.engine.clone(),
        quiet: options.quiet,
        hibernate: options.hibernate,
        gate: Arc::clone(gate),
        counters: Arc::clone(counters),
        unsaved: host.saver.as_ref().map(|saver| saver.begin(plan.id)),
        report,
    };
    let cwd = if local { cwd.to_string_lossy().into_owned() } else { String::new() };
    Ready { setup, cwd, notice }
}

fn argv(command: Vec<String>, base: &Base) -> Vec<OsString> {
    if !command.is_empty() {
        return command.into_iter().map(OsString::from).collect();
    }
    let shell = base.shell.clone().into_os_string();
    // Terminals on a Mac start login shells, and set-ups there rely on it.
    if cfg!(target_os = "macos") { vec![shell, "-l".into()] } else { vec![shell] }
}

/// The working directory asked for, or the nearest thing to it with a word why.
fn directory(asked: Option<&str>, base: &Base) -> (PathBuf, Option<String>) {
    let home = || if base.home.is_dir() { base.home.clone() } else { PathBuf::from("/") };
    let Some(asked) = asked else { return (home(), None) };
    let path = Path::new(asked);
    let problem = if !path.is_absolute() {
        "is not an absolute path"
    } else if !path.exists() {
        "does not exist"
    } else if !path.is_dir() {
        "is not a directory"
    } else if rustix::fs::access(path, rustix::fs::Access::EXEC_OK).is_err() {
        "cannot be entered"
    } else {
        return (path.to_owned(), None);
    };
    let asked: String = asked.chars().filter(|c| !c.is_control()).collect();
    let home = home();
    let notice = format!("the directory {asked} {problem}; started in {}", home.display());
    (home, Some(notice))
}
