/**
 * The command line over the engine: `muster COMMAND`. Owns arguments, exit codes and the words between; every
 * deed is an engine call. Exit codes: 0 done, 1 it failed (the reason is printed), 2 it was asked wrongly.
 */
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { homedir } from 'node:os';
import { VERSION } from '../shared/version.ts';
import { toMusterError } from '../shared/errors.ts';
import { clock, type ClockOptions } from './commands/clock.ts';
import { demo, type DemoOptions } from './commands/demo.ts';
import { devices, discover, status } from './commands/devices.ts';
import { exportCsv, type ExportOptions } from './commands/export.ts';
import { install, uninstall, type InstallOptions, type UninstallOptions } from './commands/install.ts';
import { firmwareStatus, history, push, rollBack, type PushOptions } from './commands/push.ts';
import { nerves, type NervesOptions } from './commands/nerves.ts';
import { publishers } from './commands/publishers.ts';
import { scan, type ScanOptions } from './commands/scan.ts';
import { serveCommand } from './commands/serve.ts';
import { tree, type TreeOptions } from './commands/tree.ts';
import { watch } from './commands/watch.ts';
import { addConfigurationCommands } from './configuration-commands.ts';
import { addFirmwareCommands } from './firmware-commands.ts';
import { createOutput, type Output } from './output.ts';
import { addOutputCommands } from './output-commands.ts';

/** What every command gets. */
export interface CommandContext {
  output: Output;
  /** Folder of the checkout or package. */
  root: string;
  /** Folder of the site, null for the usual one. */
  site: string | null;
}

function whole(min: number, max: number) {
  return (text: string): number => {
    const value = Number(text);
    if (!Number.isInteger(value) || value < min || value > max)
      throw new InvalidArgumentError(`a whole number from ${min} to ${max} is wanted.`);
    return value;
  };
}

function time(text: string): number {
  const value = Date.parse(text);
  if (Number.isNaN(value))
    throw new InvalidArgumentError('a time is wanted, such as 2026-05-03 or 2026-05-03T14:00:00+02:00.');
  return value;
}

