//! Total bytes and CPU against a peer.

use whittle_core::Format;

use super::{Files, Goal, find};

/// A comparison of one of Whittle's settings with one of a peer.
struct Duel {
    whittle: &'static str,
    peer: (&'static str, &'static str),
    /// Percent of the peer's bytes.
    bytes: f64,
    /// Times the peer's CPU.
    cpu: Option<f64>,
}

/// Of each format.
fn duels(format: Format) -> Vec<Duel> {
    let duel = |whittle, peer, bytes, cpu| Duel {
        whittle,
        peer,
        bytes,
        cpu,
    };
    let caesium = ("caesiumclt", "lossless");
    let oxipng = ("oxipng", "-o4");
    match format {
        Format::Jpeg => vec![
            duel("lossless", caesium, 100.0, Some(1.0)),
            duel("lossless max", caesium, 99.5, None),
        ],
        Format::Png => vec![
            duel("lossless", oxipng, 99.0, Some(1.0)),
            duel("lossless max", oxipng, 97.5, None),
        ],
        Format::Gif => vec![duel("lossless", ("gifsicle", "-O3"), 98.0, None)],
        _ => Vec::new(),
    }
}

pub fn goals(format: Format, files: &Files) -> Vec<Goal> {
    let mut goals: Vec<Goal> = duels(format)
        .iter()
        .filter_map(|duel| fought(format, files, duel))
        .collect();
    goals.extend(broken(format, files));
    if format == Format::Svg {
        goals.extend(drawings(files));
    }
    goals
}

/// Over the files that the peer does well on; where Whittle fails, the file stays as it is.
fn fought(format: Format, files: &Files, duel: &Duel) -> Option<Goal> {
    let (mut count, mut left_out) = (0, 0);
    let (mut input, mut ours, mut theirs) = (0.0, 0.0, 0.0);
    let (mut our_cpu, mut their_cpu) = (0.0, 0.0);
    for rows in files.values() {
        let Some(mine) = find(rows, "whittle", duel.whittle) else {
            continue;
        };
        let Some(peer) = find(rows, duel.peer.0, duel.peer.1) else {
            continue;
        };
        if peer.problem.is_some() || mine.several {
            left_out += 1;
            continue;
        }
        count += 1;
        input += mine.bytes_in as f64;
        // Nobody would take a larger file without loss, so neither side is charged for one.
        ours += mine.bytes_out.min(mine.bytes_in) as f64;
        theirs += peer.bytes_out.min(peer.bytes_in) as f64;
        our_cpu += mine.cost.cpu;
        their_cpu += peer.cost.cpu;
    }
    if count == 0 {
        return None;
    }
    let (bytes, cpu) = (ours * 100.0 / theirs, our_cpu / their_cpu);
    let limit = duel
        .cpu
        .map_or(String::new(), |limit| format!(" at ≤ {limit:.1}× its CPU"));
    Some(Goal {
        what: format!("{} {}", format.label(), duel.whittle),
        goal: format!(
            "≤ {:.1} % of {} {}{limit}",
            duel.bytes, duel.peer.0, duel.peer.1
        ),
        measured: format!(
            "{bytes:.2} % at {cpu:.2}× its CPU ({:.2} % of the input, it {:.2} %; {count} files, {left_out} left out because it fails or drops a picture)",
            ours * 100.0 / input,
            theirs * 100.0 / input,
        ),
        reached: Some(bytes <= duel.bytes && duel.cpu.is_none_or(|limit| cpu <= limit)),
    })
}

/// Whether every result of Whittle is right.
fn broken(format: Format, files: &Files) -> Option<Goal> {
    let rows: Vec<_> = files
        .values()
        .flatten()
        .filter(|row| row.tool == "whittle" && row.setting.starts_with("lossless"))
        .collect();
    let wrong = rows.iter().filter(|row| row.problem.is_some()).count();
    let all = rows.len();
    (all > 0 && format != Format::Svg).then(|| Goal {
        what: format!("{} lossless, pixels and timing", format.label()),
        goal: "100 % equal".into(),
        measured: format!("{} of {all} results equal", all - wrong),
        reached: Some(wrong == 0),
    })
}

/// SVG is compared under one rule: a result that looks different counts as the input.
fn drawings(files: &Files) -> Vec<Goal> {
    let total = |tool: &str, setting: &str| {
        let rows: Vec<_> = files
            .values()
            .filter_map(|rows| find(rows, tool, setting))
            .collect();
        let sum = |bytes: fn(&super::Row) -> f64| rows.iter().map(|row| bytes(row)).sum::<f64>();
        let refused = rows.iter().filter(|row| row.problem.is_some()).count();
        let share = sum(|row| row.bytes_out as f64) * 100.0 / sum(|row| row.bytes_in as f64);
        (!rows.is_empty()).then(|| (share, refused, sum(|row| row.cost.cpu)))
    };
    let peer = total("svgo", "default");
    let mut goals = Vec::new();
    for setting in ["balanced", "lossless"] {
        let Some((share, refused, cpu)) = total("whittle", setting) else {
            continue;
        };
        let beside = peer.map_or(String::new(), |(share, refused, peer_cpu)| {
            format!(
                " at {:.2}× svgo's CPU (svgo {share:.2} %, {refused} refused)",
                cpu / peer_cpu
            )
        });
        let cheap = peer.is_none_or(|peer| cpu <= peer.2);
        goals.push(Goal {
            what: format!("SVG {setting}"),
            goal: "≤ 64 % of the input on the development set, 0 refused, ≤ 1.0× svgo's CPU".into(),
            measured: format!("{share:.2} %, {refused} refused{beside}"),
            reached: Some(share <= 64.0 && refused == 0 && cheap),
        });
    }
    goals
}
