/**
 * When charts are drawn: all charts of a stack in one animation frame, at most ten times a second, and only when the
 * time shown or something drawn has changed. Never in a hidden window, since no frames come there.
 */

/** The time shown, epoch ms. */
export interface TimeWindow {
  from: number;
  to: number;
}

/** Draws one chart for `window`; decides by itself whether anything changed. */
export type Painter = (window: TimeWindow) => void;

export const FRAME_MS = 100;

/** Where frames and time come from; the window's own outside tests. */
export interface FrameSource {
  now(): number;
  after(ms: number, fn: () => void): () => void;
  frame(fn: () => void): () => void;
}

export class ChartFrames {
  readonly #window: () => TimeWindow;
  readonly #source: FrameSource;
  readonly #painters = new Set<Painter>();
  #cancel: (() => void) | null = null;
  #last = -Infinity;
  #held = false;

  constructor(window: () => TimeWindow, source: FrameSource) {
    this.#window = window;
    this.#source = source;
  }

  /** Adds a chart; it is drawn with the next frame. The result removes it. */
  add(painter: Painter): () => void {
    this.#painters.add(painter);
    this.invalidate();
    return () => void this.#painters.delete(painter);
  }

  /** Asks for a frame. Many calls make one. */
  invalidate(): void {
    if (this.#cancel || this.#held) return;
    const wait = Math.max(0, this.#last + FRAME_MS - this.#source.now());
    this.#cancel = this.#source.after(wait, () => {
      this.#cancel = this.#source.frame(() => {
        this.#cancel = null;
        this.drawNow();
      });
    });
  }

  /** Draws at once, without waiting for a frame. */
  drawNow(): void {
    this.#last = this.#source.now();
    const window = this.#window();
    for (const painter of this.#painters) painter(window);
  }

  /** Stands still while a person drags across a chart. */
  hold(held: boolean): void {
    this.#held = held;
    if (held) this.stop();
    else this.invalidate();
  }

  /** Drops the frame that was asked for. */
  stop(): void {
    this.#cancel?.();
    this.#cancel = null;
  }
}

/** Frames of the page's own window. */
export const pageFrames: FrameSource = {
  now: () => performance.now(),
  after(ms, fn) {
    const timer = setTimeout(fn, ms);
    return () => clearTimeout(timer);
  },
  frame(fn) {
    const request = requestAnimationFrame(fn);
    return () => cancelAnimationFrame(request);
  },
};
