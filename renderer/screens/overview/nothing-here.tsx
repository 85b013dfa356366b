/** Nothing found: the doctor's sentence, the networks searched, an address to type, the demo fleet. */
import { Button } from '@mantine/core';
import IconRadar2 from '@tabler/icons-react/dist/esm/icons/IconRadar2.mjs';
import { EmptyState } from '../../parts/empty-state.tsx';
import { StateWord } from '../../parts/state-word.tsx';
import { useSite } from '../../stores/muster.tsx';
import { AddressForm } from './address-form.tsx';
import styles from './overview.module.css';
import { useDemo } from './use-demo.ts';

/** How many virtual devices the button starts. */
const DEMO_DEVICES = 3;

export function NothingHere() {
  const discovery = useSite((state) => state.discovery);
  const { busy, start } = useDemo();
  return (
    <div className={styles.page}>
      <EmptyState
        icon={<IconRadar2 size={32} stroke={1.5} />}
        title="Nothing here yet"
        text={discovery?.advice ?? 'Looking around on every network of this laptop.'}
      >
        <ul className={styles.networks} aria-label="Networks searched">
          {discovery?.interfaces.map((network) => (
            <li key={`${network.name} ${network.address}`}>
              <StateWord
                tone={network.searching ? 'good' : 'unknown'}
                word={network.searching ? 'Searching' : 'Not searched'}
              />
              <span className={styles.network}>{network.name}</span>
              <span className={styles.quiet}>{network.address}</span>
              {network.note && <span className={styles.quiet}>{network.note}</span>}
            </li>
          ))}
        </ul>
        <section className={styles.choice}>
          <h2>Know where it is?</h2>
          <AddressForm />
        </section>
        <section className={styles.choice}>
          <h2>No device at hand?</h2>
          <p className={styles.quiet}>
            Three virtual devices on this laptop, with real SSH and the real daemon. Nothing leaves the
            laptop.
          </p>
          <Button loading={busy} onClick={() => void start(DEMO_DEVICES)}>
            Start the demo fleet
          </Button>
        </section>
      </EmptyState>
    </div>
  );
}
