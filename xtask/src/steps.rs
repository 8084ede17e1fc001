//! Named steps with their durations.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};

/// The steps of a command so far.
#[derive(Default)]
pub struct Steps(Vec<(&'static str, Duration)>);

impl Steps {
    /// Does a step, unless an earlier one failed: `?` behind it stops the command.
    pub fn step<T>(&mut self, name: &'static str, work: impl FnOnce() -> Result<T>) -> Result<T> {
        eprintln!("\n==> {name}");
        let begin = Instant::now();
        let outcome = work();
        let took = begin.elapsed();
        self.0.push((name, took));
        let verdict = if outcome.is_ok() { "ok" } else { "FAILED" };
        eprintln!("<== {name}: {verdict}, {:.1} s", took.as_secs_f64());
        outcome.with_context(|| format!("the step \"{name}\" failed"))
    }

    /// Says how long each step took.
    pub fn summary(&self) {
        let total: Duration = self.0.iter().map(|(_, took)| took).sum();
        println!();
        for (name, took) in &self.0 {
            println!("{:>8.1} s  {name}", took.as_secs_f64());
        }
        println!("{:>8.1} s  in all", total.as_secs_f64());
    }
}
