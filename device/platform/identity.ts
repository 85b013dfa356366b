/** Who this device is. The id is made once, by the installer or else here, and kept for good. */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import * as z from 'zod';
import { deviceIdentitySchema, type DeviceIdentity } from '../../src/shared/device-contract.ts';
import type { Machine } from './machine.ts';
import { createWhole, writeWhole } from './write-whole.ts';

const fileSchema = z.object({ id: deviceIdentitySchema.shape.id });

/** PRETTY_NAME of an os-release text, null without one. */
export function prettyName(osRelease: string | null): string | null {
  return /^PRETTY_NAME=(["']?)(.*)\1\s*$/m.exec(osRelease ?? '')?.[2] ?? null;
}

/**
 * Reads `path` and the machine. A file that is missing or broken is written anew with a new id: a device without
 * an id could not be told from others, and a broken file has no id to keep.
 */
export function readIdentity(path: string, machine: Machine): DeviceIdentity {
  const short = (text: string | null): string | null => text && text.slice(0, 200);
  return {
    id: storedId(path),
    serial:
      short(machine.text('proc/device-tree/serial-number')) ?? short(machine.text('etc/machine-id')) ?? '',
    hostname: short(machine.text('etc/hostname')) ?? hostname(),
    model: short(machine.text('proc/device-tree/model')) ?? 'Linux machine',
    arch: machine.arch,
    system: short(prettyName(machine.text('etc/os-release'))) ?? 'Linux',
  };
}

function storedId(path: string): string {
  const stored = idIn(path);
  if (stored !== null) return stored;
  const id = randomUUID();
  const text = `${JSON.stringify({ id })}\n`;
  if (createWhole(path, text)) return id;
  // made in this moment by another daemon, which counts; or there, but broken
  const other = idIn(path);
  if (other !== null) return other;
  writeWhole(path, text);
  return id;
}

function idIn(path: string): string | null {
  try {
    return fileSchema.parse(JSON.parse(readFileSync(path, 'utf8'))).id;
  } catch {
    return null;
  }
}
