//! Where everything of the workspace stands in a window, in pixels: a pure function of the window's size, the panes and
//! their layout. The core and the view share it, so that a click hits what is seen.

use crate::base::{GridSize, PxPoint, PxRect, PxSize, SessionNo};
use crate::model::board::Workspace;
use crate::model::grid_layout::{Divider, Placed};

/// The window's measures.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Geometry {
    /// The window's inside, in physical pixels.
    pub size: PxSize,
    /// One terminal cell, in physical pixels.
    pub cell: PxSize,
    /// Physical pixels in a logical one.
    pub scale: f32,
}

impl Geometry {
    /// Logical pixels as whole physical ones; never less than one for more than none.
    pub fn px(&self, logical: f32) -> u32 {
        if logical <= 0.0 { 0 } else { (logical * self.scale).round().max(1.0) as u32 }
    }

    /// Font size of headers and overlays, in physical pixels.
    pub fn ui_px(&self) -> f32 {
        (UI_FONT * self.scale).round()
    }

    fn area(&self) -> PxRect {
        PxRect::new(0, 0, self.size.w, self.size.h).inset(self.px(MARGIN))
    }
}

// Logical pixels.
const MARGIN: f32 = 5.0;
const GAP: f32 = 5.0;
const UI_FONT: f32 = 13.0;
const HEADER: f32 = 26.0;
const PAD_X: f32 = 7.0;
const PAD_Y: f32 = 4.0;
/// The focused pane's frame; the others leave the same room.
pub const BORDER: f32 = 2.0;
/// How far beside a divider a pointer still grabs it.
const GRAB: f32 = 2.0;

/// One pane's places.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PaneBox {
    pub no: SessionNo,
    /// With its frame.
    pub outer: PxRect,
    /// None where the pane is too low to spare the room.
    pub header: Option<PxRect>,
    /// Where the grid of cells is drawn.
    pub text: PxRect,
    /// As many cells as fit there, and at least the smallest grid there is.
    pub grid: GridSize,
}

impl PaneBox {
    /// The cell under a point and the pixel within the text area; the nearest one for points outside.
    pub fn cell_at(&self, at: PxPoint, cell: PxSize) -> (u16, u16) {
        let part = |at: i32, start: i32, cell: u32, count: u16| {
            let px = i64::from(at) - i64::from(start);
            (px.max(0) / i64::from(cell.max(1))).min(i64::from(count) - 1) as u16
        };
        let line = part(at.y, self.text.y, cell.h, self.grid.lines());
        let col = part(at.x, self.text.x, cell.w, self.grid.cols());
        (line, col)
    }
}

/// The visible panes and the dividers between them.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Arrangement {
    pub panes: Vec<PaneBox>,
    pub dividers: Vec<Divider>,
    /// What the panes share.
    pub area: PxRect,
    /// All panes of the workspace as if none was zoomed, for moving the focus.
    pub placed: Placed,
    grab: u32,
}

impl Arrangement {
    /// Lays the workspace out; with `zoomed` only that pane is visible and has the whole area.
    pub fn new(geometry: &Geometry, workspace: &Workspace, zoomed: Option<SessionNo>) -> Self {
        let area = geometry.area();
        let placed = workspace.layout.place(workspace.panes.len(), area, geometry.px(GAP));
        let grab = geometry.px(GRAB);
        if let Some(no) = zoomed.filter(|no| workspace.panes.contains(no)) {
            let panes = vec![pane_box(geometry, no, area)];
            return Self { panes, dividers: Vec::new(), area, placed, grab };
        }
        let panes = workspace.panes.iter().zip(&placed.panes);
        let panes = panes.map(|(no, rect)| pane_box(geometry, *no, *rect)).collect();
        Self { panes, dividers: placed.dividers.clone(), area, placed, grab }
    }

    pub fn pane(&self, no: SessionNo) -> Option<&PaneBox> {
        self.panes.iter().find(|p| p.no == no)
    }

    pub fn pane_at(&self, at: PxPoint) -> Option<&PaneBox> {
        self.panes.iter().find(|p| p.outer.contains(at))
    }

    /// The divider that a pointer grabs there.
    pub fn divider_at(&self, at: PxPoint) -> Option<&Divider> {
        let by = self.grab;
        self.dividers.iter().find(|d| {
            let r = d.rect;
            let wide = PxRect::new(
                r.x.saturating_sub_unsigned(by),
                r.y.saturating_sub_unsigned(by),
                r.w + 2 * by,
                r.h + 2 * by,
            );
            wide.contains(at)
        })
    }
}

