/**
 * New firmware for many devices: which file, which devices, how carefully; what it would do on each before anything is
 * sent. Owns the choice; the push itself is the engine's, and shown by campaign-page.tsx.
 */
import { Button, NumberInput } from '@mantine/core';
import { useMemo, useState } from 'react';
import { errorToWire, type WireError } from '../../../src/shared/errors.ts';
import { ErrorNote } from '../../parts/error-note.tsx';
import { usePreview } from '../../parts/use-preview.ts';
import { useCampaigns, useFleet, useMuster } from '../../stores/muster.tsx';
import { newestFirst } from '../../stores/campaigns-store.ts';
import { formatCount, formatNames } from '../../text/format.ts';
import { PickList } from '../export/pick-list.tsx';
import { isPicked, type Picked } from '../export/picked.ts';
import { FirmwareFacts } from './firmware-facts.tsx';
import { FirmwareFiles } from './firmware-files.tsx';
import { History } from './history.tsx';
import { takers } from './preview-words.ts';
import { PreviewTable } from './preview-table.tsx';
import styles from './push.module.css';

/** One canary, eight at a time, stop after the first failure: what the engine takes when nothing is said. */
const CAREFUL = { canary: 1, cap: 8, maxFailures: 1 };
const byName = new Intl.Collator('en', { numeric: true });

/** `devices`: the ones to begin with; all that can take firmware when absent. */
export function PushPage({ devices: asked }: { devices: string[] | undefined }) {
  const { engine, ui } = useMuster();
  const devices = useFleet((state) => state.devices);
  const campaigns = useCampaigns((state) => state.campaigns);
  const items = useMemo(
    () =>
      [...devices.values()]
        .filter(({ installed, mine, kind }) => (installed && mine) || kind === 'nerves')
        .toSorted((a, b) => byName.compare(a.name, b.name))
        .map(({ id, name, daemonVersion, presence }) => ({
          id,
          label: name,
          hint: presence === 'offline' ? 'not reachable' : (daemonVersion ?? ''),
        })),
    [devices],
  );
  const [picked, setPicked] = useState<Picked<string>>(asked ?? 'all');
  // what the newest push carried is a good guess: the next part of the fleet often gets the same
  const [typed, setTyped] = useState<string[] | null>(null);
  const paths = typed ?? newestFirst(campaigns)[0]?.files.map(({ path }) => path) ?? [''];
  const named = [...new Set(paths.map((path) => path.trim()))].filter(Boolean);
  const [order, setOrder] = useState(CAREFUL);
  const [failure, setFailure] = useState<WireError | null>(null);
  const [busy, setBusy] = useState(false);

  const chosen = items.map(({ id }) => id).filter((id) => isPicked(picked, id));
  const choice = named.length === 0 ? null : { paths: named, devices: chosen };
  const answer = usePreview('campaign.preview', choice);
  const { pending } = answer;
  const { preview, error } = choice ? answer : { preview: null, error: null };
  const willing = preview && !pending ? takers(preview.rows) : [];

  async function start(): Promise<void> {
    setBusy(true);
    setFailure(null);
    try {
      const { campaign } = await engine.call['campaign.start']({ paths: named, devices: willing, ...order });
      ui.getState().go({ name: 'push', campaign });
    } catch (thrown) {
      setFailure(errorToWire(thrown));
      setBusy(false);
    }
  }

  const versions = new Set(preview?.files.map(({ version }) => version));
  const facts = { path: named.join(', ') };
  const number = (
    name: keyof typeof CAREFUL,
    label: string,
    description: string,
    min: number,
    max: number,
  ) => (
    <NumberInput
      label={label}
      description={description}
      value={order[name]}
      min={min}
      max={max}
      allowDecimal={false}
      clampBehavior="strict"
      onChange={(value) => typeof value === 'number' && setOrder({ ...order, [name]: value })}
    />
  );

  return (
    <div className={styles.page}>
      <h1>Push firmware</h1>
      <div className={styles.columns}>
        <div className={styles.choice}>
          <PickList
            title="Devices"
            all={`All ${formatCount(items.length, 'device')} that can take firmware`}
            items={items}
            picked={picked}
            onPick={setPicked}
          />
          <History />
        </div>
        <form
          className={styles.outcome}
          onSubmit={(event) => {
            event.preventDefault();
            if (willing.length > 0 && !busy) void start();
          }}
        >
          <FirmwareFiles paths={paths} onChange={setTyped} />
          {named.length === 0 && (
            <p className={styles.quiet}>
              A file that “muster firmware build” wrote (.mfw), or a Nerves firmware (.fw).
            </p>
          )}
          {error && <ErrorNote error={error} facts={facts} />}
          {preview && (
            <>
              <FirmwareFacts files={preview.files} />
              <div className={styles.care}>
                {number('canary', 'First', 'must do well before the rest', 0, 1000)}
                {number('cap', 'At a time', 'at most', 1, 64)}
                {number('maxFailures', 'Stop after', 'so many failures', 1, 10_000)}
              </div>
              <section className={styles.foretold} aria-busy={pending}>
                <h2>What it would do</h2>
                {chosen.length === 0 ? (
                  <p className={styles.quiet}>Choose at least one device.</p>
                ) : (
                  <PreviewTable files={preview.files} rows={preview.rows} />
                )}
              </section>
            </>
          )}
          {failure && <ErrorNote error={failure} facts={facts} />}
          <Button type="submit" disabled={willing.length === 0} loading={busy} className={styles.start ?? ''}>
            {preview && willing.length > 0
              ? `Push ${formatNames([...versions])} to ${formatCount(willing.length, 'device')}`
              : 'Push'}
          </Button>
        </form>
      </div>
    </div>
  );
}
