//! The JSON shape of a workspace's layout: the grid with its weights, or a tree whose leaves are panes by their numbers.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::rpc::Error;
use super::shapes::WeightsShape;
use crate::model::grid_layout::{WEIGHT, Weights};
use crate::model::split::{Division, MAX_WEIGHT, Part, Side, Tree};
use crate::model::{Layout, Share};

const GRID: &str = "grid";
const SPLIT: &str = "split";

/// How a workspace is divided among its panes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LayoutShape {
    /// `grid`, whose shape follows from the number of panes, or `split`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Of a grid; equal ones if they are missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weights: Option<WeightsShape>,
    /// Of a split.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub root: Option<PartShape>,
}

/// A part of a split: either a pane or a division in at least two parts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PartShape {
    /// The session's number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pane: Option<u32>,
    /// Where the next part lies: `right` or `down`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub direction: Option<SideShape>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<Self>,
    /// Its proportion of the room that it shares with the parts beside it, 1 to 1,000,000.
    #[serde(default = "usual_weight")]
    pub weight: u32,
}

/// On which side of a pane the next one lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum SideShape {
    Right,
    Down,
}

/// The part of a pane that a new one gets, from 0.05 to 0.95.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "f64", into = "f64")]
#[schemars(with = "f64")]
pub struct Ratio(Share);

impl From<Ratio> for Share {
    fn from(ratio: Ratio) -> Self {
        ratio.0
    }
}

impl From<Ratio> for f64 {
    fn from(ratio: Ratio) -> Self {
        Self::from(ratio.0.thousandths()) / 1000.0
    }
}

impl TryFrom<f64> for Ratio {
    type Error = &'static str;

    fn try_from(value: f64) -> Result<Self, Self::Error> {
        let thousandths = (value * 1000.0).round();
        let range = f64::from(Share::LEAST.thousandths())..=f64::from(Share::MOST.thousandths());
        let fits = range.contains(&thousandths);
        if fits { Ok(Self(Share::clamped(thousandths as u16))) } else { Err("expected a number from 0.05 to 0.95") }
    }
}

impl From<SideShape> for Side {
    fn from(side: SideShape) -> Self {
        match side {
            SideShape::Right => Self::Right,
            SideShape::Down => Self::Down,
        }
    }
}

impl From<Side> for SideShape {
    fn from(side: Side) -> Self {
        match side {
            Side::Right => Self::Right,
            Side::Down => Self::Down,
        }
    }
}

fn usual_weight() -> u32 {
    WEIGHT
}

impl LayoutShape {
    /// A layout whose panes have these numbers, in their order.
    pub fn of(layout: &Layout, panes: impl IntoIterator<Item = u32>) -> Self {
        match layout {
            Layout::Grid(weights) => Self { kind: GRID.to_owned(), weights: Some(weights.into()), root: None },
            Layout::Split(tree) => {
                let root = PartShape::of(tree, usual_weight(), &mut panes.into_iter());
                Self { kind: SPLIT.to_owned(), weights: None, root: Some(root) }
            }
        }
    }

    /// The layout for a workspace with these panes, and their order in it.
    ///
    /// # Errors
    /// -32602 that names the field which is wrong: the leaves have to be exactly the panes.
    pub fn for_panes(self, panes: &[u32]) -> Result<(Layout, Vec<u32>), Error> {
        let root = match (self.kind.as_str(), self.root) {
            (GRID, _) => {
                let weights = self.weights.map(Weights::from).unwrap_or_default();
                return Ok((Layout::Grid(weights.fitted(panes.len())), panes.to_vec()));
            }
            (SPLIT, Some(root)) => root,
            (SPLIT, None) => return Err(Error::field("layout.root", "the split's first division")),
            _ => return Err(Error::field("layout.type", "grid or split")),
        };
        let mut order = Vec::new();
        let tree = root.tree("layout.root", panes, &mut order)?;
        match panes.iter().find(|no| !order.contains(no)) {
            None if order.len() < 2 => Ok((Layout::default(), order)),
            None => Ok((Layout::Split(tree), order)),
            Some(no) => Err(Error::field("layout.root", format!("every pane of the workspace, and {no} is missing"))),
        }
    }
}

