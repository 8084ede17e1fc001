//! mozjpeg's decoder behind a safe face: the only `unsafe` code of the engine.
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
    J_COLOR_SPACE, jpeg_common_struct, jpeg_decompress_struct, jpeg_error_mgr, jpeg_progress_mgr,
};
use whittle_core::{Cancel, Cancelled, Format};

use super::coefficients::{Coefficients, Component};
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

/// libjpeg's `DSTATE_START`: nothing is read yet, or the end was.
const ENDED: i32 = 200;

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
        // Before the end frees what libjpeg knows of the scans; the end itself may find more damage.
        source.check_whole()?;
        // SAFETY: every scan line was read.
        unsafe { sys::jpeg_finish_decompress(&mut source.info) };
        source.check_undamaged()?;
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
    /// The file.
    bytes: *const [u8],
}

impl Monitor {
    fn new(bytes: &[u8], cancel: &Cancel) -> Box<Monitor> {
        Box::new(Monitor {
            manager: jpeg_progress_mgr {
                progress_monitor: Some(on_progress),
                pass_counter: 0,
                pass_limit: 0,
                completed_passes: 0,
                total_passes: 0,
            },
            cancel: cancel.clone(),
            bytes,
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

/// So many bytes left over after the last block are more than an encoder's oddity.
const LEFT_OVER: usize = 64;

extern "C-unwind" fn on_message(info: &mut jpeg_common_struct, level: i32) {
    if level >= 0 {
        return;
    }
    // SAFETY: as in `on_error`.
    let manager = unsafe { &mut *info.err };
    match manager.msg_code {
        // The end marker is missing; whether anything else is, other checks tell.
        sys::JWRN_JPEG_EOF => manager.num_warnings |= ENDED_EARLY,
        sys::JWRN_EXTRANEOUS_DATA => {
            // SAFETY: the numbers of a message; any bits are valid.
            let length = unsafe { (*manager.msg_parm.i())[0] }.max(0) as usize;
            // SAFETY: only decompressors warn of it, and their struct begins with the common one; the
            // monitor is as in `on_progress`, and the bytes it names outlive the decompressor.
            let (scans, next, bytes) = unsafe {
                let monitor = &*info.progress.cast::<Monitor>();
                let info = &*(&raw const *info).cast::<jpeg_decompress_struct>();
                let next = (*info.src).next_input_byte as usize;
                (info.input_scan_number, next, &*monitor.bytes)
            };
            // At a fake end of the file it points elsewhere.
            let end = next.checked_sub(bytes.as_ptr() as usize);
            let junk = end.and_then(|end| bytes.get(end.checked_sub(length)?..end));
            // Cameras fill up with zeros; a scan that goes on after its picture is read in as many ways
            // as there are readers.
            let filling = |junk: &[u8]| {
                junk.iter()
                    .filter(|&&byte| matches!(byte, 0 | 0xff))
                    .count()
            };
            let goes_on = junk.is_some_and(|junk| filling(junk) < junk.len() / 2);
            if scans > 0 && length >= LEFT_OVER && goes_on {
                manager.num_warnings |= DAMAGED;
            }
        }
        // Junk between segments, odd version numbers and the like do not touch the picture.
        sys::JWRN_JFIF_MAJOR
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
        let mut monitor = Monitor::new(bytes, cancel);
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

    /// Fails when data was damaged, which libjpeg only warns of.
    fn check_undamaged(&self) -> Result<()> {
        match self.errors.num_warnings & DAMAGED {
            0 => Ok(()),
            _ => Err(Error::undecodable(
                Format::Jpeg,
                "its picture data is damaged or ends too early",
            )),
        }
    }

    /// Fails when data was damaged or is missing. Only between the first and the last scan line: then what
    /// libjpeg knows of the scans is freed.
    fn check_whole(&self) -> Result<()> {
        debug_assert_ne!(
            self.info.common.global_state, ENDED,
            "what it looks at is freed"
        );
        self.check_undamaged()?;
        if self.errors.num_warnings & ENDED_EARLY != 0 && !self.info.coef_bits.is_null() {
            let components = self.info.num_components as usize;
            // SAFETY: for progressive pictures libjpeg keeps at least 64 numbers for each component here, from
            // the start of decoding to its end.
            let bits = unsafe {
                std::slice::from_raw_parts(self.info.coef_bits.cast::<i32>(), components * 64)
            };
            if bits.iter().any(|&bits| bits != 0) {
                return Err(Error::undecodable(
                    Format::Jpeg,
                    "its last scans are missing",
                ));
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
