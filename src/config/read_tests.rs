//! Places of unknown fields and of errors, on a small shape.

use serde::Deserialize;

use super::*;

#[derive(Debug, PartialEq, Deserialize)]
#[serde(rename = "Top", deny_unknown_fields)]
struct Top {
    #[serde(default)]
    number: u32,
    #[serde(default)]
    text: Option<String>,
    #[serde(default)]
    inner: Vec<Inner>,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Inner {
    x: f32,
}

fn ok(text: &str) -> (Top, Vec<(usize, usize)>) {
    let parsed = parse::<Top>(text).unwrap_or_else(|e| panic!("{text}: {e:?}"));
    (parsed.value, parsed.unknown.iter().map(|(at, _)| (at.line, at.column)).collect())
}

fn refused(text: &str) -> (usize, usize, String) {
    let (at, problem) = parse::<Top>(text).err().unwrap_or_else(|| panic!("{text} was taken"));
    (at.line, at.column, problem.to_string())
}

#[test]
fn unknown_fields_are_named_with_their_place_and_the_rest_applies() {
    let (top, unknown) = ok(
        "Top(\n  zork /* a /* b */ : */ : (1, \"(,\", [None]), // why\n  number: 3,\n  ä: 'x' , text: \"t\",\n  inner: [(x: 1, y: {1: 2}), (y: Foo(1), x: 2)],\n)",
    );
    assert_eq!(top, Top { number: 3, text: Some("t".into()), inner: vec![Inner { x: 1.0 }, Inner { x: 2.0 }] });
    assert_eq!(unknown, [(2, 3), (4, 3), (5, 18), (5, 31)]);
    let (_, unknown) = ok("(r#type: 1)");
    assert_eq!(unknown, [(1, 4)]);
    let text = &parse::<Top>("(numbr: 3)").unwrap().unknown[0].1;
    assert_eq!(text, "the field numbr is unknown and has no effect; known here are number, text, inner");
}

#[test]
fn a_field_that_is_unknown_and_broken_is_refused_at_its_place() {
    assert_eq!(refused("(\n  zork\n  3,\n)"), (3, 3, "expected colon".into()));
    assert_eq!(refused("(\n  zork: \"x,\n)").0, 2);
    assert_eq!(refused("(\n  zork: [\n    1 2\n  ]\n)").0, 3);
}

#[test]
fn a_wrong_value_is_refused_where_it_stands() {
    assert_eq!(refused("(\n  number: \"x\",\n)"), (2, 11, "expected integer".into()));
    assert_eq!(refused("(inner: [(y: 1)])").2, "the field x is missing");
    assert_eq!(refused("(number: 1, number: 2)"), (1, 13, "the field number stands here twice".into()));
    assert_eq!((refused("(number: 1").0, refused("(number: 1").1), (1, 11));
    assert_eq!(refused("Other()").1, 1);
}

#[test]
fn another_programs_file_is_refused() {
    let fields: String = (0..100).map(|n| format!("f{n}: 1,\n")).collect();
    assert!(refused(&format!("({fields})")).2.contains("more than 64 unknown fields"));
}

#[test]
fn nothing_makes_the_parser_panic() {
    let whole = "Top(\n  zork /* a */ : (1, \"(,\", [None]), // why\n number: 3, ä: 'x', text: \"t\\u{e4}\", inner: [(x: 1, y: r#\"x\"#)],\n)";
    for cut in (0..=whole.len()).filter(|&n| whole.is_char_boundary(n)) {
        assert_eq!(parse::<Top>(&whole[..cut]).is_ok(), cut == whole.len(), "cut at {cut}");
        // Every byte missing once: must answer, whatever the answer is.
        let _ = parse::<Top>(&[&whole[..cut], whole[cut..].get(1..).unwrap_or_default()].concat());
    }
    let deep = "(".to_owned() + "zork: (".repeat(5000).as_str();
    assert!(parse::<Top>(&deep).is_err());
}
