/** The words of `muster set`, `outputs`, `rules` and `events`. What they do is in commands/outputs.ts. */
import { InvalidArgumentError, type Command } from 'commander';
import { events, outputs, parseSpan, parseValue, rules, set } from './commands/outputs.ts';
import type { CommandContext } from './main.ts';

function span(text: string): number {
  const ms = parseSpan(text);
  if (ms === null) throw new InvalidArgumentError('a time span is wanted, such as 30s, 10m or 2h.');
  return ms;
}

/** `FROM..TO`; without TO up to now. */
function range(text: string): { from: number; to: number } {
  const [begin = '', end = ''] = text.split('..');
  const from = Date.parse(begin);
  const to = end === '' ? Date.now() : Date.parse(end);
  if (!(from < to))
    throw new InvalidArgumentError(
      'a range is wanted, such as 2026-05-03..2026-05-04, or 2026-05-03.. up to now.',
    );
  return { from, to };
}

function count(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > 1000)
    throw new InvalidArgumentError('a whole number from 1 to 1000 is wanted.');
  return value;
}

export function addOutputCommands(program: Command, context: (command: Command) => CommandContext): void {
  program
    .command('outputs')
    .argument('<HOST>', 'name or address of an installed device')
    .description('list the outputs of a device: where each is, who holds it and for how long')
    .action((host: string, _: unknown, command: Command) => outputs(context(command), host));
  program
    .command('set')
    .argument('<HOST>', 'name or address of an installed device')
    .argument('<OUTPUT>', 'id of the output')
    .argument('<VALUE>', 'on, off, 40%, or auto to let it go', (text) => ({ value: parseValue(text) }))
    .description('hold an output at a value; when the time is over it falls to its safe value')
    .option('--for <time>', 'how long, such as 30s, 10m or 2h; its own lease unless told', span)
    .action(
      (
        host: string,
        output: string,
        { value }: { value: number | null },
        options: { for?: number },
        command: Command,
      ) => set(context(command), host, output, value, options),
    );
  program
    .command('rules')
    .argument('<HOST>', 'name or address of an installed device')
    .description('tell in words by which rules a device acts, and how they do')
    .option('--simulate <from..to>', 'tell what they would have done with the readings of this laptop', range)
    .action((host: string, options: { simulate?: { from: number; to: number } }, command: Command) =>
      rules(context(command), host, options),
    );
  program
    .command('events')
    .argument('<HOST>', 'name or address of an installed device')
    .description('list what happened to outputs and rules of a device, and why')
    .option('--last <n>', 'how many', count, 50)
    .action((host: string, options: { last: number }, command: Command) =>
      events(context(command), host, options),
    );
}
