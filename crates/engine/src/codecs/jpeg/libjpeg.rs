//! mozjpeg behind a safe face: the only `unsafe` code of the engine.
//!
//! libjpeg reports errors by a callback that must not return. Here it unwinds through the C frames
//! (which mozjpeg-sys compiles to be unwindable) to `caught`, and drops free what libjpeg holds.
//! Everything that libjpeg keeps a pointer to is boxed and owned by the same struct as the codec
//! state, so that it lives as long and never moves.

#![allow(unsafe_code)]

use std::any::Any;
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use mozjpeg_sys as sys;
use mozjpeg_sys::{
    J_BOOLEAN_PARAM, J_COLOR_SPACE, jpeg_common_struct, jpeg_compress_struct,
    jpeg_decompress_struct, jpeg_destination_mgr, jpeg_error_mgr, jpeg_progress_mgr,
};
use whittle_core::{Cancel, Cancelled, Format};

use super::coefficients::{Coefficients, Component};
use super::markers::Segment;
use crate::pixels::Image;
use crate::{Error, Result};

/// Decoded samples as they are stored: 8 bits each.
pub(super) enum Samples {
    /// Grey and colour pictures, opaque.
    Rgba(Image),
    /// Four inks a pixel, as stored (Adobe stores them inverted).
    Cmyk {
        width: u32,
        height: u32,
        inks: Vec<u8>,
    },
}

/// How colour resolution is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Chroma {
    /// One colour sample for each pixel (4:4:4).
    Full,
    /// One for each 2×2 pixels (4:2:0).
    Half,
    /// None: a grey picture.
    None,
}

/// Decodes a whole picture.
pub(super) fn decode(bytes: &[u8], cancel: &Cancel) -> Result<Samples> {
    caught(|| {
        let mut source = Decompress::new(bytes, cancel);
        source.read_header();
        let info = &mut *source.info;
        let inks = info.num_components == 4;
        info.out_color_space = if inks {
            J_COLOR_SPACE::JCS_CMYK
        } else {
            J_COLOR_SPACE::JCS_EXT_RGBA
        };
        // SAFETY: the header was read, and the source outlives the call.
        unsafe { sys::jpeg_start_decompress(info) };
        let (width, height) = (info.output_width, info.output_height);
        let stride = width as usize * 4;
        let mut pixels = vec![0u8; stride * height as usize];
        while info.output_scanline < height {
            let row = info.output_scanline as usize;
            let mut line = pixels[row * stride..].as_mut_ptr();
            // SAFETY: one row of `stride` bytes is left at `line`, as four channels were asked for.
            let read = unsafe { sys::jpeg_read_scanlines(info, &mut line, 1) };
            if read == 0 {
                stop(Fault::Broken("it ends too early".into()));
            }
        }
        // SAFETY: every scan line was read.
        unsafe { sys::jpeg_finish_decompress(info) };
        source.check_whole()?;
        Ok(if inks {
            Samples::Cmyk {
                width,
                height,
                inks: pixels,
            }
        } else {
            Samples::Rgba(Image {
                width,
                height,
                rgba: pixels,
            })
        })
    })
}

/// A file whose coefficients are in memory.
pub(super) struct Stored<'a> {
    source: Decompress<'a>,
    arrays: *mut *mut sys::jvirt_barray_control,
}

/// Reads all coefficients of a file, without a loss.
pub(super) fn stored<'a>(bytes: &'a [u8], cancel: &Cancel) -> Result<Stored<'a>> {
    caught(|| {
        let mut source = Decompress::new(bytes, cancel);
        source.read_header();
        // SAFETY: the header was read; the arrays live as long as the source.
        let arrays = unsafe { sys::jpeg_read_coefficients(&mut source.info) };
        source.check_whole()?;
        Ok(Stored { source, arrays })
    })
}

