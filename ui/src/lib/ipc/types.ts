// Generated from whittle-core by `cargo xtask bindings`; a test fails when it is stale.

export type Format = "jpeg" | "png" | "gif" | "svg" | "webp" | "avif";

export type Mode = "lossless" | "balanced" | "lossy";

export type Level = number;

export type Score = number;

export type Effort = "fast" | "default" | "max";

export type Strategy = "crop" | "fit" | "auto" | "landscape" | "portrait" | "exact";

export type ResizeStyle = { 
/**
 * Letters, digits, `_`, `.` and `-`, 1 to 64 of them; `original` is taken.
 */
name: string, 
/**
 * How the picture is fitted.
 */
strategy: Strategy, 
/**
 * Pixels, 1 to 16384.
 */
width: number | null, 
/**
 * Pixels, 1 to 16384.
 */
height: number | null, };

export type Placement = { 
/**
 * Left edge of the part of the source that is kept.
 */
left: number, 
/**
 * Top edge of that part.
 */
top: number, 
/**
 * Width of that part.
 */
source_width: number, 
/**
 * Height of that part.
 */
source_height: number, 
/**
 * Width of the output, at least 1.
 */
width: number, 
/**
 * Height of the output, at least 1.
 */
height: number, };

export type Metadata = "strip" | "copyright" | "keep";

export type Theme = "system" | "light" | "dark";

export type Language = "system" | "en" | "de";

export type Column = "original" | "optimized" | "saved" | "quality";

export type Origin = "file" | "watch" | "url" | "cli" | "api" | "account";

export type Output = { "kind": "suffix", 
/**
 * Without dots around it.
 */
suffix: string, } | { "kind": "folder", 
/**
 * Made when it is missing.
 */
path: string, } | { "kind": "in_place" };

export type Via = { "kind": "here" } | { "kind": "account", 
/**
 * Whether mode and level are the account's own settings.
 */
defaults: boolean, 
/**
 * Whether this computer steps in where the account cannot do it, or what it sends is refused.
 */
or_here: boolean, };

export type Preset = { 
/**
 * What people call it: 1 to 64 characters.
 */
name: string, 
/**
 * What may differ.
 */
mode: Mode, 
/**
 * How it should look, with `lossy`.
 */
level: Level, 
/**
 * Derivatives to make of every image.
 */
styles: Array<ResizeStyle>, 
/**
 * Where results go.
 */
output: Output, 
/**
 * What stays of the metadata.
 */
metadata: Metadata, 
/**
 * Where images are worked on.
 */
via: Via, };

export type Settings = { 
/**
 * What may differ.
 */
mode: Mode, 
/**
 * How it should look, with `lossy`.
 */
level: Level, 
/**
 * Derivatives to make of every image.
 */
styles: Array<ResizeStyle>, 
/**
 * Where results go.
 */
output: Output, 
/**
 * What stays of the metadata.
 */
metadata: Metadata, 
/**
 * How much CPU a smaller file may cost.
 */
effort: Effort, 
/**
 * Where images are worked on.
 */
via: Via, 
/**
 * Images at once; `None` means one for each core.
 */
threads: number | null, 
/**
 * The window's colours.
 */
theme: Theme, 
/**
 * The window's words.
 */
language: Language, 
/**
 * Columns of the list of images that are hidden.
 */
hidden_columns: Array<Column>, 
/**
 * How much smaller, in percent of the original, a result must be: 0 to 99.
 */
min_saving: number, 
/**
 * Whether results have the times of their originals.
 */
keep_times: boolean, 
/**
 * Backups that were needed within this many days are never removed; `None` removes none.
 */
keep_backups_days: number | null, 
/**
 * Older backups are removed only while all together are larger than this; `None` removes
 * them whatever their size.
 */
max_backup_bytes: number | null, 
/**
 * Pixels that an image may have; `None` means the usual limit.
 */
max_pixels: number | null, 
/**
 * Seconds that an image may take; `None` means the usual limit.
 */
max_seconds: number | null, 
/**
 * Of dropped folders, only files that fit one of these globs are taken; empty takes all.
 */
include: Array<string>, 
/**
 * Of dropped folders, files and folders that fit one of these globs are left out.
 */
exclude: Array<string>, 
/**
 * Of dropped folders, only what lies in them directly is taken.
 */
flat: boolean, 
/**
 * Whether the end of a batch is told by no notification of the system.
 */
quiet: boolean, 
/**
 * Whether the program goes on in the tray when its window is closed.
 */
keep_in_tray: boolean, 
/**
 * Sets of settings with names.
 */
presets: Array<Preset>, };

