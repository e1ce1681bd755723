//! What every test that draws needs: a device, and fonts that are the same on every machine.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock};

use synk::render::{FontOptions, Gpu};

/// One device for all tests of this binary, and one test at a time on it: software drivers do not like many.
fn gpu() -> &'static Mutex<Gpu> {
    static GPU: OnceLock<Mutex<Gpu>> = OnceLock::new();
    GPU.get_or_init(|| Mutex::new(Gpu::headless().unwrap_or_else(|e| panic!("{e}"))))
}

/// Runs `f` with the device.
pub fn with_gpu<T>(f: impl FnOnce(&Gpu) -> T) -> T {
    let gpu = gpu().lock().unwrap_or_else(|e| e.into_inner());
    let out = f(&gpu);
    assert_eq!(gpu.first_error(), None);
    out
}

/// The test font, from its packages.
pub fn fonts(px: f32) -> FontOptions {
    let dir = Path::new("/usr/share/fonts/truetype");
    let files = [
        "dejavu/DejaVuSansMono.ttf",
        "dejavu/DejaVuSansMono-Bold.ttf",
        "dejavu/DejaVuSans.ttf",
        "dejavu/DejaVuSans-Bold.ttf",
        "noto/NotoColorEmoji.ttf",
    ];
    let files: Vec<PathBuf> = files.iter().map(|f| dir.join(f)).collect();
    for file in &files {
        assert!(file.exists(), "{} is missing: install fonts-dejavu-core and fonts-noto-color-emoji", file.display());
    }
    FontOptions { family: None, px, files }
}
