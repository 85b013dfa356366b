/**
 * Corrections that a person measured: a straight line a channel, with who and when. Pure.
 * It is applied to what the driver decoded; whether a value is believed is decided on the chip's own value before.
 */
import { MusterError } from '../../src/shared/errors.ts';
import type { CalibrationInfo } from '../../src/shared/reading.ts';
import type { CalibrationConfig } from '../config.ts';

/** The line through two points, or `value × scale + offset` as given. */
export function calibrationLine(config: CalibrationConfig): CalibrationInfo {
  const { by, at, points } = config;
  if (!points) return { scale: config.scale ?? 1, offset: config.offset ?? 0, by, at };
  const [[low, trueLow], [high, trueHigh]] = points;
  const scale = (trueHigh - trueLow) / (high - low);
  return { scale, offset: trueLow - scale * low, by, at };
}

/**
 * The line of each declared channel, null where there is none. Throws CONFIG_INVALID when a calibration names a channel
 * that the sensor does not have.
 */
export function calibrationsOf(
  configs: readonly CalibrationConfig[],
  channels: readonly string[],
): (CalibrationInfo | null)[] {
  for (const { channel } of configs)
    if (!channels.includes(channel))
      throw new MusterError(
        'CONFIG_INVALID',
        `calibration: there is no channel ${channel}; there are: ${channels.join(', ')}`,
        { channel },
      );
  return channels.map((channel) => {
    const config = configs.find((config) => config.channel === channel);
    return config ? calibrationLine(config) : null;
  });
}