export type Outcome = "optimized" | "already_optimal" | "skipped" | "failed" | "cancelled";

export type ErrorCode = "not_an_image" | "unsupported" | "undecodable" | "empty" | "too_many_pixels" | "too_many_frames" | "too_complex" | "timed_out" | "cancelled" | "verification_failed" | "internal" | "not_found" | "not_a_file" | "permission_denied" | "disk_full" | "changed_meanwhile" | "output_exists" | "io" | "own_output" | "not_connected" | "unreachable" | "quota_used_up" | "account_refused";

export type Way = "stripped" | "packed" | "redrawn" | "reduced";

export type Verdict = "chosen" | "too_large" | "too_far";

export type Tried = { 
/**
 * How.
 */
way: Way, 
/**
 * Its size; of one that looks too bad, before it was packed as well as can be.
 */
bytes: number, 
/**
 * Against the original.
 */
score: Score, 
/**
 * What was thought of it.
 */
verdict: Verdict, };

export type JobId = number;

export type BatchId = string;

export type JobInfo = { 
/**
 * The job's number.
 */
id: JobId, 
/**
 * What it came with.
 */
batch: BatchId, 
/**
 * Where it came from.
 */
origin: Origin, 
/**
 * Whether it is worked on as the user's settings of that moment say, and not by the rules of a watched
 * folder, a choice for this image alone, or what an earlier run was to do.
 */
by_settings: boolean, 
/**
 * The original.
 */
path: string, 
/**
 * Its size when it was queued.
 */
input_bytes: number, };

export type DerivativeReport = { 
/**
 * Name of the resize style.
 */
style: string, 
/**
 * Its strategy.
 */
strategy: Strategy, 
/**
 * Pixels of the output.
 */
width: number, 
/**
 * Pixels of the output.
 */
height: number, 
/**
 * Where it was written; `None` in a dry run.
 */
output: string | null, 
/**
 * Its size.
 */
bytes: number, 
/**
 * Against the resized picture before compression.
 */
score: Score | null, };

export type Report = { 
/**
 * The original.
 */
path: string, 
/**
 * The result; `None` when nothing was written.
 */
output: string | null, 
/**
 * What the content is.
 */
format: Format | null, 
/**
 * What became of it.
 */
outcome: Outcome, 
/**
 * Why, for programs.
 */
code: ErrorCode | null, 
/**
 * Why, in one plain sentence.
 */
message: string | null, 
/**
 * The mode it was worked on in.
 */
mode: Mode, 
/**
 * The level, with `lossy`.
 */
level: Level | null, 
/**
 * How close the result is to the original; 100 when nothing changed.
 */
score: Score | null, 
/**
 * Size of the original.
 */
input_bytes: number, 
/**
 * Size of the result, or of the original where nothing smaller was found.
 */
output_bytes: number | null, 
/**
 * Pixels, as displayed.
 */
width: number | null, 
/**
 * Pixels, as displayed.
 */
height: number | null, 
/**
 * 1 for a still picture.
 */
frames: number | null, 
/**
 * What metadata was removed, in words.
 */
removed: Array<string>, 
/**
 * What is special about it, in words: "Display P3 kept", "alpha", "render verified".
 */
notes: Array<string>, 
/**
 * What was tried, in this order; nothing of images that were not worked on.
 */
tried: Array<Tried>, 
/**
 * Milliseconds that it took.
 */
ms: number, 
/**
 * One for each resize style.
 */
derivatives: Array<DerivativeReport>, };

