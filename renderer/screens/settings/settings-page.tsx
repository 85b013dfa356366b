/** Settings: how it looks, where the data is, what version this is. */
import { Button, Checkbox, SegmentedControl } from '@mantine/core';
import { CopyButton } from '../../parts/copy-button.tsx';
import { Facts } from '../../parts/facts.tsx';
import { toastError } from '../../parts/toast-error.ts';
import { StateWord } from '../../parts/state-word.tsx';
import { useCalls, useMuster, useSite, useUi } from '../../stores/muster.tsx';
import type { ThemeChoice } from '../../stores/ui-store.ts';
import { formatCount } from '../../text/format.ts';
import { useDemo } from '../overview/use-demo.ts';
import styles from './settings-page.module.css';

const THEMES: { value: ThemeChoice; label: string }[] = [
  { value: 'system', label: 'As the system' },
  { value: 'light', label: 'Light' },
  { value: 'dark', label: 'Dark' },
  { value: 'sunlight', label: 'Sunlight' },
];

export function SettingsPage() {
  const { ui, shell, site } = useMuster();
  const theme = useUi((state) => state.theme);
  const touch = useUi((state) => state.touch);
  const info = useSite((state) => state.info);
  const discovery = useSite((state) => state.discovery);
  const demo = useSite((state) => state.demo);
  const { busy, start, stop } = useDemo();
  const call = useCalls();
  const offerTime = async (offer: boolean) => {
    try {
      await call['engine.offerTime']({ offer });
    } catch (thrown) {
      toastError(thrown);
    }
    await site.refresh();
  };
  return (
    <div className={styles.page}>
      <h1>Settings</h1>
      <section>
        <h2>Screen</h2>
        <SegmentedControl
          data={THEMES}
          value={theme}
          onChange={(value) => ui.getState().setTheme(value)}
          aria-label="Theme"
        />
        <Checkbox
          label="Touch mode: taller rows and buttons, for fingers and gloves"
          checked={touch}
          onChange={(event) => ui.getState().setTouch(event.currentTarget.checked)}
        />
      </section>
      <section>
        <h2>Site</h2>
        <Facts
          rows={[
            ['Name', info?.site],
            ['Folder', info && <code key="path">{info.sitePath}</code>],
            ['Time zone', info?.timeZone],
          ]}
        />
        {info?.archiveSetAside && (
          <div className={styles.damaged} role="status">
            <p>
              <strong>The archive of this site was damaged when Muster opened it.</strong> It was set aside
              and a new one begun. What the devices still hold comes again by itself; older readings are only
              in the file that was set aside: <code>{info.archiveSetAside}</code>
            </p>
            <CopyButton text={info.archiveSetAside} label="Copy its path" />
          </div>
        )}
        {info && <CopyButton text={info.sitePath} label="Copy the folder's path" />}
      </section>
      <section>
        <h2>Time</h2>
        <Checkbox
          label="Offer this laptop’s time to devices whose clock nobody has set"
          checked={info?.offersTime ?? false}
          disabled={!info}
          onChange={(event) => void offerTime(event.currentTarget.checked)}
        />
        <p className={styles.quiet}>
          Each time it connects. The device decides: a time service on its network is believed before a
          laptop. Keep it off when this laptop’s own clock is doubtful.
        </p>
      </section>
      <section>
        <h2>Networks</h2>
        <p className={styles.quiet}>{discovery?.advice}</p>
        <ul className={styles.networks}>
          {discovery?.interfaces.map((network) => (
            <li key={`${network.name} ${network.address}`}>
              <StateWord
                tone={network.searching ? 'good' : 'unknown'}
                word={network.searching ? 'Searching' : 'Not searched'}
              />
              <strong>{network.name}</strong>
              <span>{network.address}</span>
              <span className={styles.quiet}>{network.note}</span>
            </li>
          ))}
        </ul>
      </section>
      <section>
        <h2>Demo fleet</h2>
        <p className={styles.quiet}>
          {demo?.running
            ? `${formatCount(demo.devices, 'virtual device')} on this laptop. No other network sees them.`
            : 'Virtual devices on this laptop, with real SSH and the real daemon. No other network sees them.'}
        </p>
        <Button variant="default" loading={busy} onClick={() => void (demo?.running ? stop() : start(3))}>
          {demo?.running ? 'Stop the demo fleet' : 'Start the demo fleet'}
        </Button>
      </section>
      <section>
        <h2>About</h2>
        <Facts
          rows={[
            ['Muster', info?.version],
            ['Protocol', info?.protocol],
            ['Engine on', info?.platform],
            ['Window', shell ? 'desktop' : 'browser'],
          ]}
        />
        <p className={styles.quiet}>No cloud, no account: nothing is sent anywhere but to your devices.</p>
      </section>
    </div>
  );
}