impl PartShape {
    fn of(tree: &Tree, weight: u32, panes: &mut dyn Iterator<Item = u32>) -> Self {
        match tree {
            Tree::Pane => Self { pane: panes.next(), direction: None, parts: Vec::new(), weight },
            Tree::Split(division) => {
                let parts = division.parts.iter().map(|part| Self::of(&part.tree, part.weight, panes)).collect();
                Self { pane: None, direction: Some(division.side.into()), parts, weight }
            }
        }
    }

    /// The tree from here on; its leaves are added to the order.
    fn tree(self, field: &str, panes: &[u32], order: &mut Vec<u32>) -> Result<Tree, Error> {
        if !(1..=MAX_WEIGHT).contains(&self.weight) {
            return Err(Error::field(&format!("{field}.weight"), format!("1 to {MAX_WEIGHT}")));
        }
        match (self.pane, self.direction) {
            (Some(no), None) if self.parts.is_empty() => {
                if !panes.contains(&no) || order.contains(&no) {
                    let expected = "the number of a pane of the workspace, each of them once";
                    return Err(Error::field(&format!("{field}.pane"), expected));
                }
                order.push(no);
                Ok(Tree::Pane)
            }
            (None, Some(side)) => {
                if self.parts.len() < 2 {
                    return Err(Error::field(&format!("{field}.parts"), "at least two parts"));
                }
                let parts = self.parts.into_iter().enumerate().map(|(i, part)| {
                    let weight = part.weight;
                    Ok(Part { weight, tree: part.tree(&format!("{field}.parts[{i}]"), panes, order)? })
                });
                Ok(Tree::Split(Division { side: side.into(), parts: parts.collect::<Result<_, Error>>()? }))
            }
            _ => Err(Error::field(field, "either a pane or a direction with parts")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn shape(value: serde_json::Value) -> LayoutShape {
        serde_json::from_value(value).unwrap()
    }

    fn right(parts: serde_json::Value) -> serde_json::Value {
        json!({"type": "split", "root": {"direction": "right", "parts": parts}})
    }

    #[test]
    fn a_split_reads_back_with_its_order() {
        let parts = json!([{"pane": 3, "weight": 2}, {"direction": "down", "parts": [{"pane": 1}, {"pane": 2}]}]);
        let (layout, order) = shape(right(parts)).for_panes(&[1, 2, 3]).unwrap();
        assert_eq!(order, [3, 1, 2]);
        let written = LayoutShape::of(&layout, order.clone());
        assert_eq!(written.clone().for_panes(&[1, 2, 3]), Ok((layout, order)));
        let text = serde_json::to_value(written).unwrap();
        assert_eq!(text["root"]["parts"][0], json!({"pane": 3, "weight": 2}));
        let (grid, order) = shape(json!({"type": "grid"})).for_panes(&[5, 4]).unwrap();
        assert_eq!((grid, order), (Layout::Grid(Weights::equal(2)), vec![5, 4]));
    }

    #[test]
    fn what_is_wrong_with_a_layout_is_named() {
        let pane = |no: u32| json!({"pane": no});
        for (layout, field) in [
            (json!({"type": "spiral"}), "layout.type"),
            (json!({"type": "split"}), "layout.root"),
            (json!({"type": "split", "root": {}}), "layout.root"),
            (json!({"type": "split", "root": {"pane": 1, "direction": "down"}}), "layout.root"),
            (json!({"type": "split", "root": {"pane": 1}}), "layout.root"),
            (right(json!([pane(1)])), "layout.root.parts"),
            (right(json!([pane(1), pane(1)])), "layout.root.parts[1].pane"),
            (right(json!([pane(1), pane(9)])), "layout.root.parts[1].pane"),
            (right(json!([pane(1), {"pane": 2, "weight": 0}])), "layout.root.parts[1].weight"),
        ] {
            let error = shape(layout.clone()).for_panes(&[1, 2]).unwrap_err();
            assert_eq!(error.data.unwrap()["field"], field, "{layout}");
        }
    }

    #[test]
    fn a_ratio_leaves_room_for_both() {
        let read = |value: serde_json::Value| serde_json::from_value::<Ratio>(value);
        assert_eq!(Share::from(read(json!(0.25)).unwrap()).thousandths(), 250);
        assert_eq!(json!(read(json!(0.25)).unwrap()), json!(0.25));
        for bad in [json!(0), json!(0.04), json!(1), json!(-3), json!(1e300), json!("half")] {
            let why = read(bad).unwrap_err().to_string();
            assert!(why.contains("0.05 to 0.95") || why.contains("expected"), "{why}");
        }
    }
}
