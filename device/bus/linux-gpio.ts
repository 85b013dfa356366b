/**
 * Lines of a GPIO chip of Linux (kernel: Documentation/userspace-api/gpio/chardev.rst, version 2).
 * Owns: requesting lines, and bringing their edges with the kernel's own time stamps: one wait on the thread pool for all
 * lines of the chip. Refuses: debouncing and counting (the drivers'), a level's meaning (the outputs').
 */
import { closeSync, openSync } from 'node:fs';
import type { GpioInput, GpioLines, LineSetup, OnEdge } from './gpio-lines.ts';
import type { GpioOutputs } from './gpio-outputs.ts';
import { busError, loadLinuxAddon, type LinuxAddon } from './linux-addon.ts';

/** enum gpio_v2_line_flag of include/uapi/linux/gpio.h. */
const FLAG = { activeLow: 1 << 1, input: 1 << 2, output: 1 << 3, rising: 1 << 4, falling: 1 << 5 } as const;
const BIAS: Record<LineSetup['bias'], number> = {
  'as-is': 0,
  'pull-up': 1 << 8,
  'pull-down': 1 << 9,
  disabled: 1 << 10,
};

/** A line that has come is waited for after this long at the latest, ms. */
const WAIT_MS = 100;
/** Edges taken from one line at once (linux.c, MOST_FILES). */
const ROOM = 64;

interface Chip {
  addon: LinuxAddon;
  /** Requests a line; its file. Throws BUS_MISSING. */
  request(line: number, flags: number, level?: number): number;
  /** The answer of a call, where it is no errno. Throws BUS_MISSING. */
  checked(line: number, answer: number): number;
}

function chipOf(id: string, device: string, load: () => LinuxAddon): Chip {
  const where = { device, group: 'gpio' };
  const checked = (line: number, answer: number): number => {
    if (answer < 0) throw busError(id, `line ${line}`, answer, where);
    return answer;
  };
  let addon: LinuxAddon | null = null;
  return {
    get addon() {
      return (addon ??= load());
    },
    checked,
    request(line, flags, level = 0) {
      let chip: number;
      try {
        chip = openSync(device, 'r+');
      } catch (error) {
        throw busError(id, device, (error as NodeJS.ErrnoException).errno ?? 0, where);
      }
      try {
        return checked(line, this.addon.requestLine(chip, line, flags, level));
      } finally {
        closeSync(chip);
      }
    },
  };
}

/** The input lines of `device` (`/dev/gpiochip0`). `load`: gives the addon; a test's own. */
export function createLinuxGpio(id: string, device: string, load = () => loadLinuxAddon(id)): GpioLines {
  const chip = chipOf(id, device, load);
  const told = new Map<number, OnEdge>();
  const room = [new Float64Array(ROOM), new Float64Array(ROOM), new Float64Array(ROOM)] as const;
  const [times, levels, sequences] = room;
  let isWatching = false;
  let wait: Promise<number[]> = Promise.resolve([]);
  /** Settles when the lines given back so far are the kernel's again: a wait still has a hold of them. */
  let freed: Promise<unknown> = wait;

  async function watch(): Promise<void> {
    if (isWatching) return;
    isWatching = true;
    while (told.size > 0) {
      wait = chip.addon.waitForInput(Int32Array.from(told.keys()), WAIT_MS);
      for (const line of await wait) take(line);
    }
    isWatching = false;
  }

  function take(line: number): void {
    if (!told.has(line)) return;
    const n = chip.addon.readEdges(line, ...room);
    // gone: whoever asks for its level is told why
    if (n < 0) told.delete(line);
    for (let i = 0; i < n; i++) told.get(line)?.(levels[i] === 1, times[i] as number, sequences[i] as number);
  }

  return {
    kind: 'gpio',
    id,
    async input(line, { bias, activeLow }, onEdge): Promise<GpioInput> {
      await freed;
      const low = activeLow ? FLAG.activeLow : 0;
      const file = chip.request(line, FLAG.input | FLAG.rising | FLAG.falling | BIAS[bias] | low);
      told.set(file, onEdge);
      void watch();
      let isOpen = true;
      return {
        async active() {
          return chip.checked(line, chip.addon.getLevel(file)) === 1;
        },
        close() {
          if (!isOpen) return;
          isOpen = false;
          told.delete(file);
          closeSync(file);
          freed = wait;
        },
      };
    },
  };
}

/** The same chip's lines as outputs. */
export function linuxOutputs(id: string, device: string, load = () => loadLinuxAddon(id)): GpioOutputs {
  const chip = chipOf(id, device, load);
  return {
    id,
    level(line) {
      // requested without a direction, which the kernel leaves as it is
      const file = chip.request(line, 0);
      try {
        return chip.checked(line, chip.addon.getLevel(file)) === 1;
      } finally {
        closeSync(file);
      }
    },
    output(line, high) {
      const file = chip.request(line, FLAG.output, Number(high));
      return {
        set: (level) => void chip.checked(line, chip.addon.setLevel(file, Number(level))),
        close: () => closeSync(file),
      };
    },
  };
}
