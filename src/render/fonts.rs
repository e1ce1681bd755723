//! The fonts: finding them, measuring with them, and shaping text into glyphs of theirs. No pixel is made here.

use std::collections::HashMap;
use std::fmt;
use std::path::PathBuf;

use cosmic_text::fontdb::{Database, FaceInfo, Family, Query};
use cosmic_text::{Attrs, Buffer, FontSystem, Metrics, PhysicalGlyph, Shaping, Style, Weight, Wrap};

use super::metrics::{CellMetrics, FontShape};

/// Smallest and largest size of terminal text, in pixels.
pub const FONT_PX: std::ops::RangeInclusive<f32> = 4.0..=200.0;
/// Where the configured font and the system's choice are missing.
const MONO_FAMILIES: [&str; 7] =
    ["DejaVu Sans Mono", "Liberation Mono", "Noto Sans Mono", "Ubuntu Mono", "Menlo", "Consolas", "Courier New"];
const SANS_FAMILIES: [&str; 7] =
    ["DejaVu Sans", "Noto Sans", "Liberation Sans", "Ubuntu", "Helvetica Neue", "Segoe UI", "Arial"];
/// Texts whose width is remembered: several times what a window full of chrome has.
const MAX_MEASURED: usize = 1024;

/// Which font terminals use, and how large.
#[derive(Debug, Clone, PartialEq)]
pub struct FontOptions {
    /// Without one, or where it is not installed: the system's monospace font.
    pub family: Option<String>,
    /// Size in physical pixels, held within [`FONT_PX`].
    pub px: f32,
    /// Use these files and no font of the system. For tests, whose pictures must not depend on the machine.
    pub files: Vec<PathBuf>,
}

impl Default for FontOptions {
    fn default() -> Self {
        Self { family: None, px: 16.0, files: Vec::new() }
    }
}

/// No font could be read: nothing can be drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoFont;

impl fmt::Display for NoFont {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no font was found: install one, such as DejaVu Sans Mono (package fonts-dejavu-core)")
    }
}

impl std::error::Error for NoFont {}

/// Which of a family's faces.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Face {
    pub bold: bool,
    pub italic: bool,
}

/// A shaped cluster: its glyphs, placed from the origin on the baseline.
pub struct Shaped {
    pub glyphs: Vec<PhysicalGlyph>,
    /// Width that the fonts give it, in pixels.
    pub advance: f32,
    /// No font has its base character.
    pub missing: bool,
    /// All of it comes from the family that was asked for.
    pub own_family: bool,
}

/// A family with the weights that its faces really have: asking for another one would get a face of another family.
struct Typeface {
    name: String,
    regular: Weight,
    bold: Option<Weight>,
}

/// The fonts of a window.
pub struct Fonts {
    pub(super) system: FontSystem,
    mono: Typeface,
    sans: Typeface,
    emoji: Option<String>,
    px: f32,
    shape: FontShape,
    scratch: Buffer,
    widths: HashMap<(String, u32, bool, bool), u32>,
}

impl Fonts {
    /// Reads the fonts; takes some milliseconds, more on a system with very many.
    ///
    /// # Errors
    /// There is no font at all.
    pub fn new(options: &FontOptions) -> Result<Self, NoFont> {
        let mut db = Database::new();
        if options.files.is_empty() {
            db.load_system_fonts();
        }
        for file in &options.files {
            if let Err(e) = db.load_font_file(file) {
                log::warn!("font {}: {e}", file.display());
            }
        }
        if let Some(wanted) = options.family.as_deref()
            && !has_family(&db, wanted)
        {
            log::warn!("the font \"{wanted}\" is not installed");
        }
        let mono = pick(&db, options.family.as_deref(), Family::Monospace, &MONO_FAMILIES, |f| f.monospaced)?;
        let sans = pick(&db, None, Family::SansSerif, &SANS_FAMILIES, |_| true)?;
        let emoji = db.faces().filter_map(family_of).find(|n| n.contains("Emoji")).map(String::from);
        // The locale decides which Han glyphs are preferred, and nothing else.
        let locale = std::env::var("LANG").ok().and_then(|l| l.split('.').next().map(|l| l.replace('_', "-")));
        let mut system = FontSystem::new_with_locale_and_db(locale.unwrap_or_else(|| "en-US".into()), db);
        let shape = read_shape(&mut system, &mono).ok_or(NoFont)?;
        let mut scratch = Buffer::new_empty(Metrics::new(1.0, 1.0));
        scratch.set_wrap(Wrap::None);
        let mut fonts = Self { system, mono, sans, emoji, px: 0.0, shape, scratch, widths: HashMap::new() };
        fonts.set_px(options.px);
        Ok(fonts)
    }

    /// Changes the size of terminal text, in pixels, held within [`FONT_PX`].
    pub fn set_px(&mut self, px: f32) {
        self.px = if px.is_finite() { px.clamp(*FONT_PX.start(), *FONT_PX.end()) } else { *FONT_PX.start() };
    }

