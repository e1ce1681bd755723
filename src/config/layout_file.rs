//! How files write the splits of a window: `Columns` and `Rows` of parts, whose panes are numbers into the list of panes.

use serde::de::{Deserializer, Error};
use serde::{Deserialize, Serialize};

use crate::model::grid_layout::WEIGHT;
use crate::model::split::{Division, Part, Side, Tree};

/// A part of the window.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) enum LayoutFile {
    /// The pane of this number, from 1 on.
    Pane(usize),
    /// Parts side by side.
    Columns(Vec<PartFile>),
    /// Parts one below the other.
    Rows(Vec<PartFile>),
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PartFile {
    of: LayoutFile,
    /// Its proportion of the room.
    #[serde(default = "usual_weight")]
    weight: u32,
}

fn usual_weight() -> u32 {
    WEIGHT
}

/// A tree, and which panes its leaves are: places in the list of panes, each of them once.
#[derive(Debug, Clone)]
pub(super) struct SplitFile {
    tree: Tree,
    order: Vec<usize>,
}

impl SplitFile {
    /// How the file writes a tree whose panes are in their order.
    pub(super) fn written(tree: &Tree) -> LayoutFile {
        fn part(tree: &Tree, next: &mut usize) -> LayoutFile {
            let Tree::Split(Division { side, parts }) = tree else {
                *next += 1;
                return LayoutFile::Pane(*next);
            };
            let parts = parts.iter().map(|p| PartFile { of: part(&p.tree, next), weight: p.weight }).collect();
            match side {
                Side::Right => LayoutFile::Columns(parts),
                Side::Down => LayoutFile::Rows(parts),
            }
        }
        part(tree, &mut 0)
    }

    /// The tree, with the panes in the order of its leaves.
    ///
    /// # Errors
    /// There are more panes, or fewer.
    pub(super) fn arrange<T>(self, panes: Vec<T>) -> Result<(Tree, Vec<T>), String> {
        if self.order.len() != panes.len() {
            let (leaves, panes) = (self.order.len(), panes.len());
            return Err(format!("the layout has Pane(1) to Pane({leaves}), and the list panes has {panes}"));
        }
        let mut panes: Vec<(usize, T)> = panes.into_iter().enumerate().collect();
        panes.sort_by_key(|(at, _)| self.order.iter().position(|leaf| leaf == at));
        Ok((self.tree, panes.into_iter().map(|(_, pane)| pane).collect()))
    }
}

/// Reads a layout where there may be none.
pub(super) fn split<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<SplitFile>, D::Error> {
    let Some(layout) = Option::<LayoutFile>::deserialize(deserializer)? else { return Ok(None) };
    let mut order = Vec::new();
    let tree = tree(layout, &mut order).map_err(D::Error::custom)?;
    if !tree.is_sound() {
        return Err(D::Error::custom("weights are whole numbers from 1 to 1000000, and panes at most 12"));
    }
    if let Some(missing) = (0..order.len()).find(|at| !order.contains(at)) {
        let (last, missing) = (order.len(), missing + 1);
        return Err(D::Error::custom(format!(
            "its {last} panes must be Pane(1) to Pane({last}): {missing} is missing"
        )));
    }
    Ok(Some(SplitFile { tree, order }))
}

fn tree(layout: LayoutFile, order: &mut Vec<usize>) -> Result<Tree, &'static str> {
    let (side, parts) = match layout {
        LayoutFile::Pane(number) => {
            order.push(number.checked_sub(1).ok_or("panes are counted from 1 on")?);
            return Ok(Tree::Pane);
        }
        LayoutFile::Columns(parts) => (Side::Right, parts),
        LayoutFile::Rows(parts) => (Side::Down, parts),
    };
    if parts.len() < 2 {
        return Err("Columns and Rows have at least two parts");
    }
    let part = |part: PartFile| tree(part.of, order).map(|tree| Part { weight: part.weight, tree });
    Ok(Tree::Split(Division { side, parts: parts.into_iter().map(part).collect::<Result<_, _>>()? }))
}