/** Runs one command line; resolves to the exit code and never throws. */
export async function runCli(args: string[], root: string, write = createOutput): Promise<number> {
  const output = write(args.includes('--json'));
  const program = new Command('muster');
  const context = (command: Command): CommandContext => {
    const { site } = command.optsWithGlobals<{ site?: string }>();
    return { output, root, site: site ? site.replace(/^~(?=\/)/, homedir()) : null };
  };
  const port = whole(1, 65535);

  program
    .description(
      'Finds Raspberry Pis nearby, installs a sensor daemon on them over SSH, shows and saves their readings.',
    )
    .version(VERSION)
    .exitOverride()
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      outputError: (text, print) =>
        output.json ? undefined : print(`${text}Add --help to the command to see what it takes.\n`),
    })
    .option('--json', 'print one JSON value instead of text')
    .option('--site <folder>', 'the site: the folder with the archive and the device records');

  program
    .command('discover')
    .description('look around and list every device that answers')
    .option('--seconds <n>', 'how long to look', whole(1, 600), 5)
    .action((options: { seconds: number }, command: Command) => discover(context(command), options));
  program
    .command('devices')
    .description('list the devices of this site')
    .action((_: unknown, command: Command) => devices(context(command)));
  program
    .command('install')
    .argument('<HOST>', 'name or address of the device, also host:port')
    .description('install the sensor daemon on a device; shows the plan first')
    .option('--user <name>', 'user to log in as', 'pi')
    .option('--password-stdin', 'read the password from standard input')
    .option('--key <file>', 'private key file to log in with')
    .option('--port <n>', 'SSH port', port)
    .option('--yes', 'trust a new device and carry out the plan without asking')
    .option('--dry-run', 'show the plan and change nothing')
    .action((host: string, options: InstallOptions, command: Command) =>
      install(context(command), host, options),
    );
  program
    .command('uninstall')
    .argument('<HOST>', 'name or address of the device')
    .description('take the daemon off a device again; undoes all that the installation did')
    .option('--keep-data', 'leave the recorded readings on the device')
    .option('--password-stdin', 'read the password, for the login and for sudo, from standard input')
    .option('--yes', 'do not ask')
    .action((host: string, options: UninstallOptions, command: Command) =>
      uninstall(context(command), host, options),
    );
  program
    .command('nerves')
    .argument('<HOST>', 'name or address of the device, also host:port')
    .description('get to know a device that runs Nerves, so that firmware can be pushed to it')
    .option('--user <name>', 'user to log in as; with a key any name will do', 'root')
    .option('--password-stdin', 'read the password from standard input')
    .option('--key <file>', 'private key file to log in with')
    .option('--port <n>', 'SSH port', port)
    .option('--add-key', 'have the device let the key of this laptop in from now on')
    .option('--yes', 'trust a new device without asking')
    .action((host: string, options: NervesOptions, command: Command) =>
      nerves(context(command), host, options),
    );
  program
    .command('status')
    .argument('<HOST>', 'name or address of an installed device')
    .description('tell how a device and its sensors do')
    .action((host: string, _: unknown, command: Command) => status(context(command), host));
  program
    .command('tree')
    .argument('<HOST>', 'name or address of an installed device')
    .description('print the supervision tree of a device: what runs, what failed and why, what happens next')
    .option('--watch', 'print it every second (one JSON line each with --json); Ctrl+C ends')
    .action((host: string, options: TreeOptions, command: Command) => tree(context(command), host, options));
  program
    .command('scan')
    .argument('<HOST>', 'name or address of an installed device')
    .argument('[BUS]', 'name or file of a bus; without it all that the device has')
    .description('look which chips answer on the buses of a device, and which nobody measures yet')
    .option(
      '--add <place>',
      'have it measure what answers there, such as 0x76, or 0x76=DRIVER; several times for several',
      (place, before: string[] | undefined) => [...(before ?? []), place],
    )
    .option('--yes', 'with --add: do not ask')
    .action((host: string, bus: string | undefined, options: ScanOptions, command: Command) =>
      scan(context(command), host, bus, options),
    );
  program
    .command('publishers')
    .argument('<HOST>', 'name or address of an installed device')
    .description('list whom a device sends its readings, how far behind each is, and why')
    .action((host: string, _: unknown, command: Command) => publishers(context(command), host));
  program
    .command('clock')
    .argument('<HOST>', 'name or address of an installed device')
    .description('tell what time a device believes it is, who set it, and what was changed when')
    .option('--set', "offer it this laptop's time first")
    .action((host: string, options: ClockOptions, command: Command) =>
      clock(context(command), host, options),
    );
  program
    .command('watch')
    .argument('<HOST>', 'name or address of an installed device')
    .description('print readings as they come, one line each (JSON lines with --json); Ctrl+C ends')
    .option('--seconds <n>', 'end after so long', whole(1, 86_400))
    .action((host: string, options: { seconds?: number }, command: Command) =>
      watch(context(command), host, options.seconds ?? null),
    );
  program
    .command('export')
    .requiredOption('--out <file>', 'the CSV file to write')
    .description('fetch what devices recorded meanwhile, then save readings as CSV')
    .option('--device <name>', 'only this device')
    .option('--from <time>', 'from this time on', time)
    .option('--to <time>', 'up to this time', time)
    .option('--offline', 'do not fetch, only write what this laptop has')
    .action((options: ExportOptions, command: Command) => exportCsv(context(command), options));
  const firmware = program
    .command('firmware')
    .description('firmware: make files, sign them, push them to devices, have them go back');
  firmware
    .command('push')
    .argument('<FILE...>', 'firmware files, one for each kind of device: each gets the one that is for it')
    .description('send firmware to devices, see each come back on it or be told why not; Ctrl+C cancels')
    .option('--devices <names>', 'these devices, by name or address, with commas between')
    .option('--all', 'all devices of this site')
    .option('--canary <n>', 'so many go first and must prove it', whole(0, 1000), 1)
    .option('--cap <n>', 'at most so many at a time', whole(1, 64), 8)
    .option('--max-failures <n>', 'begin nobody new after so many failures', whole(1, 10_000), 1)
    .option('--dry-run', 'only tell what would happen on each device')
    .action((files: string[], options: PushOptions, command: Command) =>
      push(context(command), files, options),
    );
  firmware
    .command('status')
    .argument('[DEVICE]', 'name or address; without it all devices of this site')
    .description('tell what devices run, what they could go back to, and how the last change ended')
    .action((host: string | undefined, _: unknown, command: Command) =>
      firmwareStatus(context(command), host),
    );
  firmware
    .command('rollback')
    .argument('<DEVICE>', 'name or address')
    .description('have a device restart into the version it ran before')
    .action((host: string, _: unknown, command: Command) => rollBack(context(command), host));
  firmware
    .command('history')
    .description('list the pushes of this site and how they ended')
    .action((_: unknown, command: Command) => history(context(command)));
  addFirmwareCommands(program, firmware, context);
  addOutputCommands(program, context);
  addConfigurationCommands(program, context);
  program
    .command('serve')
    .description('open Muster in the browser: serves it on this machine alone')
    .option('--port <n>', 'port (7440 or the next free one)', port)
    .option('--demo [n]', 'start the demo fleet too', whole(1, 50))
    .action((options: { port?: number; demo?: number | true }, command: Command) =>
      serveCommand(context(command), options),
    );
  program
    .command('demo')
    .description('play with virtual devices: they are found, installed and charted as real ones are')
    .option('--devices <n>', 'how many', whole(1, 50), 3)
    .option('--headless', 'do the whole main job without a window and print the result')
    .option('--seconds <n>', 'with --headless: how long to record', whole(2, 3600), 20)
    .option('--port <n>', 'port of the browser shell', port)
    .action((options: DemoOptions, command: Command) => demo(context(command), options));

  try {
    await program.parseAsync(args, { from: 'user' });
    return Number(process.exitCode ?? 0);
  } catch (thrown) {
    if (thrown instanceof CommanderError) {
      if (thrown.exitCode === 0) return 0;
      if (output.json) output.result({ error: { code: 'BAD_INPUT', message: thrown.message } }, '');
      return 2;
    }
    output.error(thrown);
    return toMusterError(thrown).code === 'BAD_INPUT' ? 2 : 1;
  }
}
