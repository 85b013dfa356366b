/** The part of a driver's README that its declaration fixes. */
import type { Driver } from '../../device/drivers/driver.ts';
import { QUANTITIES } from '../../src/shared/quantity.ts';

/** Facts and channel table of a chip, as its README must hold them. */
export function declaredPart(driver: Driver): string {
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
