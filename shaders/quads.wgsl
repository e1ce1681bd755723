// Rectangles: backgrounds, selections, cursors, lines under and through text, and the chrome's panels.

struct Quad {
    // Top left and size in pixels; relative to the view's origin.
    @location(0) at: vec2<i32>,
    @location(1) size: vec2<u32>,
    @location(2) color: vec4<f32>,
    // Kind in the low byte, its measure (radius, thickness) above.
    @location(3) shape: u32,
}

struct Corner {
    @builtin(position) clip: vec4<f32>,
    // Pixels from the quad's top left, and from the view's origin.
    @location(0) local: vec2<f32>,
    @location(1) place: vec2<f32>,
    @location(2) @interpolate(flat) size: vec2<f32>,
    @location(3) @interpolate(flat) color: vec4<f32>,
    @location(4) @interpolate(flat) shape: u32,
}

const FILL = 0u;
const CURLY = 1u;
const DOTTED = 2u;
const DASHED = 3u;
const HOLLOW = 4u;

const TAU = 6.2831853;

@vertex
fn vs(@builtin(vertex_index) index: u32, quad: Quad) -> Corner {
    let size = vec2<f32>(quad.size);
    let local = corner(index) * size;
    let place = vec2<f32>(quad.at) + local;
    let color = vec4<f32>(faded(quad.color.rgb), quad.color.a);
    return Corner(to_clip(view.origin + place), local, place, size, color, quad.shape);
}

// A wave with one period a cell, so that it goes on from cell to cell. Its height is the quad's less its thickness.
fn curl(local: vec2<f32>, place: vec2<f32>, height: f32, thick: f32) -> f32 {
    let swing = max((height - thick) * 0.5 - 0.25, 0.5);
    let turn = TAU / max(view.cell.x, 4.0);
    let angle = place.x * turn;
    let center = height * 0.5 + swing * sin(angle);
    // Distance to the curve, not straight down to it: steep parts would look thicker.
    let slope = swing * turn * cos(angle);
    let away = abs(local.y - center) / sqrt(1.0 + slope * slope);
    return clamp(thick * 0.5 + 0.5 - away, 0.0, 1.0);
}

// Square dots as wide as the line is thick, with gaps as wide.
fn dots(place: vec2<f32>, thick: f32) -> f32 {
    return select(0.0, 1.0, floor(place.x / thick) % 2.0 == 0.0);
}

// One dash a cell, half as long.
fn dashes(place: vec2<f32>) -> f32 {
    let at = (place.x % view.cell.x) / view.cell.x;
    return select(0.0, 1.0, at >= 0.25 && at < 0.75);
}

fn rounded(local: vec2<f32>, size: vec2<f32>, radius: f32) -> f32 {
    let r = min(radius, min(size.x, size.y) * 0.5);
    let from_core = abs(local - size * 0.5) - (size * 0.5 - vec2<f32>(r));
    let away = length(max(from_core, vec2<f32>(0.0)));
    return clamp(r + 0.5 - away, 0.0, 1.0);
}

fn hollow(local: vec2<f32>, size: vec2<f32>, thick: f32) -> f32 {
    let edge = min(min(local.x, local.y), min(size.x - local.x, size.y - local.y));
    return select(0.0, 1.0, edge < thick);
}

@fragment
fn fs(in: Corner) -> @location(0) vec4<f32> {
    let measure = f32(in.shape >> 8u);
    var cover = 1.0;
    switch in.shape & 255u {
        case CURLY: { cover = curl(in.local, in.place, in.size.y, measure); }
        case DOTTED: { cover = dots(in.place, measure); }
        case DASHED: { cover = dashes(in.place); }
        case HOLLOW: { cover = hollow(in.local, in.size, measure); }
        default: {
            if measure > 0.0 {
                cover = rounded(in.local, in.size, measure);
            }
        }
    }
    let alpha = in.color.a * cover;
    return vec4<f32>(in.color.rgb * alpha, alpha);
}

// Plain opaque rectangles, which cover most pixels of most frames, go past all of the above: software drivers run every
// branch of a shader for every pixel.
struct PlainCorner {
    @builtin(position) clip: vec4<f32>,
    @location(0) @interpolate(flat) color: vec4<f32>,
}

@vertex
fn vs_plain(@builtin(vertex_index) index: u32, quad: Quad) -> PlainCorner {
    let place = vec2<f32>(quad.at) + corner(index) * vec2<f32>(quad.size);
    return PlainCorner(to_clip(view.origin + place), vec4<f32>(faded(quad.color.rgb), 1.0));
}

@fragment
fn fs_plain(in: PlainCorner) -> @location(0) vec4<f32> {
    return in.color;
}