export type WatchRules = { 
/**
 * What may differ.
 */
mode: Mode, 
/**
 * How it should look, with `lossy`.
 */
level: Level, 
/**
 * Derivatives to make of every image.
 */
styles: Array<ResizeStyle>, 
/**
 * Where results go.
 */
output: Output, 
/**
 * What stays of the metadata.
 */
metadata: Metadata, 
/**
 * How much CPU a smaller file may cost.
 */
effort: Effort, 
/**
 * Where images are worked on.
 */
via: Via, 
/**
 * Whether folders within the folder are watched, too.
 */
recursive: boolean, 
/**
 * Only files that fit one of these globs are taken; empty takes all.
 */
include: Array<string>, 
/**
 * Files and folders that fit one of these globs are left out.
 */
exclude: Array<string>, 
/**
 * Smaller files are left alone.
 */
min_bytes: number, 
/**
 * How much smaller, in percent of the original, a result must be: 0 to 99.
 */
min_saving: number, 
/**
 * Whether results have the times of their originals.
 */
keep_times: boolean, 
/**
 * Nothing is taken for now.
 */
paused: boolean, };

export type WatchedFolder = { 
/**
 * Its number in the database.
 */
id: number, 
/**
 * Absolute. It need not exist just now.
 */
path: string, 
/**
 * What is done with what appears there.
 */
rules: WatchRules, };

export type WatchState = "watching" | "polling" | "missing" | "paused";

export type WatchStatus = { 
/**
 * The folder's number.
 */
id: number, 
/**
 * The folder.
 */
path: string, 
/**
 * In one word.
 */
state: WatchState, 
/**
 * Why, in one plain sentence, with what can be done about it.
 */
message: string | null, };

export type Event = { "type": "queued", 
/**
 * In the order in which they will be worked on.
 */
jobs: Array<JobInfo>, } | { "type": "passed", 
/**
 * What they came with.
 */
batch: BatchId, 
/**
 * How many.
 */
count: number, 
/**
 * The first of them.
 */
paths: Array<string>, 
/**
 * In one plain sentence.
 */
reason: string, } | { "type": "expanded", 
/**
 * The batch.
 */
batch: BatchId, 
/**
 * How many jobs it has.
 */
jobs: number, } | { "type": "started", 
/**
 * The job.
 */
job: JobId, } | { "type": "progress", 
/**
 * The job.
 */
job: JobId, 
/**
 * 0 to 1.
 */
done: number, } | { "type": "finished", 
/**
 * The job.
 */
job: JobId, 
/**
 * What became of it.
 */
report: Report, 
/**
 * Its line in the history, unless the history is off.
 */
history: number | null, 
/**
 * Whether it was to be worked on once more, and was cancelled before that began: this is how it
 * had ended before.
 */
as_before: boolean, } | { "type": "reverted", 
/**
 * Its line in the history.
 */
history: number, } | { "type": "released", 
/**
 * The jobs.
 */
jobs: Array<JobId>, } | { "type": "watch", 
/**
 * How.
 */
status: WatchStatus, } | { "type": "batch_finished", 
/**
 * The batch.
 */
batch: BatchId, };

export type HistoryEntry = { 
/**
 * Unique over originals and derivatives.
 */
id: number, 
/**
 * UTC, RFC 3339 with milliseconds.
 */
created_at: string, 
/**
 * Where it came from.
 */
origin: Origin, 
/**
 * The original.
 */
path: string, 
/**
 * The result; `None` when nothing was written.
 */
output: string | null, 
/**
 * What the content is.
 */
format: Format | null, 
/**
 * What became of it.
 */
outcome: Outcome, 
/**
 * Why, for programs.
 */
code: ErrorCode | null, 
/**
 * Why, in one plain sentence.
 */
message: string | null, 
/**
 * The mode it was worked on in.
 */
mode: Mode, 
/**
 * The level, with `lossy`.
 */
level: Level | null, 
/**
 * How close the result is to the original.
 */
score: Score | null, 
/**
 * The resize style's name, for a derivative.
 */
style: string | null, 
/**
 * Size of the original; `None` where an account does not tell that of an image of its own.
 */
input_bytes: number | null, 
/**
 * Size of the result.
 */
output_bytes: number | null, 
/**
 * What it came with.
 */
batch: BatchId, 
/**
 * Pixels of the result, or of the original where there is none.
 */
width: number | null, 
/**
 * Pixels of the result, or of the original where there is none.
 */
height: number | null, 
/**
 * Whether the original was replaced, is kept, and was not put back yet.
 */
revertible: boolean, 
/**
 * Whether the original was put back.
 */
reverted: boolean, };

