use proptest::prelude::*;
use whittle_core::{ConsumptionRow, Outcome, Period};

use super::*;

/// The contract's table of months, and some of its rows where the table is not at hand.
#[test]
fn periods_are_those_of_the_contract() {
    let own = r#"[
        {"report_type": "six_months", "today": "2018-07-09", "periods": [2, 3, 4, 5, 6, 7]},
        {"report_type": "six_months", "today": "2020-01-15", "periods": [8, 9, 10, 11, 12, 1]},
        {"report_type": "six_months", "today": "2020-05-31", "periods": [12, 1, 2, 3, 4, 5]}
    ]"#;
    let table = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared/contract/examples/table-periods.json");
    let contract = std::fs::read_to_string(&table).unwrap_or_else(|_| {
        eprintln!("the contract is not at hand: only the own rows are tested");
        "[]".into()
    });
    for table in [own, &contract] {
        let rows: Vec<serde_json::Value> = serde_json::from_str(table).unwrap();
        for row in rows.iter().filter(|row| row["report_type"] == "six_months") {
            let today: jiff::civil::Date = row["today"].as_str().unwrap().parse().unwrap();
            let (_folder, store) = store();
            // An image on the first of each of the last ten months: six of them show.
            for back in (0..10).rev() {
                let day = today
                    .first_of_month()
                    .checked_sub(jiff::Span::new().months(back));
                let day = day.unwrap();
                let image = report("/a.png", Outcome::Optimized, 10, Some(4));
                add(
                    &store,
                    &image,
                    Origin::File,
                    noon(day.year(), day.month(), day.day()),
                );
            }
            let now = noon(today.year(), today.month(), today.day());
            let periods: Vec<u8> = store
                .stats_at(now)
                .unwrap()
                .consumption
                .data
                .iter()
                .map(|row| row.period)
                .collect();
            let expected: Vec<u8> = serde_json::from_value(row["periods"].clone()).unwrap();
            assert_eq!(periods, expected, "{today}");
        }
    }
}

#[test]
fn months_are_those_of_utc() {
    let (_folder, store) = store();
    let image = report("/a.png", Outcome::Optimized, 10, Some(4));
    let midnight = noon(2026, 11, 1) - 12 * 3_600_000;
    add(&store, &image, Origin::File, midnight - 1);
    add(&store, &image, Origin::File, midnight);
    let data = store.stats_at(midnight).unwrap().consumption.data;
    let periods: Vec<u8> = data.iter().map(|row| row.period).collect();
    assert_eq!(periods, [10, 11]);
}

#[test]
fn consumption_has_no_size_where_nothing_counted() {
    let (_folder, store) = store();
    let now = noon(2026, 11, 24);
    let failed = report("/a.png", Outcome::Failed, 10, None);
    add(&store, &failed, Origin::Url, now);
    add(
        &store,
        &report("/b.png", Outcome::Skipped, 10, None),
        Origin::Url,
        now,
    );
    add(
        &store,
        &report("/c.png", Outcome::Optimized, 10, Some(4)),
        Origin::File,
        now,
    );
    add(
        &store,
        &report("/d.png", Outcome::AlreadyOptimal, 7, Some(7)),
        Origin::File,
        now,
    );
    // Nobody wanted it any more: not accepted.
    add(
        &store,
        &report("/e.png", Outcome::Cancelled, 10, None),
        Origin::Api,
        now,
    );
    // Out of sight, but still in the totals.
    add(
        &store,
        &report("/f.png", Outcome::Optimized, 100, Some(1)),
        Origin::Cli,
        noon(2026, 5, 31),
    );
    let stats = store.stats_at(now).unwrap();
    assert_eq!(stats.consumption.kind, "six_months");
    let row = |origin, size, saved| ConsumptionRow {
        origin,
        size,
        saved,
        period: 11,
    };
    assert_eq!(
        stats.consumption.data,
        [row(Origin::File, Some(17), 6), row(Origin::Url, None, 0)]
    );
    assert_eq!(stats.original_images_count, 5);
    assert_eq!(stats.optimized_images_count, 3);
    assert_eq!(
        (stats.input_bytes, stats.output_bytes, stats.saved_bytes),
        (117, 12, 105)
    );
}

/// Failed images are counted wherever images are, and bring no bytes.
#[test]
fn folders_and_formats_count_what_the_whole_counts() {
    let (_folder, store) = store();
    let now = noon(2026, 11, 24);
    for (path, outcome, output) in [
        ("/p/a.png", Outcome::Optimized, Some(4)),
        ("/p/b.png", Outcome::Failed, None),
        ("/q/c.png", Outcome::Skipped, None),
        ("/q/d.png", Outcome::Cancelled, None),
    ] {
        add(
            &store,
            &report(path, outcome, 10, output),
            Origin::File,
            now,
        );
    }
    for period in [Period::Month, Period::SixMonths, Period::All] {
        let stats = store.dashboard_at(now, period).unwrap().stats;
        let folders: Vec<_> = stats
            .by_folder
            .iter()
            .map(|total| (total.folder.as_path(), total.images, total.input_bytes))
            .collect();
        let expected = [(Path::new("/p"), 2, 10), (Path::new("/q"), 1, 0)];
        assert_eq!(folders, expected);
        let format = &stats.by_format[0];
        let bytes = (format.input_bytes, format.output_bytes, format.saved_bytes);
        assert_eq!((format.images, bytes), (3, (10, 4, 6)));
        assert_eq!(stats.original_images_count, 3);
    }
}

