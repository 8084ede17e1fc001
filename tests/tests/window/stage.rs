//! What Compare really draws, held against the files that it compares.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use whittle_tests::fixtures::{Picture, gif, jpeg, png};
use whittle_tests::window::key::{END, HOME, LEFT, RIGHT};
use whittle_tests::window::{App, Desk};

use crate::shots::{Shot, distance};

/// So far from the edges of a pane no label and no handle lies over the picture.
const MARGIN: usize = 60;

/// A decoded picture.
struct Decoded {
    width: usize,
    pixels: Vec<[u8; 3]>,
}

impl Decoded {
    fn jpeg(bytes: &[u8]) -> Result<Decoded> {
        let mut decoder = jpeg_decoder::Decoder::new(bytes);
        let samples = decoder.decode()?;
        let info = decoder.info().context("a decoded JPEG has a size")?;
        let (pixels, _) = samples.as_chunks();
        Ok(Decoded {
            width: info.width.into(),
            pixels: pixels.to_vec(),
        })
    }

    /// What a pane of this size shows at 100 % when this point is in its middle, without its edges.
    fn seen(&self, (width, height): (f64, f64), (x, y): (f64, f64)) -> Shot {
        // A half goes to the right, as in the page.
        let corner = |length: f64, at: f64| (at - length / 2.0 - 0.5).ceil() as usize + MARGIN;
        let (left, top) = (corner(width, x), corner(height, y));
        let size = |length: f64| length.round() as usize - 2 * MARGIN;
        Shot::new(size(width), size(height), |x, y| {
            self.pixels[(top + y) * self.width + left + x]
        })
    }
}

/// Decoders differ by little; a result of a low level differs from its original by more.
const SAME: f64 = 1.6;

/// Waits until the pane of this name shows a picture with this point in its middle.
async fn shows(
    desk: &Desk,
    app: &App<'_>,
    pane: &str,
    picture: &Decoded,
    at: (f64, f64),
) -> Result<()> {
    app.until(&format!("{pane} with {at:?} in its middle"), async || {
        let element = app.find("img", pane).await?;
        let (_, _, width, height) = element.rectangle().await?;
        let shot = Shot::of(desk, app).await?.within(&element, MARGIN).await?;
        let expected = picture.seen((width, height), at);
        Ok(shot.is_some_and(|shot| shot.apart(&expected) < SAME))
    })
    .await
}

pub async fn both_sides_show_the_same_place_in_every_view(desk: &Desk) -> Result<()> {
    let file = desk.images().join("photo.jpg");
    let original = jpeg::encoded(&Picture::photo(1600, 1066, 3), jpeg::CAMERA);
    std::fs::write(&file, &original)?;
    desk.whittle(&["settings", "mode=lossy", "level=5"])?;
    let app = App::launch(desk, &[file.to_str().context("a plain path")?]).await?;
    app.press("button", "Compare photo.jpg").await?;
    let result = Decoded::jpeg(&std::fs::read(desk.images().join("photo.min.jpg"))?)?;
    let original = Decoded::jpeg(&original)?;
    let (pane, middle) = ((400.0, 400.0), (800.0, 533.0));
    let apart = original
        .seen(pane, middle)
        .apart(&result.seen(pane, middle));
    ensure!(apart > 1.5 * SAME, "nobody could tell them apart: {apart}");

    // Side by side, moved by hand: both go along.
    app.press("radio", "Side by side").await?;
    app.keys(&['z']).await?;
    let sides = [("Original · …", &original), ("Level 5 · …", &result)];
    for (side, picture) in sides {
        shows(desk, &app, side, picture, middle).await?;
    }
    let half = app.find("img", "Level 5 · …").await?;
    app.drag_by(&half, (-150.0, -90.0)).await?;
    let there = (middle.0 + 150.0, middle.1 + 90.0);
    for (side, picture) in sides {
        shows(desk, &app, side, picture, there).await?;
    }

    // One in the place of the other.
    for (side, picture) in [sides[0], sides[1], sides[0]] {
        app.keys(&[' ']).await?;
        shows(desk, &app, side, picture, there).await?;
        ensure!(
            app.all("img", "Original · …").await?.len()
                + app.all("img", "Level 5 · …").await?.len()
                == 1
        );
    }

    // The line between them, at both of its ends.
    app.press("radio", "Split").await?;
    let line = app.find("slider", "Where the result begins").await?;
    for (key, (_, picture)) in [(END, sides[0]), (HOME, sides[1])] {
        line.send_keys(&key.to_string()).await?;
        shows(desk, &app, "Original · …", picture, there).await?;
    }

    // All of it again, and what was looked at is forgotten.
    app.press("button", "Fit").await?;
    app.until("the whole picture", async || {
        Ok(!app.text().await?.contains("100 %\n+"))
    })
    .await?;
    app.close().await
}

