/** `muster set`, `outputs`, `rules`, `events`: what a device does by itself or on command, and what it did. */
import { MusterError } from '../../shared/errors.ts';
import { outputValueText, ruleNames, spanText } from '../../shared/rule-text.ts';
import type { CommandContext } from '../main.ts';
import { eventsText, outputsText, rulesText } from '../output-text.ts';
import { withDevice } from '../with-device.ts';

/** `on`, `off`, `auto` (null: let go), `40%`, `0.4`. Throws BAD_INPUT. */
export function parseValue(text: string): number | null {
  const word = text.trim().toLowerCase();
  if (word === 'auto') return null;
  if (word === 'on') return 1;
  if (word === 'off') return 0;
  const value = word.endsWith('%') ? Number(word.slice(0, -1)) / 100 : Number(word);
  if (word === '' || !(value >= 0 && value <= 1))
    throw new MusterError('BAD_INPUT', `"${text}" is none of on, off, auto, 40%, 0.4`, {
      field: 'VALUE',
      value: text,
    });
  return value;
}

/** `30s`, `10m`, `2h`, `90` (seconds), as ms; null for anything else. */
export function parseSpan(text: string): number | null {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|min|h)?$/.exec(text.trim().toLowerCase());
  if (!match) return null;
  const size = { ms: 1, s: 1000, m: 60_000, min: 60_000, h: 3_600_000 }[match[2] ?? 's'] ?? 1000;
  return Math.round(Number(match[1]) * size);
}

/** Holds `output` of `host` at a value, or lets it go. */
export function set(
  context: CommandContext,
  host: string,
  output: string,
  value: number | null,
  { for: forMs }: { for?: number },
): Promise<void> {
  return withDevice(context, host, async (engine, { id, name }) => {
    const { output: row } = await engine.handlers['device.setOutput']({
      device: id,
      output,
      value,
      forMs: forMs ?? null,
    });
    const is = row.value === null ? 'not known' : outputValueText(row.value);
    const held = row.hold ? `, held by ${row.hold.by} for ${spanText(row.hold.leftMs)}` : '';
    context.output.result({ device: name, output: row }, `${row.name} of ${name} is ${is}${held}.`);
  });
}

export function outputs(context: CommandContext, host: string): Promise<void> {
  return withDevice(context, host, async (engine, { id, name }) => {
    const state = await engine.handlers['device.outputs']({ device: id });
    context.output.result({ device: name, ...state }, outputsText(state.outputs));
  });
}

/** Tells the rules of `host` in words; with a span also what each would have done in it. */
export function rules(
  context: CommandContext,
  host: string,
  { simulate }: { simulate?: { from: number; to: number } },
): Promise<void> {
  return withDevice(context, host, async (engine, { id, name }) => {
    const state = await engine.handlers['device.rules']({ device: id });
    const { outputs: rows } = await engine.handlers['device.outputs']({ device: id });
    const { channels } = await engine.handlers['channels.list']({ device: id });
    const names = ruleNames(channels, rows, state.timeZone);
    if (!simulate) {
      context.output.result({ device: name, ...state }, rulesText(state.rules, names));
      return;
    }
    const { timeZone } = state;
    const simulated = [];
    for (const { rule } of state.rules) {
      const outcome = await engine.handlers['rules.simulate']({ device: id, rule, timeZone, ...simulate });
      simulated.push({ rule: rule.id, ...outcome });
    }
    const lines = simulated.map(({ rule, times, onMs, unheardMs, readings }) => {
      const blind = unheardMs > 0 ? `; it could not have judged for ${spanText(unheardMs)}` : '';
      const often = times === 1 ? 'once' : `${times} times`;
      return `${rule}: would have gone on ${often}, for ${spanText(onMs)} in all, by ${readings} readings${blind}.`;
    });
    const text = lines.length > 0 ? lines.join('\n') : rulesText([], names);
    context.output.result({ device: name, timeZone, ...simulate, simulated }, text);
  });
}

/** Prints the newest events of `host`. */
export function events(context: CommandContext, host: string, { last }: { last: number }): Promise<void> {
  return withDevice(context, host, async (engine, { id, name }) => {
    const page = await engine.handlers['device.events']({ device: id, after: null, limit: last });
    context.output.result({ device: name, ...page }, eventsText(page.events));
  });
}
