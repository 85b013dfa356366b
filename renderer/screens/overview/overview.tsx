/** The work area when no device is chosen: how the fleet does, what to do, everyone in one table. */
import { Button } from '@mantine/core';
import { useMemo } from 'react';
import { StateIcon } from '../../parts/state-word.tsx';
import { useNow } from '../../parts/use-now.ts';
import { useEngine, useFleet, useMuster, useSite } from '../../stores/muster.tsx';
import { formatCount } from '../../text/format.ts';
import { fleetOrder } from '../fleet/fleet-rows.ts';
import { fleetCounts, fleetToDos, type ToDo } from './fleet-summary.ts';
import { FleetTable } from './fleet-table.tsx';
import { NothingHere } from './nothing-here.tsx';
import styles from './overview.module.css';

export function Overview() {
  const loaded = useFleet((state) => state.loaded);
  const empty = useFleet((state) => state.devices.size === 0);
  const phase = useEngine((state) => state.phase);
  if (!loaded)
    return (
      <p className={styles.waiting}>{phase === 'ready' ? 'Reading the fleet …' : 'Starting the engine …'}</p>
    );
  return empty ? <NothingHere /> : <Fleet />;
}

function Fleet() {
  const { ui } = useMuster();
  const devices = useFleet((state) => state.devices);
  const site = useSite((state) => state.info?.site);
  const now = useNow();
  const list = useMemo(() => fleetOrder(devices.values(), '', 0), [devices]);
  const todos = fleetToDos(list, now);

  function act(todo: ToDo): void {
    const [first] = todo.devices;
    if (todo.kind === 'install') ui.getState().openDrawer({ name: 'install', devices: todo.devices });
    else if (first) ui.getState().go({ name: 'device', device: first });
  }

  return (
    <div className={styles.fleet}>
      <header className={styles.head}>
        <h1>{site ?? 'Fleet'}</h1>
        <span className={styles.quiet}>{formatCount(list.length, 'device')}</span>
        <ul className={styles.counts} aria-label="States">
          {fleetCounts(list, now).map(({ tone, count, word }) => (
            <li key={word}>
              <StateIcon tone={tone} size={20} />
              <strong>{count.toLocaleString('en')}</strong> {word}
            </li>
          ))}
        </ul>
      </header>
      {todos.length > 0 && (
        <section aria-label="What to do" className={styles.todos}>
          <ul>
            {todos.map((todo, index) => (
              <li key={todo.devices.join(' ')}>
                <StateIcon tone={todo.kind === 'install' ? 'unknown' : 'attention'} />
                <span>{todo.sentence}</span>
                <Button
                  variant={index === 0 ? 'filled' : 'default'}
                  size="compact-sm"
                  onClick={() => act(todo)}
                >
                  {todo.action}
                </Button>
              </li>
            ))}
          </ul>
        </section>
      )}
      <FleetTable />
    </div>
  );
}
