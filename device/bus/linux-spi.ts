/**
 * A chip select of an SPI bus of Linux (kernel: Documentation/spi/spidev.rst). A transfer holds the process for its few
 * bytes, microseconds at the clocks that drivers ask for. Refuses: to keep the mode; each transfer sets its own.
 */
import { openSync } from 'node:fs';
import { busError, loadLinuxAddon, type LinuxAddon } from './linux-addon.ts';
import type { SpiBus } from './spi-bus.ts';

/** The chip select behind `device` (`/dev/spidev0.0`), opened when it is first used. */
export function createLinuxSpi(id: string, device: string, load = () => loadLinuxAddon(id)): SpiBus {
  const where = { device, group: 'spi' };
  let addon: LinuxAddon | null = null;
  let file: number | null = null;
  return {
    kind: 'spi',
    id,
    async transfer(bytes, { mode, maxHz }) {
      addon ??= load();
      try {
        file ??= openSync(device, 'r+');
      } catch (error) {
        throw busError(id, device, (error as NodeJS.ErrnoException).errno ?? 0, where);
      }
      const both = Uint8Array.from(bytes);
      const answer = addon.spiTransfer(file, mode, maxHz, both);
      if (answer < 0) throw busError(id, 'a transfer', answer, where);
      return both;
    },
  };
}
