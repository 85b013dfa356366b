/**
 * Who hangs on the buses of a device, for a person who has just wired something: a look when it is asked for, and adding
 * to the configuration what nobody measures yet, by the same trial as any other change of it.
 */
import { Button, NativeSelect } from '@mantine/core';
import IconZoomScan from '@tabler/icons-react/dist/esm/icons/IconZoomScan.mjs';
import { useState } from 'react';
import type { BusRow, Found, PlainSensor } from '../../../src/shared/device-scan-calls.ts';
import type { DeviceRecord } from '../../../src/shared/engine-contract.ts';
import { errorToWire, type WireError } from '../../../src/shared/errors.ts';
import { isAddable, lookText, withChips, type Choice } from '../../../src/shared/found-chip.ts';
import type { EngineClient } from '../../engine.ts';
import { ErrorNote } from '../../parts/error-note.tsx';
import { JobView } from '../../parts/job-view.tsx';
import { toastError } from '../../parts/toast-error.ts';
import { useCalls, useJobs } from '../../stores/muster.tsx';
import styles from './chip-finder.module.css';

interface BusLook {
  bus: BusRow;
  found: readonly Found[];
  note: string | null;
  error: WireError | null;
}

interface Look {
  buses: BusLook[];
  byItself: PlainSensor[] | null;
  /** What is still going on. */
  now: string | null;
}

/** One bus after another; each fails for itself. A look at a slow one takes seconds, so what is known is told at once. */
async function* lookAround(call: EngineClient['call'], device: string): AsyncGenerator<Look, void> {
  const { buses, byItself } = await call['scan.buses']({ device });
  const looks: BusLook[] = [];
  for (const bus of buses) {
    yield {
      buses: [...looks],
      byItself,
      now: `Looking at ${bus.bus}, ${looks.length + 1} of ${buses.length} …`,
    };
    try {
      looks.push({ ...(await call['scan.bus']({ device, bus: bus.bus })), error: null });
    } catch (thrown) {
      looks.push({ bus, found: [], note: null, error: errorToWire(thrown) });
    }
  }
  yield { buses: looks, byItself, now: null };
}

export function ChipFinder({ device, linked }: { device: DeviceRecord; linked: boolean }) {
  const call = useCalls();
  const [isLooking, setLooking] = useState(false);
  const [look, setLook] = useState<Look | null>(null);
  const [error, setError] = useState<WireError | null>(null);
  const [job, setJob] = useState<string | null>(null);
  const isAdding = useJobs((state) => job !== null && state.jobs.get(job)?.state === 'running');

  const search = async (): Promise<void> => {
    setLooking(true);
    setError(null);
    setJob(null);
    try {
      for await (const step of lookAround(call, device.id)) setLook(step);
    } catch (thrown) {
      setLook(null);
      setError(errorToWire(thrown));
    }
    setLooking(false);
  };
  const add = async (choice: Choice): Promise<void> => {
    try {
      const state = await call['config.get']({ device: device.id });
      const text = withChips(state, [choice], look?.byItself ?? null);
      const { job: begun } = await call['config.apply']({ device: device.id, text, base: state.hash });
      setJob(begun);
    } catch (thrown) {
      toastError(thrown, { name: device.name });
    }
  };

  return (
    <section className={styles.finder} aria-label="Chips on the buses">
      <div className={styles.bar}>
        <Button
          variant="default"
          leftSection={<IconZoomScan size={16} aria-hidden />}
          loading={isLooking}
          disabled={!linked || isAdding}
          onClick={() => void search()}
        >
          Look for chips
        </Button>
        {look && (
          <Button
            variant="subtle"
            disabled={isAdding}
            onClick={() => {
              setLook(null);
              setJob(null);
            }}
          >
            Close
          </Button>
        )}
      </div>
      {error && <ErrorNote error={error} facts={{ name: device.name }} />}
      {job !== null && (
        <JobView
          job={job}
          name={device.name}
          hint="The device restarts its sensors. It takes the change back by itself unless this laptop finds it again."
          renderDone={() => <p className={styles.quiet}>It is in the table below once it has been read.</p>}
          retry={null}
        />
      )}
      {look?.now && <p className={styles.quiet}>{look.now}</p>}
      {look?.now === null && look.buses.length === 0 && (
        <p className={styles.quiet}>
          {device.name} has no bus. On a Raspberry Pi I2C has to be switched on: raspi-config, Interface
          Options.
        </p>
      )}
      {look && job === null && (
        <div className={styles.buses}>
          {look.buses.map((one) => (
            <Bus
              key={one.bus.bus}
              look={one}
              add={(choice) => void add(choice)}
              isStill={!linked || isLooking}
            />
          ))}
        </div>
      )}
    </section>
  );
}

interface BusProps {
  look: BusLook;
  add: (choice: Choice) => void;
  isStill: boolean;
}

function Bus({ look: { bus, found, note, error }, add, isStill }: BusProps) {
  return (
    <section aria-label={bus.bus}>
      <h3>
        {bus.bus}{' '}
        <small>{[bus.device, bus.configured ? null : 'not configured'].filter(Boolean).join(', ')}</small>
      </h3>
      {error ? (
        <ErrorNote error={error} />
      ) : (
        <p className={styles.quiet}>{lookText(bus.kind, found, note)}</p>
      )}
      <ul className={styles.rows}>
        {found.map((row) => (
          <Row
            key={row.place}
            row={row}
            isStill={isStill}
            add={(chip) => add({ bus, place: row.place, chip })}
          />
        ))}
      </ul>
    </section>
  );
}

interface RowProps {
  row: Found;
  add: (chip: Choice['chip']) => void;
  isStill: boolean;
}

function Row({ row, add, isStill }: RowProps) {
  const { place, chips, heldBy, sensors } = row;
  const [driver, setDriver] = useState(chips[0]?.driver ?? '');
  const chosen = chips.find((chip) => chip.driver === driver);
  const canAdd = isAddable(row) && chosen !== undefined;
  return (
    <li>
      <strong>{place}</strong>
      {canAdd && chips.length > 1 ? (
        <NativeSelect
          aria-label={`What is at ${place}`}
          data={chips.map(({ driver: value, title }) => ({ value, label: title }))}
          value={driver}
          onChange={(event) => setDriver(event.currentTarget.value)}
        />
      ) : (
        <span>{whatIs(row)}</span>
      )}
      <span className={styles.quiet}>
        {sensors.length > 0
          ? `measured as ${sensors.map(({ name }) => name).join(', ')}`
          : (heldBy ?? 'not measured yet')}
      </span>
      {canAdd && (
        <Button
          size="xs"
          disabled={isStill}
          onClick={() => add(chosen)}
          aria-label={`Add ${chosen.title} at ${place}`}
        >
          Add
        </Button>
      )}
    </li>
  );
}

function whatIs({ chips, heldBy, sensors }: Found): string {
  const drivers = sensors.map(({ driver }) => driver);
  const names = chips.length > 0 ? chips.map(({ title }) => title) : drivers;
  return (
    [...new Set(names)].join(' or ') || (heldBy === null ? 'A chip that nobody knows here' : 'Not asked')
  );
}
