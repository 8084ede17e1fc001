//! Results on the clipboard: as files, as a data URL, as text.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use tauri::{AppHandle, State};
use whittle_core::{Format, JobId};
use whittle_jobs::result_bytes;

use crate::clipboard;
use crate::shell::Shell;

type Answer<T> = Result<T, String>;

/// A data URL is for small pictures in style sheets; larger ones stall the editor they are pasted
/// into.
const LARGEST_URL: usize = 4_000_000;

/// Puts the files of these rows, or a derivative of them, on the clipboard, as a file manager does;
/// answers how many.
#[tauri::command(async)]
pub fn copy_files(
    jobs: Vec<JobId>,
    child: Option<usize>,
    app: AppHandle,
    shell: State<'_, Shell>,
) -> Answer<usize> {
    let files = shell.result_files(jobs, child)?;
    let count = files.len();
    clipboard::put_files(&app, files)?;
    Ok(count)
}

/// Puts a row's image, or a derivative of it, on the clipboard as a data URL.
#[tauri::command(async)]
pub fn copy_data_url(
    job: JobId,
    child: Option<usize>,
    app: AppHandle,
    shell: State<'_, Shell>,
) -> Answer<()> {
    let path = shell
        .result_of(job, child)
        .ok_or("This image is no longer in the list.")?;
    let bytes = result_bytes(&path).map_err(|error| error.to_string())?;
    if bytes.len() > LARGEST_URL {
        return Err(format!(
            "The file is larger than {} MB: too much for a data URL.",
            LARGEST_URL / 1_000_000
        ));
    }
    let format = shell
        .queue
        .report(job)
        .and_then(|report| report.format)
        .ok_or("This image was not worked on yet.")?;
    clipboard::put_text(&app, data_url(format, &bytes))
}

/// Puts text on the clipboard: the page itself may not.
#[tauri::command(async)]
pub fn copy_text(text: String, app: AppHandle) -> Answer<()> {
    clipboard::put_text(&app, text)
}

fn data_url(format: Format, bytes: &[u8]) -> String {
    let kind = match format {
        Format::Jpeg => "jpeg",
        Format::Png => "png",
        Format::Gif => "gif",
        Format::Svg => "svg+xml",
        Format::Webp => "webp",
        Format::Avif => "avif",
    };
    format!("data:image/{kind};base64,{}", BASE64_STANDARD.encode(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_urls_name_their_kind() {
        assert_eq!(
            data_url(Format::Svg, b"<svg/>"),
            "data:image/svg+xml;base64,PHN2Zy8+"
        );
    }
}
