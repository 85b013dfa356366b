/** GPIO lines and SPI of Linux over a chip with the kernel's own structures: levels, edges with times, refusals. */
import { beforeAll, describe, expect, it } from 'vitest';
import { withGpioChip } from '../../support/gpio-chip.ts';
import { need } from '../../support/need.ts';

describe.skipIf(!need('gcc'))('a GPIO chip and an SPI bus of Linux', () => {
  let saw: Record<string, unknown>;
  beforeAll(async () => {
    saw = await withGpioChip('gpio-child.ts');
  }, 90_000);

  it("tells a line's level as it is now", () => {
    expect(saw['active']).toEqual([true, false]);
  });

  it("brings every edge in order, by the kernel's number and monotonic time", () => {
    expect(saw).toMatchObject({ edges: 300, rising: 150, sequences: true, timely: true });
  });

  it('requests lines as set up', () => {
    // gpio.h: active low, input, both edges, pulled up; output
    expect(saw['inputFlags']).toBe(0x2 | 0x4 | 0x10 | 0x20 | 0x100);
    expect(saw['outputFlags']).toBe(0x8);
  });

  it('drives an output from the first moment on, and looks at it before without turning it', () => {
    expect(saw['before']).toBe(true);
    expect(saw['levels']).toEqual(['1', '0', '1']);
  });

  it('transfers by SPI in the mode and at the clock that the chip wants, and leaves what was sent', () => {
    expect(saw['came']).toEqual([2, 3, 4, 3, 2]);
    expect(saw['sent']).toEqual([1, 2, 3, 0, 0]);
  });

  it('says in words what cannot be had', () => {
    expect(saw['taken']).toBe('BUS_MISSING gpiochip0: line 4 is in use by somebody else');
    expect(saw['noLine']).toBe('BUS_MISSING gpiochip0: there is no line 9, or it cannot be used so');
    expect(saw['noChip']).toMatch(/^BUS_MISSING g: there is no \/dev\/gpiochip77/);
    expect(saw['noSpi']).toMatch(/^BUS_MISSING s: there is no \/dev\/spidev77\.0/);
  });
});