impl Stored<'_> {
    /// The coefficients where they lie.
    pub fn coefficients(&mut self) -> Result<Coefficients<'_>> {
        let arrays = self.arrays;
        let info = &mut *self.source.info;
        caught(|| {
            let count = info.num_components as usize;
            let mut tables: Vec<[u16; 64]> = Vec::new();
            let mut components = Vec::with_capacity(count);
            for index in 0..count {
                // SAFETY: libjpeg keeps as many components as it says.
                let component = unsafe { &*info.comp_info.add(index) };
                if component.quant_table.is_null() {
                    return Err(Error::undecodable(
                        Format::Jpeg,
                        "a quantization table is missing",
                    ));
                }
                // SAFETY: not null, and it lives as long as the source.
                let table = unsafe { (*component.quant_table).quantval };
                let place = tables
                    .iter()
                    .position(|known| *known == table)
                    .unwrap_or_else(|| {
                        tables.push(table);
                        tables.len() - 1
                    });
                let (across, down) = (component.width_in_blocks, component.height_in_blocks);
                let rows = (0..down)
                    .map(|row| {
                        // SAFETY: the arrays were made by `jpeg_read_coefficients` and have `down` rows of at
                        // least `across` blocks; mozjpeg-sys keeps them whole in memory, so that rows stay
                        // where they are as long as the source, which this borrows. Nothing writes to them.
                        unsafe {
                            let memory = &*info.common.mem;
                            let access = memory.access_virt_barray.expect("set by libjpeg");
                            let line = access(&mut info.common, *arrays.add(index), row, 1, 0);
                            std::slice::from_raw_parts((*line).cast_const(), across as usize)
                        }
                    })
                    .collect();
                components.push(Component {
                    id: component.component_id as u8,
                    sampling: (component.h_samp_factor as u8, component.v_samp_factor as u8),
                    table: place as u8,
                    across: across as usize,
                    rows,
                });
            }
            Ok(Coefficients {
                width: info.image_width,
                height: info.image_height,
                components,
                tables,
            })
        })
    }
}

/// Compresses an opaque picture at a quality of 1 to 100, with mozjpeg's trellis quantization and
/// scan search.
pub(super) fn encode(
    image: &Image,
    quality: u8,
    chroma: Chroma,
    segments: &[Segment],
    cancel: &Cancel,
) -> Result<Vec<u8>> {
    caught(|| {
        let mut target = Compress::new(cancel);
        let info = &mut *target.info;
        info.image_width = image.width;
        info.image_height = image.height;
        info.input_components = 4;
        info.in_color_space = J_COLOR_SPACE::JCS_EXT_RGBX;
        // SAFETY: the input's description is complete.
        unsafe {
            sys::jpeg_set_defaults(info);
            if chroma == Chroma::None {
                sys::jpeg_set_colorspace(info, J_COLOR_SPACE::JCS_GRAYSCALE);
            }
            sys::jpeg_set_quality(info, i32::from(quality.clamp(1, 100)), 1);
            let factor = if chroma == Chroma::Half { 2 } else { 1 };
            let luma = &mut *info.comp_info;
            luma.h_samp_factor = factor;
            luma.v_samp_factor = factor;
        }
        info.optimize_coding = 1;
        set_scans(info, true);
        let stride = image.width as usize * 4;
        // SAFETY: the parameters are set; each row that is handed over is `stride` bytes long.
        unsafe {
            sys::jpeg_start_compress(info, 1);
            write_segments(info, segments);
            for row in image.rgba.chunks_exact(stride) {
                let line = row.as_ptr();
                sys::jpeg_write_scanlines(info, &line, 1);
            }
            sys::jpeg_finish_compress(info);
        }
        Ok(target.into_bytes())
    })
}

fn set_scans(info: &mut jpeg_compress_struct, progressive: bool) {
    // SAFETY: the struct is initialized, and its components are set.
    unsafe {
        sys::jpeg_c_set_bool_param(
            info,
            J_BOOLEAN_PARAM::JBOOLEAN_OPTIMIZE_SCANS,
            progressive.into(),
        );
        if progressive {
            sys::jpeg_simple_progression(info);
        } else {
            info.num_scans = 0;
            info.scan_info = std::ptr::null();
        }
    }
}

fn write_segments(info: &mut jpeg_compress_struct, segments: &[Segment]) {
    for segment in segments {
        // SAFETY: the pointer and the length are those of a live slice.
        unsafe {
            sys::jpeg_write_marker(
                info,
                i32::from(segment.marker),
                segment.data.as_ptr(),
                segment.data.len() as u32,
            );
        }
    }
}

/// Why a call into libjpeg ended early.
enum Fault {
    Broken(String),
    Cancelled(Cancelled),
}

/// Leaves libjpeg. Not a panic, so no hook prints it.
fn stop(fault: Fault) -> ! {
    resume_unwind(Box::new(fault))
}

