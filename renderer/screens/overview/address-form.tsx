/** Typing an address where nothing is announced. */
import { Button, TextInput } from '@mantine/core';
import { useState } from 'react';
import { toMusterError, type WireError, errorToWire } from '../../../src/shared/errors.ts';
import { ErrorNote } from '../../parts/error-note.tsx';
import { useMuster } from '../../stores/muster.tsx';
import { parseAddress } from '../../text/address.ts';
import styles from './address-form.module.css';

export function AddressForm({ onAdded }: { onAdded?: () => void }) {
  const { engine, ui } = useMuster();
  const [text, setText] = useState('');
  const [error, setError] = useState<WireError | null>(null);
  const [busy, setBusy] = useState(false);
  const address = parseAddress(text);

  async function add(): Promise<void> {
    if (!address) return;
    setBusy(true);
    setError(null);
    try {
      const { device } = await engine.call['fleet.addAddress'](address);
      setText('');
      ui.getState().go({ name: 'device', device });
      onAdded?.();
    } catch (thrown) {
      setError(errorToWire(toMusterError(thrown)));
    } finally {
      setBusy(false);
    }
  }

  return (
    <form
      className={styles.form}
      onSubmit={(event) => {
        event.preventDefault();
        void add();
      }}
    >
      <TextInput
        className={styles.field ?? ''}
        label="Address"
        placeholder="greenhouse-2.local or 10.0.0.7:22"
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        error={text.trim() !== '' && !address ? 'A name or an address, with :port if it is not 22' : null}
        spellCheck={false}
        autoCapitalize="none"
      />
      <Button type="submit" variant="default" loading={busy} disabled={!address}>
        Look there
      </Button>
      {error && (
        <div className={styles.error}>
          <ErrorNote error={error} facts={{ host: address?.host ?? text }} />
        </div>
      )}
    </form>
  );
}
