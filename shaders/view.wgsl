// What both pipelines know about where they draw. Prepended to each of them.

struct View {
    // Size of the target, in pixels.
    target_size: vec2<f32>,
    // Top left of the pane's text area in the target; zero for chrome.
    origin: vec2<f32>,
    // Size of a cell.
    cell: vec2<f32>,
    // Column and row of a block cursor, whose character is drawn in another colour; far outside where there is none.
    cursor: vec2<u32>,
    // That colour.
    cursor_text: vec4<f32>,
    // The colour that a dimmed pane fades to, and how far in alpha.
    fade: vec4<f32>,
}

@group(0) @binding(0) var<uniform> view: View;

// Corners in the order of a triangle strip.
fn corner(index: u32) -> vec2<f32> {
    return vec2<f32>(f32(index & 1u), f32(index >> 1u));
}

// From pixels of the target, y downwards, to clip space.
fn to_clip(px: vec2<f32>) -> vec4<f32> {
    let unit = px / view.target_size;
    return vec4<f32>(unit.x * 2.0 - 1.0, 1.0 - unit.y * 2.0, 0.0, 1.0);
}

fn faded(rgb: vec3<f32>) -> vec3<f32> {
    return mix(rgb, view.fade.rgb, view.fade.a);
}
