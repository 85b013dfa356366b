/**
 * The part of a driver's README that its declaration fixes: its end. `node tests/support/driver-readme.ts` writes it into
 * every README; a test compares.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { CATALOG } from '../../device/drivers/catalog.ts';
import type { Driver } from '../../device/drivers/driver.ts';
import { QUANTITIES } from '../../src/shared/quantity.ts';

/** Drivers with a README: those of chips and lines. */
export const DOCUMENTED = CATALOG.filter(({ bus }) => bus !== 'machine');

/** Where the README of a driver lies. */
export function readmeOf({ id }: Driver): URL {
  return new URL(`../../device/drivers/${id}/README.md`, import.meta.url);
}

/** `text` with the driver's title at its head, and facts and channels at its end, as they are declared. */
export function withDeclared(text: string, driver: Driver): string {
  const at = text.search(/^Driver `/m);
  const told = (at < 0 ? `${text.trimEnd()}\n\n` : text.slice(0, at)).replace(/^# .*/, `# ${driver.title}`);
  return `${told}${declaredPart(driver)}\n`;
}

function declaredPart(driver: Driver): string {
  const list = driver.addresses.map((address) => `0x${address.toString(16)}`).join(', ');
  const addresses = list ? ` · addresses ${list}` : '';
  const rows = driver.channels({ machine: undefined as never, options: {} }).map((row) => {
    const { unit } = QUANTITIES[row.quantity];
    return `| ${row.channel} | ${row.quantity} | ${unit} | ${row.decimals} | ${row.plausible[0]} to ${row.plausible[1]} |`;
  });
  return [
    `Driver \`${driver.id}\` · bus ${driver.bus}${addresses} · asked every ${driver.periodMs} ms unless told`,
    '',
    '| channel | quantity | unit | decimals | plausible |',
    '| --- | --- | --- | --- | --- |',
    ...rows,
  ].join('\n');
}

if (import.meta.main)
  for (const driver of DOCUMENTED) {
    const path = readmeOf(driver);
    writeFileSync(path, withDeclared(readFileSync(path, 'utf8'), driver));
  }
