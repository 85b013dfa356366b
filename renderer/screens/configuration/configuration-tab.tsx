/**
 * What a device measures and does, as forms made from the schema that it gives itself and as text; checked on the
 * device while one types, tried before it is kept, gone back on, copied to others.
 * Owns the places of the tab. Changes live in the configurations store; refuses to apply anything unseen.
 */
import { Button } from '@mantine/core';
import { useCallback, useMemo, useState } from 'react';
import type { Channel, DeviceRecord } from '../../../src/shared/engine-contract.ts';
import { editYaml, readYaml, valueAt, type Path, type YamlEdit } from '../../../src/shared/yaml-edit.ts';
import { pageClock } from '../../page-clock.ts';
import { ErrorNote } from '../../parts/error-note.tsx';
import { RelativeTime } from '../../parts/relative-time.tsx';
import { StateWord } from '../../parts/state-word.tsx';
import { useSite } from '../../stores/muster.tsx';
import { formatCount } from '../../text/format.ts';
import styles from './configuration.module.css';
import { Conflict } from './conflict.tsx';
import { CopyPage } from './copy-page.tsx';
import { changedLines } from './diff-view.tsx';
import { FormContext, rowsOf, type Form } from './form-context.ts';
import { documentField } from './form-field.ts';
import { History } from './history.tsx';
import { Problems, Review } from './review.tsx';
import { SectionForm } from './section-form.tsx';
import { sectionOf, sectionsOf } from './sections.ts';
import { shownValue } from './shown-value.ts';
import { TextEditor } from './text-editor.tsx';
import { useCheck, type Check } from './use-check.ts';
import { useConfiguration, type Configuration } from './use-configuration.ts';

interface ConfigurationTabProps {
  device: DeviceRecord;
  channels: readonly Channel[];
  linked: boolean;
}

export function ConfigurationTab({ device, channels, linked }: ConfigurationTabProps) {
  const { configuration, error } = useConfiguration(device, linked);
  if (!configuration) {
    if (error && linked) return <ErrorNote error={error} facts={{ name: device.name }} />;
    const words = linked ? 'Asking the device…' : 'Not known while the device is not connected.';
    return <p className={styles.alone}>{words}</p>;
  }
  return <Known device={device} channels={channels} linked={linked} configuration={configuration} />;
}

const OTHER_PLACES = [
  ['text', 'As text'],
  ['review', 'Changes'],
  ['history', 'History'],
  ['copy', 'Copy to others'],
] as const;

function Known({
  device,
  channels,
  linked,
  configuration,
}: ConfigurationTabProps & { configuration: Configuration }) {
  const { state, draft, text, schema, change } = configuration;
  const [place, setPlace] = useState('sensors');
  const info = useSite((site) => site.info);
  const check = useCheck(device.id, text, linked);
  const field = useMemo(() => documentField(schema), [schema]);
  const sections = useMemo(() => sectionsOf(field), [field]);
  const read = useMemo(() => readYaml(text), [text]);
  const edit = useCallback((what: YamlEdit) => change((before) => editYaml(before, what)), [change]);
  const form: Form = {
    root: read.value,
    edit,
    problems: check.problems,
    candidates: (refers, path) => candidatesOf(read.value, channels, refers, path),
    person: (info?.person ?? '').slice(0, 80),
    day: new Date(pageClock.wall()).toISOString().slice(0, 10),
  };
  // while one is on trial the device's document is that one
  const conflict = draft !== null && !state.trial && draft.base.hash !== state.hash;
  const section = sections.find(({ id }) => id === place);
  const countAt = (id: string) =>
    check.problems.filter((problem) => sectionOf(sections, problem.path)?.id === id).length;

  return (
    <FormContext value={form}>
      <div className={styles.tab}>
        <nav className={styles.places} aria-label="Parts of the configuration">
          {[...sections.map(({ id, title }) => [id, title] as const), ...OTHER_PLACES].map(([id, title]) => (
            <button
              key={id}
              type="button"
              aria-current={place === id ? 'page' : undefined}
              data-apart={id === 'text' || undefined}
              onClick={() => setPlace(id)}
            >
              {title}
              {countAt(id) > 0 && <StateWord tone="bad" word={String(countAt(id))} title="Problems here" />}
            </button>
          ))}
        </nav>
        <div className={styles.work}>
          <Present device={device} configuration={configuration} linked={linked} />
          <Conflict configuration={configuration} name={device.name} />
          {section && read.problem && (
            <p className={styles.notice}>
              The text cannot be read as it stands, so there are no forms for it. Mend it under “As text”:
              line {read.problem.line}, {read.problem.message}
            </p>
          )}
          {section && !read.problem && (
            <SectionForm
              section={section}
              device={device.id}
              channels={channels}
              timeZone={info?.timeZone ?? 'UTC'}
            />
          )}
          {place === 'text' && (
            <>
              <TextEditor text={text} problems={check.problems} onChange={(next) => change(() => next)} />
              <Problems check={check} />
            </>
          )}
          {place === 'review' && (
            <Review
              device={device}
              configuration={configuration}
              check={check}
              linked={linked}
              conflict={conflict}
            />
          )}
          {place === 'history' && <History device={device} configuration={configuration} linked={linked} />}
          {place === 'copy' && <CopyPage device={device} text={state.text} />}
        </div>
        {draft && place !== 'review' && (
          <footer className={styles.bar} aria-label="Changes that were not tried yet">
            <strong>{formatCount(changedLines(draft.base.text, draft.text), 'line')} changed</strong>
            <CheckWord check={check} />
            <Button variant="default" onClick={configuration.discard}>
              Drop my changes
            </Button>
            <Button onClick={() => setPlace('review')}>Look at the changes</Button>
          </footer>
        )}
      </div>
    </FormContext>
  );
}

