/**
 * One chip select of an SPI bus as a driver sees it: bytes go out and as many come in at the same time.
 * Refuses: to know a chip. SPI has no acknowledge: a chip that is not there is found by what it answers.
 */

/** How a chip wants to be talked to; the driver knows it from the data sheet. */
export interface SpiSetup {
  /** Clock polarity and phase, CPOL·2 + CPHA. */
  mode: 0 | 1 | 2 | 3;
  /** Fastest clock that the chip takes at its lowest supply, Hz. */
  maxHz: number;
}

export interface SpiBus {
  readonly kind: 'spi';
  /** Name in the configuration: `spi-0.0`. */
  readonly id: string;
  /** One transfer with the chip selected throughout; as many bytes come back. Rejects with BUS_MISSING without a bus. */
  transfer(bytes: Uint8Array, setup: SpiSetup): Promise<Uint8Array>;
}