export type WatchActivity = { 
/**
 * The folder's number.
 */
id: number, 
/**
 * Images that came lately.
 */
images: number, 
/**
 * Of these, those that failed.
 */
failed: number, 
/**
 * Bytes saved by the images that came lately.
 */
saved_bytes: number, 
/**
 * The last few, however long ago, newest first.
 */
last: Array<HistoryEntry>, };

export type HistoryQuery = { 
/**
 * Part of a path, in any case.
 */
search: string, 
/**
 * One outcome.
 */
outcome: Outcome | null, 
/**
 * One format.
 */
format: Format | null, 
/**
 * One mode.
 */
mode: Mode | null, 
/**
 * One origin.
 */
origin: Origin | null, 
/**
 * From this moment on, in ms since 1970.
 */
since: number | null, 
/**
 * Before this moment, in ms since 1970.
 */
before: number | null, 
/**
 * What lies in this folder, or in folders within it.
 */
folder: string | null, 
/**
 * Lines to pass over.
 */
offset: number, 
/**
 * Lines at most; 0 means all.
 */
limit: number, };

export type HistoryPage = { 
/**
 * Newest first; an original before its derivatives.
 */
entries: Array<HistoryEntry>, 
/**
 * How many lines fit the query in all.
 */
total: number, };

export type FormatTotal = { 
/**
 * The format.
 */
format: Format, 
/**
 * Originals that were accepted.
 */
images: number, 
/**
 * Bytes of those that were optimized or found optimal.
 */
input_bytes: number, 
/**
 * Bytes of their results.
 */
output_bytes: number, 
/**
 * The difference.
 */
saved_bytes: number, };

export type FolderTotal = { 
/**
 * The folder that the originals lie in.
 */
folder: string, 
/**
 * Originals that were accepted.
 */
images: number, 
/**
 * Bytes of those that were optimized or found optimal.
 */
input_bytes: number, 
/**
 * Bytes of their results.
 */
output_bytes: number, 
/**
 * The difference.
 */
saved_bytes: number, };

export type ConsumptionRow = { 
/**
 * Where the images came from.
 */
origin: Origin, 
/**
 * Bytes of the originals that counted; `None` when images were accepted but none counted.
 */
size: number | null, 
/**
 * Bytes saved.
 */
saved: number, 
/**
 * The month, 1 to 12: this one and the five before.
 */
period: number, };

export type Consumption = { 
/**
 * Always `six_months`.
 */
type: string, 
/**
 * Oldest period first; a row for each origin and period in which an image was accepted.
 */
data: Array<ConsumptionRow>, };

export type Stats = { 
/**
 * Images ever accepted.
 */
original_images_count: number, 
/**
 * Outputs ever completed, derivatives included.
 */
optimized_images_count: number, 
/**
 * Bytes of the originals that were optimized or found optimal.
 */
input_bytes: number, 
/**
 * Bytes of their full-size results.
 */
output_bytes: number, 
/**
 * The difference.
 */
saved_bytes: number, 
/**
 * Most bytes saved first.
 */
by_format: Array<FormatTotal>, 
/**
 * Most bytes saved first; the first 50 folders.
 */
by_folder: Array<FolderTotal>, 
/**
 * The last six months.
 */
consumption: Consumption, };

export type Period = "month" | "six_months" | "all";

export type ColumnTotal = { 
/**
 * `YYYY-MM-DD`, `YYYY-MM` or `YYYY`.
 */
date: string, 
/**
 * Bytes saved, by origin; origins without images are absent.
 */
saved: Array<[Origin, number]>, 
/**
 * Originals accepted.
 */
images: number, };