/// However long the history is, its sums are read from their indices.
#[test]
fn sums_of_everything_need_no_line() {
    let (_folder, store) = store();
    for column in ["format", "folder"] {
        let plan: Vec<String> = store
            .connection()
            .prepare(&format!(
                "EXPLAIN QUERY PLAN {}",
                crate::totals::by(column, None)
            ))
            .unwrap()
            .query_map(rusqlite::params![None::<i64>, 50], |row| row.get(3))
            .unwrap()
            .collect::<rusqlite::Result<_>>()
            .unwrap();
        let index = format!("USING COVERING INDEX originals_{column}");
        assert!(plan[0].contains(&index), "{plan:?}");
    }
}

#[test]
fn the_dashboard_tells_months_styles_and_wins() {
    let (_folder, store) = store();
    let now = noon(2026, 2, 3);
    let mut styled = report("/p/a.png", Outcome::Optimized, 1000, Some(400));
    styled.derivatives = vec![derivative("thumb"), derivative("wide")];
    add(&store, &styled, Origin::File, now);
    let mut lossless = report("/p/b.png", Outcome::Optimized, 5000, Some(100));
    lossless.mode = Mode::Lossless;
    lossless.score = Some(Score::IDENTICAL);
    lossless.derivatives = vec![derivative("thumb")];
    add(&store, &lossless, Origin::Cli, noon(2025, 12, 1));
    let mut other = report("/q/c.gif", Outcome::Optimized, 50, Some(40));
    other.format = Some(Format::Gif);
    other.score = Some(Score(80.5));
    add(&store, &other, Origin::File, now);

    let dashboard = store.dashboard_at(now, Period::SixMonths).unwrap();
    let months: Vec<&str> = dashboard
        .columns
        .iter()
        .map(|month| month.date.as_str())
        .collect();
    assert_eq!(
        months,
        [
            "2025-09", "2025-10", "2025-11", "2025-12", "2026-01", "2026-02"
        ]
    );
    assert_eq!(dashboard.columns[3].saved, [(Origin::Cli, 4900)]);
    assert_eq!(dashboard.columns[4].saved, []);
    assert_eq!(dashboard.columns[5].saved, [(Origin::File, 610)]);
    assert_eq!(
        (dashboard.columns[5].images, dashboard.images_this_month),
        (2, 2)
    );
    assert_eq!((dashboard.derivatives, dashboard.styles), (3, 2));
    assert_eq!(dashboard.mean_score, Some(Score(83.5)));
    let wins: Vec<_> = dashboard
        .biggest_wins
        .iter()
        .map(|win| win.path.as_path())
        .collect();
    assert_eq!(
        wins,
        [
            Path::new("/p/b.png"),
            Path::new("/p/a.png"),
            Path::new("/q/c.gif")
        ]
    );
    let stats = &dashboard.stats;
    let formats: Vec<_> = stats
        .by_format
        .iter()
        .map(|t| (t.format, t.images, t.saved_bytes))
        .collect();
    assert_eq!(formats, [(Format::Png, 2, 5500), (Format::Gif, 1, 10)]);
    let folders: Vec<_> = stats
        .by_folder
        .iter()
        .map(|t| (t.folder.as_path(), t.images))
        .collect();
    assert_eq!(folders, [(Path::new("/p"), 2), (Path::new("/q"), 1)]);
}

