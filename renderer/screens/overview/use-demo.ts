/** Starting and stopping the demo fleet, with a toast when it fails. */
import { useState } from 'react';
import { useMuster } from '../../stores/muster.tsx';
import { toastError } from '../../parts/toast-error.ts';

export function useDemo() {
  const { engine, site } = useMuster();
  const [busy, setBusy] = useState(false);
  async function run(work: () => Promise<unknown>): Promise<void> {
    setBusy(true);
    try {
      await work();
      await site.refresh();
    } catch (thrown) {
      toastError(thrown);
    } finally {
      setBusy(false);
    }
  }
  return {
    busy,
    start: (devices: number) => run(() => engine.call['demo.start']({ devices })),
    stop: () => run(() => engine.call['demo.stop']({})),
  };
}
