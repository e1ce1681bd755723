// Glyphs: one quad each, anchored at a cell, read pixel by pixel from a page of the atlas.

struct Glyph {
    // Column and row of its cell.
    @location(0) cell: vec2<u32>,
    // Top left of its picture, in pixels from the cell's.
    @location(1) offset: vec2<i32>,
    @location(2) size: vec2<u32>,
    // Where the picture lies on its page.
    @location(3) at: vec2<u32>,
    // The layer of the texture.
    @location(4) layer: u32,
    @location(5) color: vec4<f32>,
}

struct Corner {
    @builtin(position) clip: vec4<f32>,
    // Pixels of the page.
    @location(0) at: vec2<f32>,
    @location(1) @interpolate(flat) layer: u32,
    @location(2) @interpolate(flat) color: vec4<f32>,
}

// Masks for text, colours for pictures: each has a pipeline of its own.
@group(1) @binding(0) var page: texture_2d_array<f32>;

@vertex
fn vs(@builtin(vertex_index) index: u32, glyph: Glyph) -> Corner {
    let local = corner(index) * vec2<f32>(glyph.size);
    let place = vec2<f32>(glyph.cell) * view.cell + vec2<f32>(glyph.offset) + local;
    let under_cursor = all(glyph.cell == view.cursor);
    let color = select(glyph.color, view.cursor_text, under_cursor);
    let shown = vec4<f32>(faded(color.rgb), color.a);
    return Corner(to_clip(view.origin + place), vec2<f32>(glyph.at) + local, glyph.layer, shown);
}

@fragment
fn fs_text(in: Corner) -> @location(0) vec4<f32> {
    let cover = textureLoad(page, vec2<i32>(in.at), i32(in.layer), 0).r;
    return vec4<f32>(in.color.rgb * cover, cover);
}

@fragment
fn fs_picture(in: Corner) -> @location(0) vec4<f32> {
    // Premultiplied; `color.a` is less than one for faint text.
    let picture = textureLoad(page, vec2<i32>(in.at), i32(in.layer), 0) * in.color.a;
    return vec4<f32>(mix(picture.rgb, view.fade.rgb * picture.a, view.fade.a), picture.a);
}