fn pane_box(geometry: &Geometry, no: SessionNo, outer: PxRect) -> PaneBox {
    let inner = outer.inset(geometry.px(BORDER));
    let cell = geometry.cell;
    let header_h = geometry.px(HEADER);
    let with_header = inner.h >= header_h + 2 * cell.h;
    let header = with_header.then(|| PxRect::new(inner.x, inner.y, inner.w, header_h));
    let top = if with_header { header_h } else { 0 };
    let body = PxRect::new(inner.x, inner.y.saturating_add_unsigned(top), inner.w, inner.h - top);
    // Padding is the first thing a narrow pane gives up.
    let pad_x = if body.w >= 12 * cell.w { geometry.px(PAD_X) } else { 0 };
    let pad_y = if body.h >= 3 * cell.h { geometry.px(PAD_Y) } else { 0 };
    let text = PxRect::new(
        body.x.saturating_add_unsigned(pad_x),
        body.y.saturating_add_unsigned(pad_y),
        body.w.saturating_sub(2 * pad_x),
        body.h.saturating_sub(2 * pad_y),
    );
    let fit = |room: u32, cell: u32| (room / cell.max(1)).min(u32::from(u16::MAX)) as u16;
    PaneBox { no, outer, header, text, grid: GridSize::clamped(fit(text.w, cell.w), fit(text.h, cell.h)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    fn geometry(w: u32, h: u32) -> Geometry {
        Geometry { size: PxSize { w, h }, cell: PxSize { w: 8, h: 16 }, scale: 1.0 }
    }

    fn workspace(panes: u32) -> Workspace {
        let panes = (1..=panes).map(SessionNo).collect();
        Workspace { panes, ..Workspace::new("default") }
    }

    #[test]
    fn twelve_panes_show_whole_cells_inside_their_frames() {
        let a = Arrangement::new(&geometry(1200, 800), &workspace(12), None);
        assert_eq!(a.panes.len(), 12);
        for p in &a.panes {
            let header = p.header.unwrap();
            assert!(header.bottom() <= p.text.y && p.text.bottom() <= p.outer.bottom());
            assert!(u32::from(p.grid.cols()) * 8 <= p.text.w && u32::from(p.grid.lines()) * 16 <= p.text.h);
            assert!(p.grid.cols() > 30 && p.grid.lines() > 10, "{:?}", p.grid);
        }
    }

    #[test]
    fn a_zoomed_pane_has_everything_and_the_way_to_the_others_stays() {
        let a = Arrangement::new(&geometry(1200, 800), &workspace(4), Some(SessionNo(3)));
        assert_eq!((a.panes.len(), a.panes[0].no, a.dividers.len()), (1, SessionNo(3), 0));
        assert_eq!(a.panes[0].outer, a.area);
        assert_eq!(a.placed.panes.len(), 4);
    }

    #[test]
    fn tiny_windows_give_up_header_and_padding_and_never_turn_inside_out() {
        for (w, h) in [(0, 0), (1, 1), (30, 20), (100, 60), (200, 100), (65_535, 3)] {
            for n in 1..=12 {
                for p in Arrangement::new(&geometry(w, h), &workspace(n), None).panes {
                    assert!(p.text.w <= w && p.text.h <= h && p.grid.cols() >= 2, "{w}x{h} {n}: {p:?}");
                }
            }
        }
        let low = Arrangement::new(&geometry(400, 60), &workspace(1), None);
        assert_eq!(low.panes[0].header, None);
    }

    #[test]
    fn points_find_panes_dividers_and_cells() {
        let a = Arrangement::new(&geometry(1200, 800), &workspace(2), None);
        let d = a.dividers[0].rect;
        assert!(a.divider_at(PxPoint { x: d.x - 2, y: 300 }).is_some());
        assert!(a.divider_at(PxPoint { x: d.x - 9, y: 300 }).is_none());
        let p = a.panes[1];
        assert_eq!(a.pane_at(p.text.center()).map(|p| p.no), Some(SessionNo(2)));
        let cell = PxSize { w: 8, h: 16 };
        assert_eq!(p.cell_at(PxPoint { x: p.text.x + 17, y: p.text.y + 16 }, cell), (1, 2));
        assert_eq!(p.cell_at(PxPoint { x: -5, y: 99_999 }, cell), (p.grid.lines() - 1, 0));
    }
}