function CheckWord({ check }: { check: Check }) {
  const { problems, state, error } = check;
  if (error) return <StateWord tone="attention" word="The device could not check it" title={error.message} />;
  if (problems.length > 0) return <StateWord tone="bad" word={formatCount(problems.length, 'problem')} />;
  if (state === 'unasked') return <StateWord tone="unknown" word="Checked when the device is connected" />;
  if (state === 'waiting') return <StateWord tone="unknown" word="Checking…" />;
  return <StateWord tone="good" word="The device would take it" />;
}

/** What runs now, and whose it is. */
function Present({
  device,
  configuration,
  linked,
}: {
  device: DeviceRecord;
  configuration: Configuration;
  linked: boolean;
}) {
  const { state } = configuration;
  const newest = state.history.findLast(({ hash }) => hash === state.hash);
  return (
    <p className={styles.present}>
      {!linked && `${device.name} is not connected: this is what was heard last, and your changes are kept. `}
      {state.byFirmware &&
        'Sensors, buses, outputs and rules are those of its firmware, whatever stands here. '}
      {state.trial
        ? `A configuration of ${state.trial.by} is on trial: nobody has confirmed it yet.`
        : state.text === ''
          ? `${device.name} has no document yet: it runs on what the machine offers by itself.`
          : `${device.name} runs on its own document`}
      {!state.trial && state.text !== '' && (
        <>
          {newest && (
            <>
              {newest.by === null ? ', found there ' : `, applied by ${newest.by} `}
              <RelativeTime at={newest.at} />
            </>
          )}
          .
        </>
      )}
    </p>
  );
}

/** Names that stand in the document or that the archive has heard of. */
function candidatesOf(root: unknown, channels: readonly Channel[], refers: string, path: Path): string[] {
  const ids = (key: string) => rowsOf(root, key).map((row) => shownValue(row['id']));
  const unique = (names: string[]) => [...new Set(names)];
  switch (refers) {
    case 'buses':
    case 'outputs':
      return ids(refers);
    case 'sensors':
      return unique([...ids('sensors'), ...ids('outputs'), ...channels.map(({ sensor }) => sensor)]);
    case 'drivers':
      return unique([
        ...rowsOf(root, 'sensors').map((row) => shownValue(row['driver'])),
        ...channels.map(({ driver }) => driver),
      ]);
    case 'channels': {
      const own = path[0] === 'sensors' ? ['sensors', path[1] ?? 0, 'id'] : [...path.slice(0, -1), 'sensor'];
      const sensor = valueAt(root, own);
      return unique(channels.filter((row) => row.sensor === sensor).map(({ channel }) => channel));
    }
    default:
      return [];
  }
}
