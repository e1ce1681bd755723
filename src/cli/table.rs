//! Tables and times as people read them.

use unicode_width::UnicodeWidthStr;

use crate::base::harmless;

/// Rows below their heads, in columns as wide as their widest text. What others chose is made harmless.
pub fn table<const N: usize>(head: [&str; N], rows: &[[String; N]]) -> String {
    let shown: Vec<[String; N]> = std::iter::once(head.map(str::to_owned))
        .chain(rows.iter().map(|row| row.each_ref().map(|text| harmless(text).into_owned())))
        .collect();
    let mut widths = [0; N];
    for row in &shown {
        for (width, text) in widths.iter_mut().zip(row) {
            *width = (*width).max(text.width());
        }
    }
    let line = |row: &[String; N]| {
        let cells = row.iter().zip(widths).map(|(text, width)| format!("{text}{}", " ".repeat(width - text.width())));
        format!("{}\n", cells.collect::<Vec<_>>().join("  ").trim_end())
    };
    shown.iter().map(line).collect()
}

/// How long ago something was; both in Unix milliseconds, and 0 where it is not known. The future is now: clocks are set.
pub fn ago(then_ms: u64, now_ms: u64) -> String {
    if then_ms == 0 {
        return "-".into();
    }
    match now_ms.saturating_sub(then_ms) / 1000 {
        0..=1 => "now".into(),
        s => format!("{} ago", span(s)),
    }
}

/// So many of something.
pub fn count(n: usize, what: &str) -> String {
    if n == 1 { format!("1 {what}") } else { format!("{n} {what}s") }
}

/// A span of time in its largest unit, rounded down.
pub fn span(seconds: u64) -> String {
    match seconds {
        s @ 0..60 => format!("{s} s"),
        s @ 60..3_600 => format!("{} min", s / 60),
        s @ 3_600..172_800 => format!("{} h", s / 3_600),
        s => format!("{} days", s / 86_400),
    }
}

/// A count of bytes, in the largest unit that leaves at least one.
pub fn bytes(count: u64) -> String {
    let units = ["B", "KiB", "MiB", "GiB", "TiB"];
    let mut at = 0;
    let mut rest = count as f64;
    while rest >= 1024.0 && at + 1 < units.len() {
        rest /= 1024.0;
        at += 1;
    }
    if at == 0 { format!("{count} B") } else { format!("{rest:.1} {}", units[at]) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stand_below_their_heads() {
        let rows = [["1".into(), "日本".into(), "x".into()], ["22".into(), "a\u{1b}".into(), String::new()]];
        assert_eq!(table(["NO", "N", "T"], &rows), "NO  N     T\n1   日本  x\n22  a\u{fffd}\n");
    }

    #[test]
    fn times_are_in_their_largest_unit() {
        assert_eq!(ago(5_000, 4_000), "now");
        assert_eq!([ago(1_000, 60_999), ago(0, 60_999)], ["59 s ago", "-"]);
        let all = [60, 3_599, 3_600, 172_799, 172_800].map(span);
        assert_eq!(all, ["1 min", "59 min", "1 h", "47 h", "2 days"]);
    }

    #[test]
    fn one_is_no_more_than_one() {
        assert_eq!([0, 1, 2].map(|n| count(n, "client")), ["0 clients", "1 client", "2 clients"]);
    }

    #[test]
    fn bytes_are_in_their_largest_unit() {
        assert_eq!([0, 1023, 1024, 1_572_864, u64::MAX].map(bytes)[..4], ["0 B", "1023 B", "1.0 KiB", "1.5 MiB"]);
        assert!(bytes(u64::MAX).ends_with("TiB"));
    }
}
