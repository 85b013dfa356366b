/** How a serial port is set up, as the configuration says it. */
import * as z from 'zod';

/** Speeds that the kernel has a name for (termios(3)). */
const BAUDS = [1200, 2400, 4800, 9600, 19_200, 38_400, 57_600, 115_200, 230_400, 460_800, 921_600] as const;

/** Names that the kernel and udev give to serial ports; a pseudo terminal for what a program offers as one. */
const DEVICE =
  /^\/dev\/(tty[A-Za-z]{0,8}\d{1,3}|serial\d{1,2}|serial\/by-(?:id|path)\/[\w.:+@,-]{1,180}|pts\/\d{1,5})$/;
const LIKE = 'must be a serial port like /dev/ttyUSB0, /dev/serial0 or /dev/serial/by-id/usb-…';

/** Fields of a port. `usual`: what it is unless told. */
export function lineFields(usual: { baud: (typeof BAUDS)[number]; parity: 'none' | 'even' }) {
  return {
    device: z
      .string({ error: LIKE })
      .max(220)
      .regex(DEVICE, LIKE)
      .meta({
        title: 'Serial port',
        description: 'Its file in Linux, as /dev/ttyUSB0.',
        examples: ['/dev/ttyUSB0'],
      }),
    baud: z
      .literal(BAUDS, { error: `must be one of ${BAUDS.join(', ')}` })
      .default(usual.baud)
      .meta({ title: 'Speed', description: 'Baud.' }),
    dataBits: z.literal([7, 8], { error: 'must be 7 or 8' }).default(8),
    parity: z.enum(['none', 'even', 'odd']).default(usual.parity),
    stopBits: z.literal([1, 2], { error: 'must be 1 or 2' }).default(1),
  };
}

export interface LineSettings {
  device: string;
  baud: number;
  dataBits: 7 | 8;
  parity: 'none' | 'even' | 'odd';
  stopBits: 1 | 2;
}

/** How long one byte takes on the line, ms. */
export function byteMs({ baud, dataBits, parity, stopBits }: LineSettings): number {
  return (1000 * (1 + dataBits + (parity === 'none' ? 0 : 1) + stopBits)) / baud;
}