    /// The size of terminal text, in pixels.
    pub fn px(&self) -> f32 {
        self.px
    }

    /// The family that terminal text is drawn with.
    pub fn family(&self) -> &str {
        &self.mono.name
    }

    /// The measures of a terminal cell at the present size.
    pub fn metrics(&self) -> CellMetrics {
        CellMetrics::new(&self.shape, self.px)
    }

    /// Whether bold text has to be made from the regular face, because the family has no bold one.
    pub(super) fn fakes_bold(&self) -> bool {
        self.mono.bold.is_none()
    }

    /// Height of the line box of chrome text of `px` pixels.
    pub fn line_height(px: f32) -> u32 {
        (px * 1.3).ceil().max(1.0) as u32
    }

    /// Width in pixels of a line of chrome text: `mono` is the terminals' font, otherwise the interface's.
    pub fn measure(&mut self, text: &str, px: f32, mono: bool, bold: bool) -> u32 {
        let key = (text.to_owned(), px.to_bits(), mono, bold);
        if let Some(&width) = self.widths.get(&key) {
            return width;
        }
        let mut buffer = Buffer::new_empty(Metrics::new(1.0, 1.0));
        self.lay_out(&mut buffer, text, px, mono, bold);
        let width = buffer.layout_runs().next().map_or(0.0, |run| run.line_w).ceil() as u32;
        if self.widths.len() >= MAX_MEASURED {
            self.widths.clear();
        }
        self.widths.insert(key, width);
        width
    }

    /// Shapes a line of chrome text into `buffer`.
    pub(super) fn lay_out(&mut self, buffer: &mut Buffer, text: &str, px: f32, mono: bool, bold: bool) {
        let typeface = if mono { &self.mono } else { &self.sans };
        let attrs = attrs(&typeface.name, typeface.weight(bold), false);
        let px = if px.is_finite() { px.clamp(1.0, *FONT_PX.end()) } else { 1.0 };
        let line = text.lines().next().unwrap_or_default();
        buffer.set_wrap(Wrap::None);
        buffer.set_metrics(Metrics::new(px, Self::line_height(px) as f32));
        buffer.set_text(line, &attrs, Shaping::Advanced, None);
        buffer.shape_until_scroll(&mut self.system, false);
    }

    /// Shapes one cluster of terminal text at `px` pixels; `emoji` prefers the colour font.
    pub(super) fn shape_cluster(&mut self, text: &str, face: Face, emoji: bool, px: f32) -> Shaped {
        let family = self.emoji.as_deref().filter(|_| emoji).unwrap_or(&self.mono.name);
        let weight = if emoji { Weight::NORMAL } else { self.mono.weight(face.bold) };
        let attrs = attrs(family, weight, face.italic);
        self.scratch.set_metrics(Metrics::new(px, px));
        self.scratch.set_text(text, &attrs, Shaping::Advanced, None);
        self.scratch.shape_until_scroll(&mut self.system, false);
        let mut shaped = Shaped { glyphs: Vec::new(), advance: 0.0, missing: true, own_family: true };
        let db = self.system.db();
        for glyph in self.scratch.layout_runs().flat_map(|run| run.glyphs) {
            if glyph.glyph_id == 0 {
                continue;
            }
            shaped.missing &= glyph.start != 0;
            shaped.own_family &= db.face(glyph.font_id).and_then(family_of) == Some(family);
            shaped.advance += glyph.w;
            shaped.glyphs.push(glyph.physical((0.0, 0.0), 1.0));
        }
        shaped
    }
}

/// What the regular face says about itself; a broken face's nonsense is replaced.
fn read_shape(system: &mut FontSystem, typeface: &Typeface) -> Option<FontShape> {
    let families = [Family::Name(&typeface.name)];
    let id = system.db().query(&Query { families: &families, weight: typeface.regular, ..Query::default() })?;
    let font = system.get_font(id, typeface.regular)?;
    let metrics = font.metrics();
    let em = f32::from(metrics.units_per_em.max(1));
    let swash = font.as_swash();
    let advance = swash.glyph_metrics(&[]).advance_width(swash.charmap().map('0')) / em;
    let usable = |v: f32, or: f32| if v.is_finite() && v > 0.0 { v } else { or };
    // Fonts give the top of a line; its middle is half a thickness below.
    let middle = |d: &cosmic_text::skrifa::metrics::Decoration| (d.offset - d.thickness / 2.0) / em;
    let underline = metrics.underline.as_ref();
    Some(FontShape {
        advance: usable(advance, 0.6),
        ascent: usable(metrics.ascent / em, 0.9),
        descent: (metrics.descent / em).min(0.0),
        leading: (metrics.leading / em).max(0.0),
        underline: (underline.map_or(-0.1, middle), usable(underline.map_or(0.0, |d| d.thickness / em), 0.05)),
        strike: metrics.strikeout.as_ref().map_or(0.3, middle),
    })
}

