//! Size against score, as a drawing for each format.

use std::collections::BTreeMap;
use std::fmt::Write;

use whittle_core::Format;

use super::rows::Row;

/// Results that belong together.
struct Series {
    name: String,
    colour: &'static str,
    /// Percent of the input, and score.
    points: Vec<(f64, f64)>,
    joined: bool,
}

const COLOURS: [&str; 4] = ["#0b7285", "#e8590c", "#5f3dc4", "#2b8a3e"];

/// The drawing of a format as SVG; `None` when there is nothing to draw.
///
/// JPEG, PNG and GIF: a point is a setting, with the bytes of all files together and the mean of their
/// scores, over the files on which every setting gave a result that counts. SVG: a point is a file.
pub fn of_format(format: Format, rows: &[Row]) -> Option<String> {
    let rows: Vec<&Row> = rows.iter().filter(|row| row.format == format).collect();
    let (series, files) = match format {
        Format::Svg => files_apart(&rows),
        _ => settings_apart(&rows),
    };
    let any = series.iter().any(|series| !series.points.is_empty());
    let title = format!("{}: size against score, {files} files", format.label());
    any.then(|| drawn(&title, &series))
}

fn settings_apart(rows: &[&Row]) -> (Vec<Series>, usize) {
    let mut files: BTreeMap<&str, Vec<&Row>> = BTreeMap::new();
    for row in rows {
        files.entry(&row.file).or_default().push(row);
    }
    let most = files.values().map(Vec::len).max().unwrap_or(0);
    files.retain(|_, rows| {
        let counts = |row: &&Row| row.problem.is_none() && row.score.is_some();
        rows.len() == most && rows.iter().all(counts)
    });
    // In the order of the settings, so that joined points are neighbours.
    let mut settings: Vec<(&'static str, &str)> = Vec::new();
    for row in files.values().flatten() {
        if !settings.contains(&(row.tool, &row.setting)) {
            settings.push((row.tool, &row.setting));
        }
    }
    let mut series: Vec<Series> = Vec::new();
    for (tool, setting) in settings {
        let of_setting = || files.values().flatten().filter(|row| row.is(tool, setting));
        let sum = |value: fn(&Row) -> f64| of_setting().map(|row| value(row)).sum::<f64>();
        let share = sum(|row| row.bytes_out as f64) * 100.0 / sum(|row| row.bytes_in as f64);
        let score = sum(|row| row.score.unwrap_or_default()) / files.len() as f64;
        let colour = COLOURS[series.len() % COLOURS.len()];
        let at = series.iter().position(|series| series.name == tool);
        let at = at.unwrap_or_else(|| {
            series.push(Series {
                name: tool.to_owned(),
                colour,
                points: Vec::new(),
                joined: true,
            });
            series.len() - 1
        });
        series[at].points.push((share, score));
    }
    for series in &mut series {
        series.points.sort_by(|a, b| a.1.total_cmp(&b.1));
    }
    (series, files.len())
}

fn files_apart(rows: &[&Row]) -> (Vec<Series>, usize) {
    let of = |tool: &'static str, setting: &str, colour| {
        let rows: Vec<&&Row> = rows.iter().filter(|row| row.is(tool, setting)).collect();
        let refused = rows.iter().filter(|row| row.problem.is_some()).count();
        Series {
            name: format!("{tool} ({refused} more refused)"),
            colour,
            points: rows
                .iter()
                .filter(|row| row.problem.is_none())
                .filter_map(|row| {
                    Some((
                        row.bytes_out as f64 * 100.0 / row.bytes_in as f64,
                        row.score?,
                    ))
                })
                .collect(),
            joined: false,
        }
    };
    let mut series = vec![
        of("whittle", "balanced", COLOURS[0]),
        of("svgo", "default", COLOURS[1]),
    ];
    series.retain(|series| !series.points.is_empty());
    let files = rows
        .iter()
        .filter(|row| row.is("whittle", "balanced"))
        .count();
    (series, files)
}

const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 440.0;
/// Left, top, right and bottom of the drawing's field.
const FIELD: [f64; 4] = [64.0, 48.0, 700.0, 384.0];

