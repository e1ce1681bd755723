//! The graphics device. Knows no window but for the surface it makes, and draws nothing.

use std::fmt;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::surface::WindowSurface;
use crate::base::PxSize;

/// How long one frame may keep the device busy before it counts as hung. Software adapters on a loaded machine need
/// tenths of a second for a large window, so this is far above.
const FRAME_TIMEOUT: Duration = Duration::from_secs(10);

/// What stands behind a window: winit's `OwnedDisplayHandle`, for example. OpenGL needs it to present, others do not.
pub type DisplayHandle = Box<dyn wgpu::wgt::WgpuHasDisplayHandle>;

/// Why there is nothing to draw with. Each reads as one sentence for the user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GpuError {
    /// No adapter at all, or none that can show in this window. The text is the driver layer's, for the log.
    NoAdapter(String),
    /// An adapter was there but gave no device.
    NoDevice { adapter: String, reason: String },
    /// The window cannot be drawn on.
    NoSurface(String),
}

impl fmt::Display for GpuError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoAdapter(_) => f.write_str(
                "no graphics adapter was found: install a Vulkan or OpenGL driver (Mesa's software driver will do: package \
                 mesa-vulkan-drivers)",
            ),
            Self::NoDevice { adapter, reason } => write!(f, "the graphics adapter {adapter} gave no device: {reason}"),
            Self::NoSurface(reason) => write!(f, "the window cannot be drawn on: {reason}"),
        }
    }
}

impl std::error::Error for GpuError {}

/// What goes wrong on the device between frames; shared with wgpu's callbacks, which run on any thread.
#[derive(Default)]
struct Health {
    lost: AtomicBool,
    error: Mutex<Option<String>>,
}

impl Health {
    fn fail(&self, what: String) {
        if let Ok(mut first) = self.error.lock() {
            first.get_or_insert(what);
        }
    }
}

/// An adapter with its device and queue.
pub struct Gpu {
    instance: wgpu::Instance,
    adapter: wgpu::Adapter,
    pub(super) device: wgpu::Device,
    pub(super) queue: wgpu::Queue,
    health: Arc<Health>,
}

impl Gpu {
    /// A device without a window, for drawing off screen.
    ///
    /// # Errors
    /// [`GpuError::NoAdapter`] and [`GpuError::NoDevice`].
    pub fn headless() -> Result<Self, GpuError> {
        let instance = instance(None);
        let adapter = adapter(&instance, None)?;
        Self::from_adapter(instance, adapter)
    }

    /// A device and the surface of a window to draw on. `window` is what wgpu takes: an `Arc` of a winit window, for
    /// example; the surface keeps it.
    ///
    /// # Errors
    /// All of [`GpuError`].
    pub fn for_window(
        window: impl Into<wgpu::SurfaceTarget<'static>>,
        display: Option<DisplayHandle>,
        size: PxSize,
    ) -> Result<(Self, WindowSurface), GpuError> {
        let instance = instance(display);
        let surface = instance.create_surface(window).map_err(|e| no_surface(&instance, &e))?;
        let adapter = adapter(&instance, Some(&surface))?;
        let gpu = Self::from_adapter(instance, adapter)?;
        let surface = WindowSurface::new(&gpu, surface, size)?;
        Ok((gpu, surface))
    }

    /// Another surface on this device: for a window whose surface was lost while the device lives on.
    ///
    /// # Errors
    /// [`GpuError::NoSurface`].
    pub fn surface(
        &self,
        window: impl Into<wgpu::SurfaceTarget<'static>>,
        size: PxSize,
    ) -> Result<WindowSurface, GpuError> {
        let surface = self.instance.create_surface(window).map_err(|e| GpuError::NoSurface(e.to_string()))?;
        WindowSurface::new(self, surface, size)
    }

    fn from_adapter(instance: wgpu::Instance, adapter: wgpu::Adapter) -> Result<Self, GpuError> {
        // The least that every adapter has is enough, but for the size of textures: a window may be as large as the
        // adapter allows.
        let limits = wgpu::Limits::downlevel_webgl2_defaults().using_resolution(adapter.limits());
        let descriptor = wgpu::DeviceDescriptor {
            label: Some("synk"),
            required_limits: limits,
            memory_hints: wgpu::MemoryHints::MemoryUsage,
            ..Default::default()
        };
        let (device, queue) = pollster::block_on(adapter.request_device(&descriptor))
            .map_err(|e| GpuError::NoDevice { adapter: adapter.get_info().name, reason: e.to_string() })?;
        let health = Arc::new(Health::default());
        let seen = Arc::clone(&health);
        device.set_device_lost_callback(move |reason, message| {
            if reason != wgpu::DeviceLostReason::Destroyed {
                log::warn!("the graphics device was lost: {message}");
            }
            seen.lost.store(true, Ordering::Release);
        });
        let seen = Arc::clone(&health);
        device.on_uncaptured_error(Arc::new(move |error: wgpu::Error| {
            // Out of memory and internal errors are the device's end; a validation error is a bug of ours, and the
            // frame without what was refused is better than a crash.
            if !matches!(error, wgpu::Error::Validation { .. }) {
                seen.lost.store(true, Ordering::Release);
            }
            log::error!("graphics: {error}");
            seen.fail(error.to_string());
        }));
        Ok(Self { instance, adapter, device, queue, health })
    }