/// Far apart, and in the palette of the fixtures.
const LIGHTS: [[u8; 3]; 4] = [[255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 255, 0]];

fn light(colour: [u8; 3]) -> Option<usize> {
    LIGHTS
        .iter()
        .position(|light| distance(*light, colour) < 90)
}

pub async fn animations_run_in_step_and_nothing_hides_what_is_transparent(
    desk: &Desk,
) -> Result<()> {
    let images = desk.images();
    std::fs::write(images.join("1.gif"), gif::lamp(240, 180, &LIGHTS, 12))?;
    let cutout = Picture::photo(400, 300, 4);
    let cutout = Picture::new(400, 300, |x, y| match x < 200 {
        true => [0; 4],
        false => cutout.at(x, y),
    });
    std::fs::write(images.join("2.png"), png::encoded(&cutout))?;
    std::fs::write(
        images.join("3.svg"),
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"100\" height=\"100\">
           <!-- Two halves. --><rect width=\"50\" height=\"100\" fill=\"#ff0000\"/>
           <rect x=\"50\" width=\"50\" height=\"100\" fill=\"#0000ff\"/></svg>",
    )?;
    let app = App::launch(desk, &[images.to_str().context("a plain path")?]).await?;
    app.find("button", "Clear list").await?;
    app.press("button", "Compare 1.gif").await?;
    app.press("radio", "Side by side").await?;

    // While it plays, no picture of the window shows two frames.
    app.find("button", "Pause animation").await?;
    let mut seen = [false; LIGHTS.len()];
    let begin = Instant::now();
    while seen.contains(&false) {
        ensure!(
            begin.elapsed() < Duration::from_secs(60),
            "it stands still: {seen:?}"
        );
        let Some((left, right)) = lamps(desk, &app).await? else {
            continue;
        };
        ensure!(left == right, "light {left} lies beside light {right}");
        seen[left] = true;
    }
    app.press("button", "Pause animation").await?;
    let frame = app.find("slider", "Frame").await?;
    frame.send_keys(&HOME.to_string()).await?;
    for light in 0..LIGHTS.len() {
        app.until(&format!("frame {light} on both sides"), async || {
            Ok(lamps(desk, &app).await? == Some((light, light)))
        })
        .await?;
        frame.send_keys(&RIGHT.to_string()).await?;
    }

    // Where the picture is transparent, the board of both sides is seen, and not the other side.
    app.press("button", "Back to the list").await?;
    app.press("button", "Compare 2.png").await?;
    app.find("heading", "2.png").await?;
    app.press("radio", "Side by side").await?;
    app.until("a board on both sides", async || {
        let shots = both(desk, &app).await?;
        Ok(shots.is_some_and(|shots| {
            shots.iter().all(|shot| {
                let (x, y) = (shot.width / 2 - 100, shot.height / 2 - 40);
                is_board(shot, x, y) && !is_board(shot, shot.width / 2 + 20, y)
            })
        }))
    })
    .await?;

    // A drawing has a sharp edge however near one comes.
    app.press("button", "Back to the list").await?;
    app.press("button", "Compare 3.svg").await?;
    app.find("heading", "3.svg").await?;
    app.press("radio", "Side by side").await?;
    for steps in [0, 9] {
        for _ in 0..steps {
            app.keys(&['+']).await?;
        }
        app.until(&format!("a sharp edge after {steps} steps"), async || {
            let shots = both(desk, &app).await?;
            Ok(shots.is_some_and(|shots| shots.iter().all(has_sharp_edge)))
        })
        .await?;
    }
    app.close().await
}

/// What the two panes show that lie side by side; nothing while there are not two.
async fn both(desk: &Desk, app: &App<'_>) -> Result<Option<[Shot; 2]>> {
    let stage = app.find("region", "Compare").await?;
    let sides = app.all_in(&stage, "img", None).await?;
    let shot = Shot::of(desk, app).await?;
    let mut shots = Vec::new();
    for side in &sides {
        shots.extend(shot.within(side, MARGIN).await?);
    }
    Ok(shots.try_into().ok())
}

/// Which light is on, on the left and on the right; nothing while one is drawn.
async fn lamps(desk: &Desk, app: &App<'_>) -> Result<Option<(usize, usize)>> {
    let [left, right] = match both(desk, app).await? {
        Some(shots) => shots.map(|shot| light(shot.middle())),
        None => return Ok(None),
    };
    Ok(left.zip(right))
}

