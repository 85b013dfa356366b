/** What the command palette offers, and which of it fits what was typed. Pure but for the actions. */
import type { DeviceRecord } from '../../../src/shared/engine-contract.ts';
import type { Muster } from '../../stores/muster.tsx';
import { toastError } from '../../parts/toast-error.ts';
import { deviceState, type Tone } from '../../text/device-state.ts';
import { formatCount } from '../../text/format.ts';
import { fleetOrder } from '../fleet/fleet-rows.ts';

export interface Command {
  id: string;
  title: string;
  /** Shown quietly behind the title; searched too. */
  hint: string;
  tone?: Tone;
  run(): void;
}

/** Devices shown before anything is typed. */
const UNASKED = 8;

function deviceCommands(muster: Muster, device: DeviceRecord, now: number): Command[] {
  const ui = muster.ui.getState();
  const { tone, word } = deviceState(device, now);
  const commands: Command[] = [
    {
      id: `open ${device.id}`,
      title: device.name,
      hint: [word, device.model].filter(Boolean).join(', '),
      tone,
      run: () => ui.go({ name: 'device', device: device.id }),
    },
  ];
  if (device.kind !== 'nerves')
    commands.push({
      id: `install ${device.id}`,
      title: `${device.installed ? 'Install again on' : 'Install on'} ${device.name}`,
      hint: 'Shows what it would do first',
      run: () => ui.openDrawer({ name: 'install', devices: [device.id] }),
    });
  if (device.installed && device.mine)
    commands.push({
      id: `uninstall ${device.id}`,
      title: `Remove Muster from ${device.name}`,
      hint: 'Asks what to keep',
      run: () => ui.openDrawer({ name: 'uninstall', device: device.id }),
    });
  return commands;
}

function generalCommands(muster: Muster, demoRuns: boolean): Command[] {
  const { engine, site } = muster;
  const ui = muster.ui.getState();
  const attempt = (work: Promise<unknown>) => void work.then(() => site.refresh()).catch(toastError);
  const selection = ui.selection.length;
  return [
    { id: 'overview', title: 'Go to the fleet', hint: 'All devices', run: () => ui.go({ name: 'overview' }) },
    {
      id: 'export',
      title: 'Export readings to CSV',
      hint: 'Choose devices and time',
      run: () => ui.go({ name: 'export' }),
    },
    {
      id: 'push',
      title: 'Push firmware',
      hint: 'New versions for many devices, and how they went',
      run: () => ui.go({ name: 'push' }),
    },
    {
      id: 'refresh',
      title: 'Look again now',
      hint: 'Asks every network anew',
      run: () => attempt(engine.call['fleet.refresh']({})),
    },
    demoRuns
      ? {
          id: 'demo',
          title: 'Stop the demo fleet',
          hint: 'Virtual devices',
          run: () => attempt(engine.call['demo.stop']({})),
        }
      : {
          id: 'demo',
          title: 'Start the demo fleet',
          hint: 'Three virtual devices',
          run: () => attempt(engine.call['demo.start']({ devices: 3 })),
        },
    ...(selection > 0
      ? [
          {
            id: 'none',
            title: 'Choose no device',
            hint: `${formatCount(selection, 'device')} chosen`,
            run: () => ui.setSelection([]),
          },
        ]
      : []),
    {
      id: 'rail',
      title: ui.railOpen ? 'Hide the devices' : 'Show the devices',
      hint: 'Ctrl B',
      run: () => ui.toggleRail(),
    },
    { id: 'light', title: 'Theme: light', hint: '', run: () => ui.setTheme('light') },
    { id: 'dark', title: 'Theme: dark', hint: '', run: () => ui.setTheme('dark') },
    {
      id: 'sunlight',
      title: 'Theme: sunlight',
      hint: 'Black on white, thick lines',
      run: () => ui.setTheme('sunlight'),
    },
    { id: 'system', title: 'Theme: as the system', hint: '', run: () => ui.setTheme('system') },
    {
      id: 'touch',
      title: ui.touch ? 'Touch mode off' : 'Touch mode on',
      hint: 'Taller rows',
      run: () => ui.setTouch(!ui.touch),
    },
    { id: 'settings', title: 'Settings', hint: '', run: () => ui.go({ name: 'settings' }) },
  ];
}

/** Every command at `now`: general actions first, then each device with its own. */
export function commandsOf(
  muster: Muster,
  devices: Iterable<DeviceRecord>,
  demoRuns: boolean,
  now: number,
): Command[] {
  return [
    ...generalCommands(muster, demoRuns),
    ...fleetOrder(devices, '', now).flatMap((device) => deviceCommands(muster, device, now)),
  ];
}

/** Commands that have every typed word; those whose title begins with the text come first. */
export function findCommands(commands: Command[], text: string): Command[] {
  const typed = text.trim().toLowerCase();
  if (typed === '') {
    const opens = commands.filter(({ id }) => id.startsWith('open ')).slice(0, UNASKED);
    return [...opens, ...commands.filter(({ id }) => !id.includes(' '))];
  }
  const words = typed.split(/\s+/);
  const found = commands.filter(({ title, hint }) => {
    const said = `${title} ${hint}`.toLowerCase();
    return words.every((word) => said.includes(word));
  });
  const rank = ({ title }: Command) => (title.toLowerCase().startsWith(typed) ? 0 : 1);
  return found.toSorted((a, b) => rank(a) - rank(b));
}
