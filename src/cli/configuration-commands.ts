/** The words of `muster config`. What they do is in commands/configuration.ts. */
import type { Command } from 'commander';
import {
  applyConfiguration,
  configurationHistory,
  configurationSchema,
  diffConfiguration,
  getConfiguration,
  revertConfiguration,
  type ApplyOptions,
} from './commands/configuration.ts';
import type { CommandContext } from './main.ts';

const KEEP = 'keep it even when a sensor or an output that worked before does not';

export function addConfigurationCommands(
  program: Command,
  context: (command: Command) => CommandContext,
): void {
  const config = program
    .command('config')
    .description('what a device measures and does, as one document: look at it, change it, go back');
  const on = (name: string, description: string) =>
    config
      .command(name)
      .description(description)
      .argument('<HOST>', 'name or address of an installed device');
  on('get', 'print the document of a device').action((host: string, _: unknown, command: Command) =>
    getConfiguration(context(command), host),
  );
  on('diff', 'show what a file would change on a device, and what is wrong with it')
    .argument('<FILE>', 'the document')
    .action((host: string, file: string, _: unknown, command: Command) =>
      diffConfiguration(context(command), host, file),
    );
  on('apply', 'have a device try a file; it goes back by itself unless this laptop finds it again')
    .argument('<FILE>', 'the document')
    .option('--yes', 'do not ask')
    .option('--keep', KEEP)
    .option(
      '--to <names>',
      'then these devices too, by name or address, with commas between; each keeps its own name',
    )
    .action((host: string, file: string, options: ApplyOptions, command: Command) =>
      applyConfiguration(context(command), host, file, options),
    );
  on('history', 'list the versions a device keeps: who brought them and how it ended').action(
    (host: string, _: unknown, command: Command) => configurationHistory(context(command), host),
  );
  on('revert', 'have a device go back to a version it keeps')
    .argument('<VERSION>', 'the version, or how it begins, as the history shows it')
    .option('--keep', KEEP)
    .action((host: string, version: string, options: ApplyOptions, command: Command) =>
      revertConfiguration(context(command), host, version, options),
    );
  on('schema', 'print the JSON schema of the document, for an editor').action(
    (host: string, _: unknown, command: Command) => configurationSchema(context(command), host),
  );
}
