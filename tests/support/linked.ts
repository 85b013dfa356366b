/** A link to a make-believe device over an archive and a clock of the test's own. It ends with the test. */
import { onTestFinished } from 'vitest';
import { startLink, type Link } from '../../src/core/link/link.ts';
import { noLog } from '../../src/shared/log.ts';
import { FakeClock } from './fake-clock.ts';
import { DEVICE_ID, type FakeDevice } from './fake-device.ts';
import { tempArchive } from './temp-archive.ts';

export async function linked(device: FakeDevice): Promise<{
  archive: Awaited<ReturnType<typeof tempArchive>>;
  clock: FakeClock;
  link: Link;
}> {
  const archive = await tempArchive();
  const clock = new FakeClock();
  const ignore = (): void => {};
  const link = startLink({
    device: DEVICE_ID,
    open: device.open,
    archive,
    clock,
    log: noLog,
    onState: ignore,
    onHello: ignore,
    onNews: ignore,
    onReadings: ignore,
    onAhead: ignore,
  });
  onTestFinished(() => link.stop());
  return { archive, clock, link };
}
