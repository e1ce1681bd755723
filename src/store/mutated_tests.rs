//! Some hundred damaged databases, each opened and used as a host does. The damage follows from a seed.

use super::*;

/// What is done to the files of a database.
#[derive(Debug, Clone, Copy)]
enum Damage {
    Bits,
    Header,
    Page,
    Swap,
    Short,
    Long,
    Log,
    /// The files of two different moments.
    Mixed,
}

const ALL: [Damage; 8] =
    [Damage::Bits, Damage::Header, Damage::Page, Damage::Swap, Damage::Short, Damage::Long, Damage::Log, Damage::Mixed];

/// A small generator (xorshift64*): what it gives is the same on every machine.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let high = self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33;
        high as usize % end.max(1)
    }
}

/// The file and its log, as a host that was killed leaves them.
#[derive(Clone)]
struct Files {
    main: Vec<u8>,
    log: Vec<u8>,
}

impl Files {
    fn of(world: &World) -> Self {
        let log = world.dir.path().join("sessions.db-wal");
        Self { main: fs::read(world.path()).unwrap(), log: fs::read(log).unwrap() }
    }
}

/// The same host twice: in the middle of its work, and before that.
fn files() -> (Files, Files) {
    let mut world = World::new();
    world.open(1);
    let snapshot = |n| Snapshot { taken_at_ms: n, terminal_buffer: vec![7; 9000], scrollback: vec![9; 300] };
    let mut fill = |ids: std::ops::Range<u128>| {
        for id in ids {
            let status = if id % 3 == 0 { Status::Terminated } else { Status::Active };
            assert!(world.save(SessionRow { status, ..row(id) }, 5).kept.is_ok());
            world.store.step(Message::SaveSnapshot(SessionId::from_u128(id), snapshot(3)), 5);
        }
        world.store.database.as_ref().unwrap().connection().execute_batch("PRAGMA wal_checkpoint(PASSIVE)").unwrap();
        Files::of(&world)
    };
    let early = fill(1..20);
    let mut late = fill(20..40);
    late.log = fill(40..60).log;
    (late, early)
}

fn damage(how: Damage, files: &Files, early: &Files, random: &mut Random) -> Files {
    let mut out = files.clone();
    let pages = files.main.len() / 4096;
    match how {
        Damage::Bits => {
            for _ in 0..=random.below(8) {
                let at = random.below(out.main.len());
                out.main[at] ^= 1 << random.below(8);
            }
        }
        Damage::Header => out.main[random.below(100)] = random.below(256) as u8,
        Damage::Page => {
            let (at, byte) = (random.below(pages) * 4096, random.below(256) as u8);
            out.main[at + random.below(2048)..at + 4096].fill(byte);
        }
        Damage::Swap => {
            let (a, b) = (random.below(pages) * 4096, random.below(pages) * 4096);
            out.main.copy_within(a..a + 4096, b);
        }
        Damage::Short => out.main.truncate(random.below(out.main.len())),
        Damage::Long => out.main.extend((0..random.below(20_000)).map(|n| n as u8)),
        Damage::Log => {
            let at = random.below(out.log.len());
            out.log[at] ^= 1 << random.below(8);
            if random.below(2) == 0 {
                out.log.truncate(random.below(files.log.len()));
            }
        }
        Damage::Mixed => {
            out.main.clone_from(&early.main);
            out.log.truncate(random.below(files.log.len()));
        }
    }
    if random.below(3) == 0 && !matches!(how, Damage::Log | Damage::Mixed) {
        out.log.clear();
    }
    out
}

#[test]
fn whatever_is_in_the_file_the_host_goes_on() {
    let (files, early) = files();
    let (mut fine, mut replaced, mut left) = (0, 0, 0);
    for seed in 1..=240u64 {
        let how = ALL[seed as usize % ALL.len()];
        let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let bad = damage(how, &files, &early, &mut random);
        let mut world = World::new();
        fs::write(world.path(), &bad.main).unwrap();
        if !bad.log.is_empty() {
            fs::write(world.dir.path().join("sessions.db-wal"), &bad.log).unwrap();
        }
        let opened = world.open(1_000);
        for (id, now_ms) in [(1, 2_000), (500, 3_000), (1, 3 * DAY)] {
            let id = SessionId::from_u128(id);
            world.save(SessionRow { id, ..row(999) }, now_ms);
            let snapshot = Snapshot { taken_at_ms: now_ms, terminal_buffer: vec![1; 5000], scrollback: Vec::new() };
            world.store.step(Message::SaveSnapshot(id, snapshot), now_ms);
            world.store.step(Message::LoadSnapshot(id, Box::new(|_| ())), now_ms);
        }
        let last = world.save(row(500), 4 * DAY);
        match &last.kept {
            Ok(_) => {
                assert_eq!(world.read("PRAGMA quick_check"), ["ok"], "{seed} {how:?}");
                let id = SessionId::from_u128(500);
                let saved = world.read(&format!("SELECT name FROM sessions WHERE id = '{id}'"));
                assert_eq!(saved, ["s500"], "{seed} {how:?}");
                if world.aside().is_empty() { fine += 1 } else { replaced += 1 }
            }
            Err(why) => {
                assert!(matches!(how, Damage::Header | Damage::Bits), "{seed} {how:?}: {why}, {opened:?}");
                assert!(matches!(why, Trouble::Refused(_) | Trouble::Later(_)), "{seed} {how:?}: {why}");
                assert!(fs::read(world.path()).unwrap() == bad.main, "{seed} {how:?}: what is left alone is as it was");
                left += 1;
            }
        }
    }
    assert!(fine > 20 && replaced > 60 && left > 0, "{fine} could be used, {replaced} not, {left} were left alone");
}
