import {
  base,
  detail,
  fitted,
  kept,
  middle,
  zoomed,
  type Camera,
  type Part,
  type Point,
  type Size,
} from '../compare/geometry';
import { Pictures, type Side, type Wanted } from '../compare/pictures.svelte';
import {
  commands,
  comparedAddress,
  type Commands,
  type Compared,
  type CompareState,
} from '../ipc/commands';
import type { Level, Mode, Report, Score, Tried } from '../ipc/types';
import { sentence } from '../messages/said';

export type CompareCommands = Pick<
  Commands,
  'compareOpen' | 'compareSample' | 'compareAttempt' | 'compareStop' | 'compareClose'
>;

export const LAYOUTS = ['split', 'side', 'flip', 'difference'] as const;
export type Layout = (typeof LAYOUTS)[number];

/** What was made of the original, and with what. */
export interface Candidate {
  version: number;
  mode: Mode;
  level: Level | null;
  bytes: number;
  /** Null where nobody measured it. */
  score: Score | null;
  smaller: boolean;
  /** Null where nobody remembers it, as the history. */
  removed: readonly string[] | null;
  notes: readonly string[] | null;
  tried: readonly Tried[] | null;
}

export type Made = Pick<Report, 'mode' | 'level'> &
  Pick<Candidate, 'score' | 'removed' | 'notes' | 'tried'>;

/**
 * A slider that is moved asks for a result when it rests for this long, in milliseconds: longer than
 * between two events of a hand that moves it, and little of the 300 in which a first look is to be there.
 * What was begun too early is stopped by the next.
 */
const RESTS = 30;
/** Details are fetched when the view rests for this long. */
const SETTLES = 70;
/** One step of a key or a button. */
export const ZOOM_STEP = 1.5;
/** After so many milliseconds a picture that was not there is asked for again: its result may just have been replaced. */
const ASKS_AGAIN = 500;
/** Browsers take such short delays for none at all, and show the frame for a tenth of a second. */
const SHORTEST = 2;

type Timer = 'level' | 'view' | 'frame' | 'again';

/** One original beside its result: what is on screen, and what other settings would make of it. */
export class Comparison {
  readonly pictures: Pictures;
  #opened = $state.raw<CompareState | null>(null);
  #error = $state<string | null>(null);
  #mode = $state<Mode>('balanced');
  #level = $state<Level>(85);
  #candidate = $state.raw<Candidate | null>(null);
  #working = $state(false);
  /** The middle of the view with the chosen settings, there before the whole. */
  #sample = $state.raw<{ version: number; part: Part } | null>(null);
  #estimate = $state<number | null>(null);
  /** Bytes of samples, by part and settings. */
  #samples = new Map<string, number>();
  /** What an attempt ended with, in one sentence. */
  #failed = $state<string | null>(null);
  #unseen = $state(false);

  layout = $state<Layout>('split');
  /** Which of the two a flip shows. */
  flipped = $state(false);
  /** Where the two meet, as a share of the stage. */
  split = $state(0.5);
  #beforeDifference: Layout = 'split';

  #stage = $state.raw<Size>({ width: 0, height: 0 });
  #density = $state(1);
  /** Null while the picture is fitted. */
  #camera = $state.raw<Camera | null>(null);
  #settled = $state.raw<Camera | null>(null);

  #frame = $state(0);
  #playing = $state(false);

  #ipc: CompareCommands;
  #timers = new Map<Timer, ReturnType<typeof setTimeout>>();
  #attempts = 0;
  /** Whether the shell works on an attempt. */
  #asked = false;
  /** What it worked on is no longer wanted; it must have heard so before the next is begun. */
  #stopping: Promise<void> | null = null;
  #closed = false;

  constructor(ipc: CompareCommands = commands, pictures = new Pictures()) {
    this.#ipc = ipc;
    this.pictures = pictures;
  }

  /** Once both pictures are decoded. */
  get opened(): CompareState | null {
    return this.#opened;
  }

  get error(): string | null {
    return this.#error;
  }

  get mode(): Mode {
    return this.#mode;
  }

  get level(): Level {
    return this.#level;
  }

  get candidate(): Candidate | null {
    return this.#candidate;
  }

  /** Whether a result for the chosen settings is on its way. */
  get working(): boolean {
    return this.#working;
  }

  /** About how large the result will be, in bytes, where a sample tells. */
  get estimate(): number | null {
    return this.#estimate;
  }

  get failed(): string | null {
    return this.#failed;
  }

  /** Whether what should be on screen cannot be shown. */
  get unseen(): boolean {
    return this.#unseen;
  }

  get frame(): number {
    return this.#frame;
  }

  get playing(): boolean {
    return this.#playing;
  }

  get frames(): number {
    return this.#opened?.delays.length ?? 1;
  }

  get stage(): Size {
    return this.#stage;
  }

  get density(): number {
    return this.#density;
  }