#[test]
fn the_dashboard_looks_back_as_far_as_it_is_told() {
    let (_folder, store) = store();
    let now = noon(2026, 2, 3);
    let mut one = report("/p/a.png", Outcome::Optimized, 1000, Some(400));
    one.derivatives = vec![derivative("thumb")];
    add(&store, &one, Origin::File, now);
    add(&store, &one, Origin::Watch, noon(2026, 1, 5));
    add(&store, &one, Origin::Cli, noon(2026, 1, 4));
    add(&store, &one, Origin::Cli, noon(2025, 8, 31));
    let seen = |period| {
        let seen = store.dashboard_at(now, period).unwrap();
        assert_eq!(
            (seen.images_ever, seen.saved_ever, seen.images_this_month),
            (4, 2400, 1)
        );
        let shown: u64 = seen
            .columns
            .iter()
            .flat_map(|column| &column.saved)
            .map(|(_, saved)| saved)
            .sum();
        assert_eq!(shown, seen.stats.saved_bytes);
        let of_formats: u64 = seen
            .stats
            .by_format
            .iter()
            .map(|total| total.saved_bytes)
            .sum();
        assert_eq!(of_formats, seen.stats.saved_bytes);
        let ends = [&seen.columns[0], &seen.columns[seen.columns.len() - 1]];
        (
            seen.columns.len(),
            ends.map(|column| column.date.clone()),
            seen.stats.original_images_count,
            seen.derivatives,
            seen.biggest_wins.len(),
        )
    };
    let ends = |first: &str, last: &str| [first.to_owned(), last.to_owned()];
    let month = seen(Period::Month);
    assert_eq!(month, (30, ends("2026-01-05", "2026-02-03"), 2, 2, 2));
    let half = seen(Period::SixMonths);
    assert_eq!(half, (6, ends("2025-09", "2026-02"), 3, 3, 3));
    let all = seen(Period::All);
    assert_eq!(all, (7, ends("2025-08", "2026-02"), 4, 4, 4));
    add(&store, &one, Origin::Api, noon(2023, 3, 1));
    let years = store.dashboard_at(now, Period::All).unwrap();
    let years: Vec<_> = years
        .columns
        .iter()
        .map(|c| (c.date.as_str(), c.images))
        .collect();
    assert_eq!(years, [("2023", 1), ("2024", 0), ("2025", 1), ("2026", 3)]);
}

#[test]
fn an_empty_history_has_an_empty_dashboard() {
    let (_folder, store) = store();
    let dashboard = store.dashboard(Period::All).unwrap();
    assert_eq!(dashboard.columns.len(), 6);
    assert_eq!(dashboard.mean_score, None);
    assert_eq!(dashboard.stats.original_images_count, 0);
    assert_eq!(dashboard.stats.consumption.data, []);
}

fn any_image() -> impl proptest::strategy::Strategy<Value = (Origin, Outcome, u64, u64, u8, u8)> {
    (
        proptest::sample::select(vec![Origin::File, Origin::Cli, Origin::Watch]),
        proptest::sample::select(vec![
            Outcome::Optimized,
            Outcome::AlreadyOptimal,
            Outcome::Skipped,
            Outcome::Failed,
            Outcome::Cancelled,
        ]),
        1u64..1_000_000,
        0u64..1_000_000,
        0u8..3,
        1u8..=12,
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, ..ProptestConfig::default() })]

    /// The totals are kept beside the history; they must be what its lines add up to.
    #[test]
    fn totals_are_the_sum_of_the_lines(images in proptest::collection::vec(any_image(), 0..25)) {
        let (_folder, store) = store();
        let now = noon(2026, 12, 31);
        for (origin, outcome, input, cut, styles, month) in images {
            let output = match outcome {
                Outcome::Optimized => Some(input.saturating_sub(cut)),
                Outcome::AlreadyOptimal => Some(input),
                _ => None,
            };
            let mut report = report("/a.png", outcome, input, output);
            report.derivatives = (0..styles).map(|n| derivative(&format!("s{n}"))).collect();
            if output.is_none() {
                report.derivatives.clear();
            }
            add(&store, &report, origin, noon(2026, month as i8, 5));
        }
        let stats = store.stats_at(now).unwrap();
        let row = |sql: &str| -> (i64, i64, i64) {
            store
                .connection()
                .query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
                .unwrap()
        };
        let (images, input, output) = row(
            "SELECT count(*), coalesce(sum(input_bytes) FILTER (WHERE output_bytes IS NOT NULL), 0),
                    coalesce(sum(output_bytes), 0)
             FROM originals WHERE outcome <> 'cancelled'",
        );
        let (outputs, _, _) = row("SELECT count(*), 0, 0 FROM optimized_images");
        prop_assert_eq!(i64::from(stats.original_images_count), images);
        prop_assert_eq!(i64::from(stats.optimized_images_count), outputs);
        prop_assert_eq!((stats.input_bytes as i64, stats.output_bytes as i64), (input, output));
        prop_assert_eq!(stats.saved_bytes as i64, input - output);
        let of_formats: u64 = stats.by_format.iter().map(|total| total.saved_bytes).sum();
        let of_folders: u64 = stats.by_folder.iter().map(|total| total.saved_bytes).sum();
        prop_assert_eq!((of_formats, of_folders), (stats.saved_bytes, stats.saved_bytes));
        // One number of images, wherever it is told.
        let of_formats: u32 = stats.by_format.iter().map(|total| total.images).sum();
        let of_folders: u32 = stats.by_folder.iter().map(|total| total.images).sum();
        prop_assert_eq!((of_formats, of_folders), (images as u32, images as u32));
        // The six months from July on are what the chart shows.
        let (shown, ..) = row(
            "SELECT coalesce(sum(input_bytes - output_bytes), 0), 0, 0 FROM originals
             WHERE output_bytes IS NOT NULL
               AND strftime('%m', created_at / 1000, 'unixepoch') >= '07'",
        );
        let consumed: u64 = stats.consumption.data.iter().map(|row| row.saved).sum();
        prop_assert_eq!(consumed as i64, shown);
    }
}