fn caught<T>(work: impl FnOnce() -> Result<T>) -> Result<T> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(result) => result,
        Err(payload) => match (payload as Box<dyn Any>).downcast::<Fault>() {
            Ok(fault) => match *fault {
                Fault::Broken(reason) => Err(Error::undecodable(Format::Jpeg, reason)),
                Fault::Cancelled(cancelled) => Err(cancelled.into()),
            },
            Err(_) => Err(Error::internal("the JPEG codec crashed")),
        },
    }
}

/// A progress monitor that knows whether to stop; libjpeg sees its first field.
#[repr(C)]
struct Monitor {
    manager: jpeg_progress_mgr,
    cancel: Cancel,
}

impl Monitor {
    fn new(cancel: &Cancel) -> Box<Monitor> {
        Box::new(Monitor {
            manager: jpeg_progress_mgr {
                progress_monitor: Some(on_progress),
                pass_counter: 0,
                pass_limit: 0,
                completed_passes: 0,
                total_passes: 0,
            },
            cancel: cancel.clone(),
        })
    }
}

extern "C-unwind" fn on_progress(info: &mut jpeg_common_struct) {
    // SAFETY: `progress` points to the first field of a boxed `Monitor` (repr C), set in `new`.
    let monitor = unsafe { &*info.progress.cast::<Monitor>() };
    if let Err(cancelled) = monitor.cancel.check() {
        stop(Fault::Cancelled(cancelled));
    }
}

extern "C-unwind" fn on_error(info: &mut jpeg_common_struct) {
    // SAFETY: `err` points to the boxed error manager, set in `new`.
    let code = unsafe { (*info.err).msg_code };
    stop(Fault::Broken(describe(code)));
}

/// Bits of `num_warnings`, which is ours to use since nothing else counts into it.
const ENDED_EARLY: std::os::raw::c_long = 1;
const DAMAGED: std::os::raw::c_long = 2;

extern "C-unwind" fn on_message(info: &mut jpeg_common_struct, level: i32) {
    if level >= 0 {
        return;
    }
    // SAFETY: as in `on_error`.
    let manager = unsafe { &mut *info.err };
    match manager.msg_code {
        // The end marker is missing; whether anything else is, other checks tell.
        sys::JWRN_JPEG_EOF => manager.num_warnings |= ENDED_EARLY,
        // Junk between segments, odd version numbers and the like do not touch the picture.
        sys::JWRN_EXTRANEOUS_DATA
        | sys::JWRN_JFIF_MAJOR
        | sys::JWRN_ADOBE_XFORM
        | sys::JWRN_BOGUS_ICC
        | sys::JWRN_TOO_MUCH_DATA => {}
        _ => manager.num_warnings |= DAMAGED,
    }
}

extern "C-unwind" fn on_output(_: &mut jpeg_common_struct) {}

fn describe(code: i32) -> String {
    match code {
        sys::JERR_NO_SOI | sys::JERR_SOF_NO_SOS | sys::JERR_SOI_DUPLICATE => {
            "its header is damaged".into()
        }
        sys::JERR_EMPTY_IMAGE => "it has no pixels".into(),
        sys::JERR_SOF_UNSUPPORTED => "its kind of compression is not supported".into(),
        sys::JERR_INPUT_EMPTY | sys::JERR_INPUT_EOF => "it ends too early".into(),
        code => format!("libjpeg refuses it with error {code}"),
    }
}

fn error_manager() -> Box<jpeg_error_mgr> {
    // SAFETY: a C struct of numbers, pointers and optional functions; zeros are valid for all.
    let mut manager: Box<jpeg_error_mgr> = Box::new(unsafe { mem::zeroed() });
    // SAFETY: the struct is as large as libjpeg expects.
    unsafe { sys::jpeg_std_error(&mut manager) };
    manager.error_exit = Some(on_error);
    manager.emit_message = Some(on_message);
    manager.output_message = Some(on_output);
    manager
}

struct Decompress<'a> {
    info: Box<jpeg_decompress_struct>,
    errors: Box<jpeg_error_mgr>,
    _monitor: Box<Monitor>,
    _bytes: &'a [u8],
}

