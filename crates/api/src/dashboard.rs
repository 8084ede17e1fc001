use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Which periods a dashboard counts by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReportType {
    /// Months: this one and the five before.
    #[default]
    SixMonths,
    /// Days: from the 1st of this month to today.
    Month,
    /// Weekdays: today and the six days before.
    Week,
}

impl ReportType {
    /// The name, as in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            ReportType::SixMonths => "six_months",
            ReportType::Month => "month",
            ReportType::Week => "week",
        }
    }

    /// The type of this name.
    pub fn from_name(name: &str) -> Option<ReportType> {
        match name {
            "six_months" => Some(ReportType::SixMonths),
            "month" => Some(ReportType::Month),
            "week" => Some(ReportType::Week),
            _ => None,
        }
    }
}

/// The answer of `GET /v1/dashboard`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Dashboard {
    /// The numbers.
    pub stats: Stats,
}

/// What an account has sent and got.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stats {
    /// Images ever accepted.
    pub original_images_count: u64,
    /// Outputs ever completed.
    pub optimized_images_count: u64,
    /// By period and origin.
    pub consumption: Consumption,
}

/// Bytes by period and origin.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Consumption {
    /// What a period is.
    #[serde(rename = "type")]
    pub kind: ReportType,
    /// Oldest period first; a row for each origin and period in which an image was accepted.
    pub data: Vec<ConsumptionRow>,
    /// A label for every period, oldest first.
    #[serde(default)]
    pub columns: Vec<String>,
    /// For each origin one number for each of `columns`.
    #[serde(default)]
    pub series: BTreeMap<String, Vec<u64>>,
}

/// One origin in one period.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsumptionRow {
    /// Label of the integration.
    pub origin: String,
    /// Bytes that counted against the quota; `None` when images were accepted but none counted.
    pub size: Option<u64>,
    /// The month, the day of the month or the ISO weekday.
    pub period: u8,
}