  get picture(): Size {
    const { width, height } = this.#opened ?? { width: 1, height: 1 };
    return { width, height };
  }

  get isFitted(): boolean {
    return this.#camera === null;
  }

  get camera(): Camera {
    return this.#camera ?? fitted(this.picture, this.#stage, this.#density, this.#isDrawing);
  }

  /** 1 where a pixel of the picture is one of the screen. */
  get zoom(): number {
    return this.camera.scale * this.#density;
  }

  get #isDrawing(): boolean {
    return this.#opened?.drawing ?? false;
  }

  /** Which file on screen is not the one any more that was measured. */
  get changed(): 'original' | 'result' | 'both' | null {
    const { original = false, result = false } = this.#opened?.changed ?? {};
    // What was made here was made of the original of now, and measured.
    if (this.#candidate?.version !== 0 || (!original && !result)) return null;
    if (original && result) return 'both';
    return original ? 'original' : 'result';
  }

  /** Opens a row or a line; `made` says what its result was made with. */
  async open(subject: Compared, made: Made): Promise<void> {
    this.#mode = made.mode;
    this.#level = made.level ?? this.#level;
    try {
      const opened = await this.#ipc.compareOpen(subject);
      // It was left before it was there.
      if (this.#closed) return void this.#ipc.compareClose(opened.session);
      const { original, result } = opened.changed;
      this.#candidate = {
        ...made,
        // It is that of other files.
        score: original || result ? null : made.score,
        version: 0,
        bytes: opened.output_bytes,
        smaller: opened.input_bytes === null || opened.output_bytes < opened.input_bytes,
      };
      this.#opened = opened;
      this.#playing = opened.delays.length > 1 && !prefersStillness();
      // What was chosen while it was opened.
      if (this.#working) this.#attemptSoon(0);
    } catch (reason) {
      this.#error = sentence(reason);
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.pictures.clear();
    if (this.#opened) await this.#ipc.compareClose(this.#opened.session);
  }

  chooseMode(mode: Mode): void {
    if (mode === this.#mode) return;
    this.#mode = mode;
    this.#attemptSoon(0);
  }

  chooseLevel(level: Level): void {
    if (level === this.#level) return;
    this.#level = level;
    if (this.#mode === 'lossy') this.#attemptSoon(RESTS);
  }

  /** Whether the result on screen is that of the chosen settings. */
  get isCurrent(): boolean {
    const { mode, level } = this.#candidate ?? {};
    return mode === this.#mode && (mode !== 'lossy' || level === this.#level);
  }

  #attemptSoon(after: number): void {
    const attempt = ++this.#attempts;
    this.#failed = null;
    // A result that is on its way takes the place of the one on screen, whoever waits for it.
    this.#working = this.#asked || !this.isCurrent;
    // At once, so that the next finds the processor free.
    if (this.#asked && this.#opened && !this.#stopping)
      this.#stopping = this.#ipc.compareStop(this.#opened.session).catch(() => {});
    if (this.#working) this.#after('level', after, () => void this.#attempt(attempt));
    else this.#stop('level');
  }

  async #attempt(attempt: number): Promise<void> {
    const session = this.#opened?.session;
    if (session === undefined) return;
    await this.#stopping;
    this.#stopping = null;
    if (attempt !== this.#attempts) return;
    const [mode, level] = [this.#mode, this.#level];
    this.#asked = true;
    await this.#sampleFirst(attempt, session, mode, level);
    if (attempt !== this.#attempts) return;
    try {
      const made = await this.#ipc.compareAttempt(session, mode, level);
      if (attempt !== this.#attempts) return;
      if (made) this.#candidate = { ...made, mode, level: mode === 'lossy' ? level : null };
    } catch (reason) {
      if (attempt !== this.#attempts) return;
      this.#failed = sentence(reason);
    }
    this.#asked = false;
    this.#working = false;
    this.#sample = null;
    this.#estimate = null;
  }

  /** Of a large picture the part in the middle is there long before the whole. */
  async #sampleFirst(attempt: number, session: number, mode: Mode, level: Level): Promise<void> {
    const isStill = this.frames === 1 && !this.#isDrawing;
    const part = isStill && mode !== 'lossless' ? middle(this.camera, this.picture) : null;
    if (!part) return;
    const key = (mode: Mode, level: Level | null) =>
      `${part.left},${part.top}/${mode === 'lossy' ? level : mode}`;
    const { left, top, width, height } = part;
    try {
      const box = { left, top, width, height };
      const made = await this.#ipc.compareSample(session, mode, level, box);
      if (attempt !== this.#attempts || !made) return;
      this.#samples.set(key(mode, level), made.bytes);
      this.#sample = { version: made.version, part };
      const { candidate } = this;
      const before = candidate && this.#samples.get(key(candidate.mode, candidate.level));
      this.#estimate =
        candidate?.smaller && before ? (candidate.bytes * made.bytes) / before : null;
    } catch {
      // Only a first look; whatever is wrong, the attempt will say.
    }
  }

  /** Shows the other one, in full. */
  flip(): void {
    if (this.layout === 'flip') this.flipped = !this.flipped;
    else {
      this.layout = 'flip';
      this.flipped = false;
    }
  }

  toggleDifference(): void {
    if (this.layout === 'difference') this.layout = this.#beforeDifference;
    else {
      this.#beforeDifference = this.layout;
      this.layout = 'difference';
    }
  }

  /** The stage has this size now: of one of the two, when they lie side by side. */
  measure(stage: Size, density: number): void {
    this.#stage = stage;
    this.#density = density;
  }

  fit(): void {
    this.#camera = null;
    this.#settle();
  }

  /** From fitted to 100 % and back. */
  toggleZoom(at: Point = this.#middle): void {
    if (Math.abs(this.zoom - 1) < 0.001 && !this.isFitted) this.fit();
    else this.zoomTo(1, at);
  }

  /** To so many pixels of the screen for each of the picture. */
  zoomTo(zoom: number, at: Point = this.#middle): void {
    const scale = zoom / this.#density;
    const { camera, picture } = this;
    this.#look(zoomed(camera, scale, at, picture, this.#stage, this.#density, this.#isDrawing));
  }

  zoomBy(factor: number, at: Point = this.#middle): void {
    this.zoomTo(this.zoom * factor, at);
  }

  /** Moves the picture by so many CSS pixels. */
  pan(dx: number, dy: number): void {
    const { x, y, scale } = this.camera;
    this.#look(kept({ scale, x: x - dx / scale, y: y - dy / scale }, this.picture));
  }

  get #middle(): Point {
    return { x: this.#stage.width / 2, y: this.#stage.height / 2 };
  }

  #look(camera: Camera): void {
    this.#camera = camera;
    this.#settle();
  }

  #settle(): void {
    this.#after('view', SETTLES, () => (this.#settled = this.#camera));
  }

  play(playing: boolean): void {
    this.#playing = playing;
    if (playing) this.#next(0);
    else this.#stop('frame');
  }

  goToFrame(frame: number): void {
    this.play(false);
    this.#frame = Math.min(Math.max(frame, 0), this.frames - 1);
  }

  /** The pictures that the screen needs now. */
  readonly wanted = $derived.by((): Wanted[] => {
    const opened = this.#opened;
    const version = this.#candidate?.version ?? 0;
    if (!opened || this.#stage.width === 0) return [];
    const sides: Side[] = this.layout === 'difference' ? ['difference'] : ['original', 'result'];
    const whole = base(this.picture, this.#stage, this.#density);
    const parts = [whole];
    // Drawings are sharp anyway.
    const close =
      this.#settled && !opened.drawing
        ? detail(this.#settled, this.picture, this.#stage, this.#density)
        : null;
    if (close) parts.push(close);
    const wanted: Wanted[] = sides.flatMap((side) =>
      parts.map((part) => ({
        side,
        part,
        address: comparedAddress(opened.session, side, version, this.#frame, part),
      })),
    );
    if (this.#sample && this.layout !== 'difference') {
      const { version, part } = this.#sample;
      const address = comparedAddress(opened.session, 'sample', version, 0, part);
      wanted.push({ side: 'result', part, address });
    }
    return wanted;
  });

  /** Fetches what the screen needs; then the next frame may come. What cannot be had is asked for once more. */
  async show(wanted: readonly Wanted[], isLast = false): Promise<void> {
    if (wanted.length === 0) return;
    const began = performance.now();
    const outcome = await this.pictures.show(wanted);
    if (outcome === 'missing' && !isLast)
      this.#after('again', ASKS_AGAIN, () => void this.show(wanted, true));
    else if (outcome === 'missing') {
      this.play(false);
      this.#unseen = true;
    } else if (outcome === 'shown') {
      this.#unseen = false;
      if (this.#playing && this.frames > 1) this.#next(performance.now() - began);
    }
  }

  /** Both sides go on together: a frame stays until the next one is there on both. */
  #next(spent: number): void {
    const stored = this.#opened?.delays[this.#frame] ?? 0;
    const stays = (stored < SHORTEST ? 10 : stored) * 10;
    this.#after('frame', Math.max(stays - spent, 0), () => {
      if (this.#playing) this.#frame = (this.#frame + 1) % this.frames;
    });
  }

  #after(what: Timer, wait: number, then: () => void): void {
    this.#stop(what);
    if (!this.#closed) this.#timers.set(what, setTimeout(then, wait));
  }

  #stop(what: Timer): void {
    clearTimeout(this.#timers.get(what));
  }
}

function prefersStillness(): boolean {
  return globalThis.matchMedia?.('(prefers-reduced-motion: reduce)').matches ?? false;
}