impl Typeface {
    fn weight(&self, bold: bool) -> Weight {
        if bold { self.bold.unwrap_or(self.regular) } else { self.regular }
    }
}

fn attrs(family: &str, weight: Weight, italic: bool) -> Attrs<'_> {
    let style = if italic { Style::Italic } else { Style::Normal };
    Attrs::new().family(Family::Name(family)).weight(weight).style(style)
}

fn family_of(face: &FaceInfo) -> Option<&str> {
    face.families.first().map(|(name, _)| name.as_str())
}

fn has_family(db: &Database, name: &str) -> bool {
    db.faces().any(|f| family_of(f) == Some(name))
}

/// The family to use: the wanted one, the system's, a well-known one, any that fits, any at all.
fn pick(
    db: &Database,
    wanted: Option<&str>,
    generic: Family<'_>,
    known: &[&str],
    fits: impl Fn(&FaceInfo) -> bool,
) -> Result<Typeface, NoFont> {
    let system = db.family_name(&generic);
    let named = wanted.into_iter().chain([system]).chain(known.iter().copied()).find(|n| has_family(db, n));
    let text = |f: &&FaceInfo| !family_of(f).is_some_and(|n| n.contains("Emoji"));
    let any = || db.faces().filter(text).find(|f| fits(f)).or_else(|| db.faces().next()).and_then(family_of);
    let name = named.or_else(any).ok_or(NoFont)?.to_owned();
    let faces = || db.faces().filter(|f| family_of(f) == Some(name.as_str()));
    let regular = faces().map(|f| f.weight).min_by_key(|w| w.0.abs_diff(400)).unwrap_or(Weight::NORMAL);
    let real = faces().map(|f| f.weight).filter(|w| w.0 >= 600 && *w > regular).min_by_key(|w| w.0.abs_diff(700));
    let variable = || faces().any(|f| varies_to(db, f, Weight::BOLD)).then_some(Weight::BOLD);
    let bold = real.or_else(variable);
    Ok(Typeface { name, regular, bold })
}

/// Whether a face is a variable one that has this weight too.
fn varies_to(db: &Database, face: &FaceInfo, weight: Weight) -> bool {
    use cosmic_text::skrifa::{FontRef, MetadataProvider, Tag};
    let has = |data: &[u8], index: u32| {
        let axis = FontRef::from_index(data, index).ok()?.axes().get_by_tag(Tag::new(b"wght"))?;
        Some((axis.min_value()..=axis.max_value()).contains(&f32::from(weight.0)))
    };
    db.with_face_data(face.id, has).flatten().unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(files: &[&str], family: Option<&str>) -> Result<Fonts, NoFont> {
        let dir = PathBuf::from("/usr/share/fonts/truetype/dejavu");
        let files = files.iter().map(|f| dir.join(f)).collect();
        Fonts::new(&FontOptions { family: family.map(String::from), px: 16.0, files })
    }

    #[test]
    fn a_configured_font_that_is_missing_falls_back() {
        let files = ["DejaVuSans.ttf", "DejaVuSansMono.ttf", "DejaVuSansMono-Bold.ttf"];
        for (wanted, got) in [
            (Some("No Such Font"), "DejaVu Sans Mono"),
            (None, "DejaVu Sans Mono"),
            (Some("DejaVu Sans"), "DejaVu Sans"),
        ] {
            let fonts = of(&files, wanted).expect("the files are there");
            assert_eq!(fonts.family(), got);
        }
    }

    #[test]
    fn no_font_at_all_is_an_error() {
        assert_eq!(of(&["no-such-file.ttf"], None).err(), Some(NoFont));
    }

    #[test]
    fn bold_without_a_bold_face_stays_in_the_family() {
        let mut fonts = of(&["DejaVuSans.ttf", "DejaVuSansMono.ttf"], None).expect("the files are there");
        assert!(fonts.fakes_bold());
        let bold = fonts.shape_cluster("a", Face { bold: true, italic: false }, false, 16.0);
        assert!(bold.own_family && !bold.missing);
        let fonts = of(&["DejaVuSansMono.ttf", "DejaVuSansMono-Bold.ttf"], None).expect("the files are there");
        assert!(!fonts.fakes_bold());
    }

    #[test]
    fn sizes_are_held_within_bounds() {
        let mut fonts = of(&["DejaVuSansMono.ttf"], None).expect("the file is there");
        for (asked, got) in [(0.0, 4.0), (-3.0, 4.0), (f32::NAN, 4.0), (1e9, 200.0), (17.5, 17.5)] {
            fonts.set_px(asked);
            assert_eq!(fonts.px(), got);
            assert!(fonts.metrics().cell.w >= 1);
        }
        assert_eq!(fonts.measure("text", f32::NAN, true, false), fonts.measure("text", 1.0, true, false));
    }
}
