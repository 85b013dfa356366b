/** The words of `muster new` and `muster firmware …`. What they do is in commands/firmware*.ts. */
import { InvalidArgumentError, type Command } from 'commander';
import type { RuntimeArch } from '../core/install/runtime-pin.ts';
import {
  build,
  inspect,
  sign,
  startProject,
  testProject,
  verify,
  type BuildFlags,
} from './commands/firmware.ts';
import { decide, exportKey, importKey, keygen, keys, type ExportKeyFlags } from './commands/firmware-keys.ts';
import type { CommandContext } from './main.ts';

function architecture(text: string, before: RuntimeArch[] = []): RuntimeArch[] {
  if (text !== 'arm64' && text !== 'x64') throw new InvalidArgumentError('arm64 or x64 is wanted.');
  return [...new Set([...before, text] as const)].toSorted();
}

/** Adds them: `new` to `program`, the others to its command `firmware`. */
export function addFirmwareCommands(
  program: Command,
  firmware: Command,
  context: (command: Command) => CommandContext,
): void {
  program
    .command('new')
    .argument('<DIR>', 'folder to make')
    .description(
      'start a firmware project of your own: configuration, one driver with its test, how to go on',
    )
    .action((dir: string, _: unknown, command: Command) => startProject(context(command), dir));

  firmware
    .command('build')
    .argument('[DIR]', 'folder of your project; left out: the daemon as it is')
    .description(
      'make a firmware file; the first one with a runtime takes a minute or two, later ones seconds',
    )
    .option('--arch <name>', 'arm64 or x64, again for both (both unless told)', architecture)
    .option('--without-runtime', 'leave Node out: only for devices that have this very version')
    .option('--out <file>', 'where to write it')
    .option('--key <key>', 'id or name of the signing key, where there are several')
    .option('--unsigned', 'do not sign it')
    .action((dir: string | undefined, flags: BuildFlags & { withoutRuntime?: boolean }, command: Command) =>
      build(context(command), dir ?? null, {
        ...flags,
        runtime: !flags.withoutRuntime,
      }),
    );
  firmware
    .command('test')
    .argument('[DIR]', 'folder of your project', '.')
    .description('run the tests of your project; exit code 1 when one fails')
    .action((dir: string, _: unknown, command: Command) => testProject(context(command), dir));
  firmware
    .command('inspect')
    .argument('<FILE>', 'a firmware file, ours or a Nerves .fw')
    .description('tell what a firmware file is, for what, and who signed it')
    .action((file: string, _: unknown, command: Command) => inspect(context(command), file));
  firmware
    .command('sign')
    .argument('<FILE>', 'a firmware file')
    .description('add your signature to a firmware file')
    .option('--key <key>', 'id or name of the signing key, where there are several')
    .action((file: string, flags: { key?: string }, command: Command) =>
      sign(context(command), file, flags.key ?? null),
    );
  firmware
    .command('verify')
    .argument('<FILE>', 'a firmware file')
    .description(
      'prove a firmware file: known signer, nothing changed; exit code 1 names the part that is not right',
    )
    .action((file: string, _: unknown, command: Command) => verify(context(command), file));

  firmware
    .command('keygen')
    .description('make a signing key on this laptop')
    .option('--name <name>', 'what people call it; you@laptop unless told')
    .action((flags: { name?: string }, command: Command) => keygen(context(command), flags.name ?? null));
  firmware
    .command('keys')
    .description('list the signing keys that this laptop has or knows')
    .action((_: unknown, command: Command) => keys(context(command)));
  firmware
    .command('export-key')
    .argument('[KEY]', 'id or name; left out: the only one')
    .description('write a signing key to a closed file for a colleague, and say the words that open it')
    .option('--out <file>', 'where to write it')
    .option('--public', 'only the public half, which is no secret')
    .action((key: string | undefined, flags: ExportKeyFlags, command: Command) =>
      exportKey(context(command), key ?? null, flags),
    );
  firmware
    .command('import-key')
    .argument('<FILE>', 'a key file; its words are asked for, or read from standard input')
    .description('take a key file in')
    .action((file: string, _: unknown, command: Command) => importKey(context(command), file));
  for (const [verdict, what] of [
    ['trust', 'have a device take firmware signed by a key'],
    ['revoke', 'have a device refuse a key from now on, for good'],
  ] as const)
    firmware
      .command(verdict)
      .argument('<HOST>', 'name or address of an installed device')
      .argument('<KEY>', 'id or name of the key')
      .description(what)
      .action((host: string, key: string, _: unknown, command: Command) =>
        decide(context(command), verdict, host, key),
      );
}