fn drawn(title: &str, series: &[Series]) -> String {
    let points = || series.iter().flat_map(|series| &series.points);
    let x = Axis::over(points().map(|point| point.0), FIELD[0], FIELD[2]);
    let y = Axis::over(points().map(|point| point.1), FIELD[3], FIELD[1]);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" font-family=\"sans-serif\" font-size=\"13\" fill=\"#212529\">\n\
         <title>{title}</title>\n\
         <rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"#fff\"/>\n\
         <text x=\"{}\" y=\"28\" font-size=\"16\" font-weight=\"bold\">{title}</text>\n",
        FIELD[0]
    );
    for tick in x.ticks() {
        let at = x.place(tick);
        let _ = writeln!(
            svg,
            "<path d=\"M{at:.1} {}V{}\" stroke=\"#dee2e6\"/><text x=\"{at:.1}\" y=\"{}\" text-anchor=\"middle\">{tick}</text>",
            FIELD[1],
            FIELD[3],
            FIELD[3] + 18.0
        );
    }
    for tick in y.ticks() {
        let at = y.place(tick);
        let _ = writeln!(
            svg,
            "<path d=\"M{} {at:.1}H{}\" stroke=\"#dee2e6\"/><text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{tick}</text>",
            FIELD[0],
            FIELD[2],
            FIELD[0] - 8.0,
            at + 4.5
        );
    }
    let _ = write!(
        svg,
        "<text x=\"{}\" y=\"{}\" text-anchor=\"middle\">bytes, % of the input (less is better)</text>\n\
         <text transform=\"translate(18 {}) rotate(-90)\" text-anchor=\"middle\">SSIMULACRA2 (more is better)</text>\n",
        f64::midpoint(FIELD[0], FIELD[2]),
        HEIGHT - 20.0,
        f64::midpoint(FIELD[1], FIELD[3])
    );
    for (at, series) in series.iter().enumerate() {
        let placed: Vec<(f64, f64)> = series
            .points
            .iter()
            .map(|point| (x.place(point.0), y.place(point.1)))
            .collect();
        if series.joined {
            let line: Vec<String> = placed
                .iter()
                .map(|(x, y)| format!("{x:.1},{y:.1}"))
                .collect();
            let _ = writeln!(
                svg,
                "<polyline points=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"2\"/>",
                line.join(" "),
                series.colour
            );
        }
        for (x, y) in placed {
            let _ = writeln!(
                svg,
                "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"4\" fill=\"{}\" fill-opacity=\".8\"/>",
                series.colour
            );
        }
        // Below on the right, where few results lie: large and poor.
        let (x, y) = (FIELD[2] - 220.0, FIELD[3] - 16.0 - 20.0 * at as f64);
        let _ = writeln!(
            svg,
            "<circle cx=\"{x}\" cy=\"{}\" r=\"5\" fill=\"{}\"/><text x=\"{}\" y=\"{y}\">{}</text>",
            y - 4.5,
            series.colour,
            x + 12.0,
            series.name
        );
    }
    svg.push_str("</svg>\n");
    svg
}

/// A scale with round ends.
struct Axis {
    from: f64,
    to: f64,
    step: f64,
    /// Where the ends lie in the drawing.
    ends: (f64, f64),
}

impl Axis {
    fn over(values: impl Iterator<Item = f64> + Clone, start: f64, end: f64) -> Axis {
        let least = values.clone().fold(f64::INFINITY, f64::min);
        let most = values.fold(f64::NEG_INFINITY, f64::max);
        let rough = ((most - least) / 7.0).max(0.1);
        let power = 10f64.powf(rough.log10().floor());
        let step = [1.0, 2.0, 5.0, 10.0]
            .map(|factor| factor * power)
            .into_iter()
            .find(|step| *step >= rough)
            .unwrap_or(rough);
        let from = (least / step).floor() * step;
        Axis {
            from,
            to: ((most / step).ceil() * step).max(from + step),
            step,
            ends: (start, end),
        }
    }

    fn place(&self, value: f64) -> f64 {
        let part = (value - self.from) / (self.to - self.from);
        self.ends.0 + part * (self.ends.1 - self.ends.0)
    }

    /// Rounded to what the step can tell apart.
    fn ticks(&self) -> Vec<f64> {
        let count = ((self.to - self.from) / self.step).round() as usize;
        (0..=count)
            .map(|at| ((self.from + at as f64 * self.step) * 100.0).round() / 100.0)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axes_have_round_ends_around_all_values() {
        let axis = Axis::over([22.3, 71.8].into_iter(), 0.0, 100.0);
        assert_eq!((axis.from, axis.to, axis.step), (20.0, 80.0, 10.0));
        assert_eq!(axis.place(20.0), 0.0);
        assert_eq!(axis.place(80.0), 100.0);
        assert_eq!(axis.ticks().len(), 7);
    }

    #[test]
    fn one_value_alone_has_an_axis() {
        let axis = Axis::over([100.0].into_iter(), 0.0, 10.0);
        assert!(axis.to > axis.from);
        assert!(axis.place(100.0).is_finite());
    }
}