impl<'a> Decompress<'a> {
    fn new(bytes: &'a [u8], cancel: &Cancel) -> Decompress<'a> {
        let mut errors = error_manager();
        let mut monitor = Monitor::new(cancel);
        // SAFETY: zeros are valid for the C struct, which libjpeg then initializes. The error
        // manager, the monitor and the bytes outlive it: they are fields of the same struct.
        unsafe {
            let mut info: Box<jpeg_decompress_struct> = Box::new(mem::zeroed());
            info.common.err = &mut *errors;
            sys::jpeg_create_decompress(&mut *info);
            info.common.progress = (&raw mut *monitor).cast();
            sys::jpeg_mem_src(&mut info, bytes.as_ptr(), bytes.len() as _);
            Decompress {
                info,
                errors,
                _monitor: monitor,
                _bytes: bytes,
            }
        }
    }

    fn read_header(&mut self) {
        // SAFETY: the source is set.
        unsafe { sys::jpeg_read_header(&mut self.info, 1) };
    }

    /// Fails when data was damaged or is missing, which libjpeg only warns of.
    fn check_whole(&self) -> Result<()> {
        let broken = |reason| Err(Error::undecodable(Format::Jpeg, reason));
        if self.errors.num_warnings & DAMAGED != 0 {
            return broken("its picture data is damaged or ends too early");
        }
        if self.errors.num_warnings & ENDED_EARLY != 0 && !self.info.coef_bits.is_null() {
            let components = self.info.num_components as usize;
            // SAFETY: for progressive pictures libjpeg keeps 64 numbers for each component here.
            let bits = unsafe {
                std::slice::from_raw_parts(self.info.coef_bits.cast::<i32>(), components * 64)
            };
            if bits.iter().any(|&bits| bits != 0) {
                return broken("its last scans are missing");
            }
        }
        Ok(())
    }
}

impl Drop for Decompress<'_> {
    fn drop(&mut self) {
        // SAFETY: it was created; destroying is allowed in every state.
        unsafe { sys::jpeg_destroy_decompress(&mut self.info) };
    }
}

/// A destination that grows a vector; libjpeg sees its first field.
#[repr(C)]
struct Destination {
    manager: jpeg_destination_mgr,
    bytes: Vec<u8>,
}

const FIRST_CHUNK: usize = 64 * 1024;

extern "C-unwind" fn on_begin(info: &mut jpeg_compress_struct) {
    // SAFETY: `dest` points to the first field of a boxed `Destination` (repr C), set in `new`.
    let target = unsafe { &mut *info.dest.cast::<Destination>() };
    target.bytes.resize(FIRST_CHUNK, 0);
    target.manager.next_output_byte = target.bytes.as_mut_ptr();
    target.manager.free_in_buffer = FIRST_CHUNK;
}

extern "C-unwind" fn on_full(info: &mut jpeg_compress_struct) -> sys::boolean {
    // SAFETY: as in `on_begin`.
    let target = unsafe { &mut *info.dest.cast::<Destination>() };
    let full = target.bytes.len();
    target.bytes.resize(full * 2, 0);
    target.manager.next_output_byte = target.bytes[full..].as_mut_ptr();
    target.manager.free_in_buffer = full;
    1
}

extern "C-unwind" fn on_end(info: &mut jpeg_compress_struct) {
    // SAFETY: as in `on_begin`.
    let target = unsafe { &mut *info.dest.cast::<Destination>() };
    let used = target.bytes.len() - target.manager.free_in_buffer;
    target.bytes.truncate(used);
}

struct Compress {
    info: Box<jpeg_compress_struct>,
    _errors: Box<jpeg_error_mgr>,
    _monitor: Box<Monitor>,
    target: Box<Destination>,
}

impl Compress {
    fn new(cancel: &Cancel) -> Compress {
        let mut errors = error_manager();
        let mut monitor = Monitor::new(cancel);
        let mut target = Box::new(Destination {
            manager: jpeg_destination_mgr {
                next_output_byte: std::ptr::null_mut(),
                free_in_buffer: 0,
                init_destination: Some(on_begin),
                empty_output_buffer: Some(on_full),
                term_destination: Some(on_end),
            },
            bytes: Vec::new(),
        });
        // SAFETY: as for `Decompress`.
        unsafe {
            let mut info: Box<jpeg_compress_struct> = Box::new(mem::zeroed());
            info.common.err = &mut *errors;
            sys::jpeg_create_compress(&mut *info);
            info.common.progress = (&raw mut *monitor).cast();
            info.dest = (&raw mut *target).cast();
            Compress {
                info,
                _errors: errors,
                _monitor: monitor,
                target,
            }
        }
    }

    fn into_bytes(mut self) -> Vec<u8> {
        mem::take(&mut self.target.bytes)
    }
}

impl Drop for Compress {
    fn drop(&mut self) {
        // SAFETY: as for `Decompress`.
        unsafe { sys::jpeg_destroy_compress(&mut self.info) };
    }
}
