/** A calibration in words. Pure; called by the page and by the command line. */
import { QUANTITIES, type Quantity } from './quantity.ts';
import type { CalibrationInfo } from './reading.ts';

/** `+0.4 °C`, `× 1.02`, `× 1.02 − 0.4 °C`: what was done to what the chip said. At most six significant digits. */
export function correctionText({ scale, offset }: CalibrationInfo, quantity: Quantity): string {
  const { symbol } = QUANTITIES[quantity];
  const unit = symbol === '' ? '' : `\u00a0${symbol}`;
  const sign = offset < 0 ? '−' : '+';
  const shift = `${digits(Math.abs(offset))}${unit}`;
  if (scale === 1) return `${sign}${shift}`;
  const factor = `×\u00a0${scale < 0 ? '−' : ''}${digits(Math.abs(scale))}`;
  return offset === 0 ? factor : `${factor} ${sign} ${shift}`;
}

function digits(value: number): string {
  return `${Number(value.toPrecision(6))}`;
}