    /// Name and kind of the adapter, for the log and for `doctor`.
    pub fn describe(&self) -> String {
        let info = self.adapter.get_info();
        format!("{} ({:?}, {:?})", info.name, info.device_type, info.backend)
    }

    /// The device is gone, with everything on it. Drawing does nothing from then on: make a new [`Gpu`], and a new
    /// renderer on it.
    pub fn is_lost(&self) -> bool {
        self.health.lost.load(Ordering::Acquire)
    }

    /// The first error that the device reported, if it ever did.
    pub fn first_error(&self) -> Option<String> {
        self.health.error.lock().ok().and_then(|e| e.clone())
    }

    /// Longest side of a texture, and so of a window's or an off-screen target's, in pixels.
    pub fn max_side(&self) -> u32 {
        self.device.limits().max_texture_dimension_2d
    }

    /// What this adapter can do with a surface.
    pub(super) fn capabilities(&self, surface: &wgpu::Surface<'_>) -> wgpu::SurfaceCapabilities {
        surface.get_capabilities(&self.adapter)
    }

    /// Waits until the device has done what was submitted. A device that does not answer counts as lost.
    pub(super) fn wait(&self, submission: Option<wgpu::SubmissionIndex>) {
        let wait = wgpu::PollType::Wait { submission_index: submission, timeout: Some(FRAME_TIMEOUT) };
        if let Err(e) = self.device.poll(wait) {
            log::warn!("the graphics device does not answer: {e}");
            self.health.lost.store(true, Ordering::Release);
        }
    }

    /// Ends the device, as a driver reset would. For tests of what comes after.
    pub fn destroy(&self) {
        self.device.destroy();
        self.health.lost.store(true, Ordering::Release);
    }
}

/// Why a window has no surface: without any driver that is all there is to say about it.
fn no_surface(instance: &wgpu::Instance, error: &wgpu::CreateSurfaceError) -> GpuError {
    let adapters = pollster::block_on(instance.enumerate_adapters(wgpu::Backends::all()));
    if adapters.is_empty() { GpuError::NoAdapter(error.to_string()) } else { GpuError::NoSurface(error.to_string()) }
}

/// The driver layer; `WGPU_BACKEND` and wgpu's other variables are heard.
fn instance(display: Option<DisplayHandle>) -> wgpu::Instance {
    let mut descriptor = wgpu::InstanceDescriptor::new_without_display_handle();
    descriptor.backends = wgpu::Backends::PRIMARY | wgpu::Backends::GL;
    descriptor.display = display;
    wgpu::Instance::new(descriptor.with_env())
}

/// The adapter named by `WGPU_ADAPTER_NAME`, or the one that fits `WGPU_POWER_PREF`: the thrifty one unless said
/// otherwise, a terminal needs no more.
fn adapter(instance: &wgpu::Instance, surface: Option<&wgpu::Surface<'_>>) -> Result<wgpu::Adapter, GpuError> {
    if let Ok(name) = std::env::var("WGPU_ADAPTER_NAME") {
        let wanted = name.to_lowercase();
        let all = pollster::block_on(instance.enumerate_adapters(wgpu::Backends::all()));
        let fits = |a: &wgpu::Adapter| {
            a.get_info().name.to_lowercase().contains(&wanted) && surface.is_none_or(|s| a.is_surface_supported(s))
        };
        return all.into_iter().find(fits).ok_or_else(|| GpuError::NoAdapter(format!("none is named {name}")));
    }
    let options = wgpu::RequestAdapterOptions {
        power_preference: wgpu::PowerPreference::from_env().unwrap_or(wgpu::PowerPreference::LowPower),
        compatible_surface: surface,
        ..Default::default()
    };
    pollster::block_on(instance.request_adapter(&options)).map_err(|e| GpuError::NoAdapter(e.to_string()))
}
