//! Usage by period and origin, as the dashboard shows it. All of it is UTC.

use std::collections::BTreeMap;

use jiff::ToSpan;
use jiff::civil::Date;
use whittle_api::{Consumption, ConsumptionRow, ReportType};
use whittle_store::server::UsageRow;

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];
const WEEKDAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/// One period of a report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Period {
    /// Its first day.
    first: Date,
    /// The month, the day of the month or the ISO weekday.
    pub number: u8,
    /// For people.
    pub label: String,
}

/// The periods of a report read today, oldest first.
pub(crate) fn periods(kind: ReportType, today: Date) -> Vec<Period> {
    match kind {
        ReportType::SixMonths => (0..6)
            .rev()
            .map(|back| {
                let first = today
                    .first_of_month()
                    .saturating_sub(i64::from(back).months());
                let number = first.month().unsigned_abs();
                Period {
                    first,
                    number,
                    label: MONTHS[usize::from(number - 1)].into(),
                }
            })
            .collect(),
        ReportType::Month => (1..=today.day())
            .map(|day| Period {
                first: today
                    .first_of_month()
                    .saturating_add(i64::from(day - 1).days()),
                number: day.unsigned_abs(),
                label: day.to_string(),
            })
            .collect(),
        ReportType::Week => (0..7)
            .rev()
            .map(|back| {
                let first = today.saturating_sub(i64::from(back).days());
                let number = first.weekday().to_monday_one_offset().unsigned_abs();
                Period {
                    first,
                    number,
                    label: WEEKDAYS[usize::from(number - 1)].into(),
                }
            })
            .collect(),
    }
}

/// The first day of the report, as `YYYY-MM-DD`.
pub(crate) fn since(periods: &[Period]) -> String {
    periods
        .first()
        .map(|period| period.first.to_string())
        .unwrap_or_default()
}

/// The report over these periods.
pub(crate) fn consumption(kind: ReportType, periods: &[Period], rows: &[UsageRow]) -> Consumption {
    // By period and origin; periods are in their order.
    let mut sums: BTreeMap<(usize, &str), u64> = BTreeMap::new();
    for row in rows {
        let Ok(day) = row.day.parse::<Date>() else {
            continue;
        };
        let later = periods.partition_point(|period| period.first <= day);
        let Some(at) = later.checked_sub(1) else {
            continue;
        };
        *sums.entry((at, &row.origin)).or_default() += row.bytes;
    }
    let mut series: BTreeMap<String, Vec<u64>> = BTreeMap::new();
    for (&(at, origin), bytes) in &sums {
        series
            .entry(origin.to_owned())
            .or_insert_with(|| vec![0; periods.len()])[at] = *bytes;
    }
    let data = sums.iter().map(|(&(at, origin), bytes)| ConsumptionRow {
        origin: origin.to_owned(),
        size: (*bytes > 0).then_some(*bytes),
        period: periods[at].number,
    });
    Consumption {
        kind,
        data: data.collect(),
        columns: periods.iter().map(|period| period.label.clone()).collect(),
        series,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(day: &str, origin: &str, bytes: u64) -> UsageRow {
        UsageRow {
            day: day.into(),
            origin: origin.into(),
            images: 1,
            bytes,
        }
    }

    #[test]
    fn usage_is_summed_by_period_and_origin() {
        let today: Date = "2018-07-09".parse().unwrap();
        let periods = periods(ReportType::SixMonths, today);
        assert_eq!(since(&periods), "2018-02-01");
        let rows = [
            row("2018-02-28", "file", 0),
            row("2018-07-01", "shopify", 1_858_000),
            row("2018-07-09", "shopify", 202),
            row("2018-07-09", "file", 0),
        ];
        let report = consumption(ReportType::SixMonths, &periods, &rows);
        let data: Vec<_> = report
            .data
            .iter()
            .map(|row| (row.origin.as_str(), row.size, row.period))
            .collect();
        assert_eq!(
            data,
            [
                ("file", None, 2),
                ("file", None, 7),
                ("shopify", Some(1_858_202), 7)
            ]
        );
        assert_eq!(report.series["shopify"], [0, 0, 0, 0, 0, 1_858_202]);
        assert_eq!(report.series["file"], [0; 6]);
    }

    /// The contract's table.
    #[test]
    fn periods_are_those_of_the_contract() {
        let table = include_str!("../../api/contract/examples/table-periods.json");
        let table: Vec<serde_json::Value> = serde_json::from_str(table).unwrap();
        assert_eq!(table.len(), 5);
        for line in table {
            let kind = ReportType::from_name(line["report_type"].as_str().unwrap()).unwrap();
            let today: Date = line["today"].as_str().unwrap().parse().unwrap();
            let periods = periods(kind, today);
            let numbers: Vec<u8> = periods.iter().map(|period| period.number).collect();
            let labels: Vec<&str> = periods.iter().map(|period| period.label.as_str()).collect();
            assert_eq!(serde_json::json!(numbers), line["periods"], "{line}");
            assert_eq!(serde_json::json!(labels), line["columns"], "{line}");
        }
    }
}