/// Whether a square of the stage has two greys, half and half, in fields of ten pixels.
fn is_board(shot: &Shot, left: usize, top: usize) -> bool {
    let at = |x: usize, y: usize| shot.at(left + x, top + y);
    let (one, side) = (at(0, 0), 80);
    let Some(first) = (1..=10).find(|&x| at(x, 0) != one) else {
        return false;
    };
    let other = at(first, 0);
    let grey =
        |colour: [u8; 3]| colour.iter().max() <= colour.iter().min().map(|&low| low + 8).as_ref();
    let fields = (0..side).all(|x| {
        let expected = match (x + 10 - first) / 10 % 2 == 0 {
            true => one,
            false => other,
        };
        at(x, 0) == expected
    });
    let ones = (0..side * side)
        .filter(|i| at(i % side, i / side) == one)
        .count();
    grey(one) && grey(other) && fields && ones == side * side / 2
}

/// Whether the middle row goes from red to blue within two pixels.
fn has_sharp_edge(shot: &Shot) -> bool {
    let row = (0..shot.width).map(|x| shot.at(x, shot.height / 2));
    let (mut reds, mut blues, mut others) = (0, 0, 0);
    for pixel in row.skip(shot.width / 4).take(shot.width / 2) {
        match pixel {
            [255, 0, 0] => reds += 1,
            [0, 0, 255] => blues += 1,
            _ => others += 1,
        }
    }
    reds > 50 && blues > 50 && others <= 2
}

/// Pixels of the large photo: fifty million.
const LARGE: (u32, u32) = (8660, 5774);

pub async fn a_photo_of_fifty_megapixels_is_compared(desk: &Desk) -> Result<()> {
    let file = desk.images().join("large.jpg");
    std::fs::write(&file, large())?;
    desk.whittle(&["settings", "mode=lossless", "effort=fast"])?;
    let app = App::launch(desk, &[file.to_str().context("a plain path")?]).await?;
    // On a slow machine that takes longer than anything else is waited for.
    let mut more = 0..3;
    while app.find("button", "Compare large.jpg").await.is_err() && more.next().is_some() {}
    app.press("button", "Compare large.jpg").await?;
    app.press("radio", "Side by side").await?;
    app.press("button", "100 %").await?;
    // Lines of one pixel, black and white, are drawn one by one, on both sides.
    app.until("single pixels on both sides", async || {
        let shots = both(desk, &app).await?;
        Ok(shots.is_some_and(|shots| {
            shots.iter().all(|shot| {
                let row = (0..100).map(|x| shot.at(shot.width / 2 - 50 + x, shot.height / 2)[0]);
                let row: Vec<u8> = row.collect();
                row.windows(2).all(|pair| pair[0].abs_diff(pair[1]) > 150)
            })
        }))
    })
    .await?;
    // A first look at other settings is there long before all of it is encoded, and nobody waits for the rest.
    app.until("lossless looks the same", async || {
        Ok(apart(desk, &app).await?.is_some_and(|apart| apart < 0.1))
    })
    .await?;
    app.press("radio", "Lossy").await?;
    let level = app.find("slider", "Level").await?;
    level.send_keys(&LEFT.to_string().repeat(82)).await?;
    app.until("a first look at level 3", async || {
        let looked = apart(desk, &app).await?.is_some_and(|apart| apart > 0.5);
        Ok(looked && !app.all("img", "Level 3 · encoding…").await?.is_empty())
    })
    .await?;
    app.press("button", "Back to the list").await?;
    app.row("large.jpg").await?;
    app.close().await
}

/// How far the two sides are apart; nothing while there are not two of one size.
async fn apart(desk: &Desk, app: &App<'_>) -> Result<Option<f64>> {
    let shots = both(desk, app).await?;
    let apart = shots.map(|[left, right]| left.apart(&right));
    Ok(apart.filter(|apart| apart.is_finite()))
}

/// A photograph in the middle of a smooth ground, which costs little, and in its middle upright lines of one
/// pixel.
fn large() -> Vec<u8> {
    let (width, height) = LARGE;
    let photo = Picture::photo(866, 577, 6);
    let (left, top) = ((width - photo.width) / 2, (height - photo.height) / 2);
    let picture = Picture::new(width, height, |x, y| {
        let is_line = x.abs_diff(width / 2) < 200 && y.abs_diff(height / 2) < 100;
        let in_photo =
            (left..left + photo.width).contains(&x) && (top..top + photo.height).contains(&y);
        match (is_line, in_photo) {
            (true, _) if x % 2 == 0 => [0, 0, 0, 255],
            (true, _) => [255; 4],
            (false, true) => photo.at(x - left, y - top),
            (false, false) => [120, (y >> 5) as u8, (x >> 6) as u8, 255],
        }
    });
    jpeg::encoded(&picture, jpeg::CAMERA)
}
