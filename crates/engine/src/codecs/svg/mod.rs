//! SVG: opened within bounds, made smaller, and drawn again to see that nothing changed.

mod accept;
mod burden;
mod carried;
mod difference;
mod editors;
mod font;
mod guard;
mod look;
mod meaning;
mod nature;
mod open;
mod optimize;
mod passes;
mod pieces;
mod rasters;
mod render;
mod resize;
mod scan;
mod search;
mod size;
mod tidy;
mod tree;
mod verify;
mod weight;
mod wording;

use std::panic::{AssertUnwindSafe, catch_unwind};

use whittle_core::{Cancel, Format, Limits, Recipe};

pub(crate) use self::accept::accepted;
pub(crate) use self::carried::{removable, with_metadata_of};
pub(crate) use self::look::{drawn, drawn_as, opened, resized};
use self::open::Source;
use self::render::Drawing;
use self::size::Geometry;
use self::tree::Tree;
use crate::pixels::Image;
use crate::{Encoded, Error, Info, Result};

/// Enough for walking as deep as the limits allow, whatever stack the caller has.
const STACK: usize = 64 << 20;

/// Longest side of the pictures that are made of a drawing.
const PICTURE: f64 = 2048.0;

pub(crate) fn inspect(bytes: &[u8], limits: &Limits) -> Result<Info> {
    let source = Source::open(bytes, limits)?;
    let document = source.parse()?;
    let (width, height) = Geometry::of(document.root_element()).rounded();
    Ok(Info {
        format: Format::Svg,
        width,
        height,
        // Trees of the original and a candidate, and two pictures of each.
        peak_memory: (source.text.len() as u64) * 60
            + (96 << 20)
            + rasters::peak_memory(&document, limits),
    })
}

pub(crate) fn optimize(bytes: &[u8], recipe: &Recipe, cancel: &Cancel) -> Result<Encoded> {
    on_large_stack(|| optimize::optimize(bytes, recipe, cancel))
}

pub(crate) fn first_frame(bytes: &[u8], limits: &Limits, cancel: &Cancel) -> Result<Image> {
    on_large_stack(|| {
        let source = Source::open(bytes, limits)?;
        let document = source.parse()?;
        weight::check(&document, limits)?;
        cancel.check()?;
        let geometry = Geometry::of(document.root_element());
        let text = resize::with_own_size(&Tree::of(&document), &geometry).written();
        let (mut width, mut height) = (geometry.width, geometry.height);
        let shrink = (PICTURE / width.max(height)).min(1.0);
        (width, height) = (width * shrink, height * shrink);
        let drawing = Drawing::without_text(&text)?;
        let whole = |length: f64| (length.round() as u32).max(1);
        let (width, height) = drawing.bearable(whole(width), whole(height))?;
        Ok(render::image(&drawing.render(width, height)?))
    })
}

/// Runs recursive work where it has room, and turns its panics into errors.
fn on_large_stack<T: Send>(work: impl FnOnce() -> Result<T> + Send) -> Result<T> {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new()
            .name("svg".to_owned())
            .stack_size(STACK)
            .spawn_scoped(scope, || contained(work))
            .map_err(Error::internal)?;
        thread
            .join()
            .unwrap_or_else(|_| Err(Error::internal("the SVG code crashed")))
    })
}

/// Turns a panic into an error.
fn contained<T>(work: impl FnOnce() -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(work))
        .unwrap_or_else(|_| Err(Error::internal("the SVG code crashed")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn optimized(text: &str) -> Result<Encoded> {
        optimize(text.as_bytes(), &Recipe::default(), &Cancel::new())
    }

    #[test]
    fn deep_documents_need_no_stack_of_the_caller() {
        let deep = |depth: usize| {
            format!(
                "<svg xmlns='http://www.w3.org/2000/svg'>{}<path d='M0 0h9v9'/>{}</svg>",
                "<g opacity='.99'>".repeat(depth),
                "</g>".repeat(depth)
            )
        };
        // As on a small worker thread.
        let worker = std::thread::Builder::new().stack_size(256 << 10);
        let thread = worker.spawn(move || {
            assert!(matches!(
                optimized(&deep(30_000)),
                Err(Error::TooComplex { .. })
            ));
            assert!(first_frame(deep(100).as_bytes(), &Limits::default(), &Cancel::new()).is_ok());
            match optimized(&deep(500)) {
                Ok(_) | Err(Error::TooComplex { .. }) => {}
                Err(error) => panic!("{error}"),
            }
        });
        thread.unwrap().join().unwrap();
    }

    #[test]
    fn hostile_documents_end_soon() {
        let svg = |inner: &str| format!("<svg xmlns='http://www.w3.org/2000/svg'>{inner}</svg>");
        let circle = "<g id='a'><use href='#b'/></g><g id='b'><use href='#a'/></g>";
        assert!(matches!(
            optimized(&svg(circle)),
            Err(Error::Unsupported { .. })
        ));
        let file = "<!DOCTYPE svg [<!ENTITY x SYSTEM 'Cargo.toml'>]>".to_owned()
            + &svg("<text>&x;</text>");
        assert!(matches!(optimized(&file), Err(Error::Unsupported { .. })));
        assert!(matches!(
            optimized(&svg("<g>")),
            Err(Error::Undecodable { .. })
        ));
        assert!(optimized(&svg("<image href='file:///etc/passwd'/>")).is_ok());
    }

    #[test]
    fn headers_tell_the_size() {
        let svg = "<svg xmlns='http://www.w3.org/2000/svg' width='1in' viewBox='0 0 2 1'/>";
        let info = inspect(svg.as_bytes(), &Limits::default()).unwrap();
        assert_eq!((info.width, info.height), (96, 48));
    }

    #[test]
    fn pictures_are_of_natural_size_within_a_bound() {
        let frame = |size: &str| {
            let svg = format!(
                "<svg xmlns='http://www.w3.org/2000/svg' {size}><path fill='#08f' d='M0 0h9999v9999H0z'/></svg>"
            );
            first_frame(svg.as_bytes(), &Limits::default(), &Cancel::new()).unwrap()
        };
        let small = frame("width='30' viewBox='0 0 60 40'");
        assert_eq!((small.width, small.height), (30, 20));
        assert_eq!(small.rgba[..4], [0, 0x88, 0xff, 255]);
        let large = frame("width='9000' height='4500'");
        assert_eq!((large.width, large.height), (2048, 1024));
    }
}