export type BiggestWin = { 
/**
 * The original.
 */
path: string, 
/**
 * Its size.
 */
input_bytes: number, 
/**
 * Size of the result.
 */
output_bytes: number, };

export type ForeignImages = { 
/**
 * All of them.
 */
images: number, 
/**
 * Of the last six months, oldest first. What was saved is not known.
 */
rows: Array<ConsumptionRow>, };

export type Dashboard = { 
/**
 * The period.
 */
period: Period, 
/**
 * Its totals.
 */
stats: Stats, 
/**
 * Its days, months or years, oldest first, those without images included.
 */
columns: Array<ColumnTotal>, 
/**
 * Originals accepted this month.
 */
images_this_month: number, 
/**
 * Originals ever accepted.
 */
images_ever: number, 
/**
 * Bytes ever saved.
 */
saved_ever: number, 
/**
 * Derivatives made.
 */
derivatives: number, 
/**
 * Different resize styles used.
 */
styles: number, 
/**
 * Mean score over lossy results.
 */
mean_score: Score | null, 
/**
 * The largest savings.
 */
biggest_wins: Array<BiggestWin>, 
/**
 * What the account that is connected has besides.
 */
foreign: ForeignImages, };

export type AccountState = "not_connected" | "bad_token" | "no_token" | "suspended" | "quota_used_up" | "offline" | "syncing" | "up_to_date";

export type AccountPlan = { 
/**
 * For people.
 */
name: string, 
/**
 * Bytes of originals in a billing period; `None` when there is no limit.
 */
bytes: number | null, 
/**
 * Bytes used in this period.
 */
used: number, 
/**
 * When the next period begins: UTC, RFC 3339.
 */
renews_at: string | null, };

export type AccountDefaults = { 
/**
 * What may differ.
 */
mode: Mode, 
/**
 * The level of JPEGs.
 */
level_jpg: number, 
/**
 * The level of PNGs.
 */
level_png: number, 
/**
 * The level of GIFs.
 */
level_gif: number, };

export type TokenPlace = "keychain" | "file" | "environment";

export type OutboxState = "waiting" | "sending" | "sent" | "done" | "failed" | "cancelled";

export type OutboxItem = { 
/**
 * Its number here.
 */
id: number, 
/**
 * Its number there, once it is known.
 */
image: number | null, 
/**
 * Without folders.
 */
name: string, 
/**
 * Bytes of the original.
 */
bytes: number, 
/**
 * How far it is.
 */
state: OutboxState, 
/**
 * What keeps it, in one plain sentence.
 */
message: string | null, 
/**
 * When it was put there: UTC, RFC 3339.
 */
created_at: string, };

export type AccountStatus = { 
/**
 * In one word.
 */
state: AccountState, 
/**
 * What is wrong, in one plain sentence with what can be done about it.
 */
message: string | null, 
/**
 * Its server's address.
 */
endpoint: string | null, 
/**
 * Its name.
 */
login: string | null, 
/**
 * Where the token is kept.
 */
token: TokenPlace | null, 
/**
 * As it was when the server was last asked.
 */
plan: AccountPlan | null, 
/**
 * As they were when the server was last asked.
 */
defaults: AccountDefaults | null, 
/**
 * When both sides last knew the same: UTC, RFC 3339.
 */
synced_at: string | null, 
/**
 * Nothing is sent for now.
 */
paused: boolean, 
/**
 * Images that are on their way.
 */
waiting: number, 
/**
 * Their bytes.
 */
waiting_bytes: number, 
/**
 * The last few, newest first.
 */
outbox: Array<OutboxItem>, };

export type AccountDashboard = { 
/**
 * Images ever accepted.
 */
original_images_count: number, 
/**
 * Outputs ever completed.
 */
optimized_images_count: number, 
/**
 * Oldest first; months without images have none.
 */
rows: Array<AccountRow>, };

export type AccountRow = { 
/**
 * The label of the integration that the images came through.
 */
origin: string, 
/**
 * Bytes that counted against the quota; `None` when images were accepted but none counted.
 */
size: number | null, 
/**
 * The month, 1 to 12: this one and the five before.
 */
period: number, };
