/** One section of the document as a form. Rules have words of their own: what they mean and what they would have done. */
import { useMemo, type ReactNode } from 'react';
import type { Channel } from '../../../src/shared/engine-contract.ts';
import type { RuleNames } from '../../../src/shared/rule-text.ts';
import { valueAt } from '../../../src/shared/yaml-edit.ts';
import styles from './configuration.module.css';
import { rowsOf, useForm, type Form } from './form-context.ts';
import { FieldForm, GroupForm } from './group-form.tsx';
import { ListForm, type Beginning } from './list-form.tsx';
import { RuleWords } from './rule-words.tsx';
import type { Section } from './sections.ts';

interface SectionFormProps {
  section: Section;
  device: string;
  channels: readonly Channel[];
  /** Zone of the device's schedules where the document names none. */
  timeZone: string;
}

export function SectionForm({ section, device, channels, timeZone }: SectionFormProps) {
  const form = useForm();
  const rules = section.members.find(({ key }) => key === 'rules');
  const { shape } = rules?.field ?? {};
  return (
    <section className={styles.group} aria-label={section.title}>
      <h2>{section.title}</h2>
      {rules && shape?.kind === 'list' && (
        <RuleList form={form} device={device} channels={channels} timeZone={timeZone}>
          {(names, beginnings) => (
            <ListForm
              item={shape.item}
              path={['rules']}
              value={valueAt(form.root, ['rules'])}
              beginnings={beginnings}
              renderValue={(at, row) => (
                <>
                  <RuleWords device={device} row={row} names={names} />
                  <FieldForm field={shape.item} path={at} value={row} required />
                </>
              )}
            />
          )}
        </RuleList>
      )}
      <GroupForm
        members={section.members.filter((member) => member !== rules)}
        path={[]}
        value={form.root}
        heading={section.title}
      />
    </section>
  );
}

interface RuleListProps {
  form: Form;
  device: string;
  channels: readonly Channel[];
  timeZone: string;
  children: (names: RuleNames, beginnings: Beginning[]) => ReactNode;
}

function RuleList({ form, channels, timeZone, children }: RuleListProps) {
  const { root } = form;
  const names = useMemo((): RuleNames => {
    const own = valueAt(root, ['timeZone']);
    return {
      channel(sensor, channel) {
        const known = channels.find((row) => row.sensor === sensor && row.channel === channel);
        return known ? { name: `${known.sensorName} ${known.channel}`, quantity: known.quantity } : null;
      },
      output(id) {
        const name = rowsOf(root, 'outputs').find((row) => row['id'] === id)?.['name'];
        return typeof name === 'string' ? name : null;
      },
      timeZone: typeof own === 'string' ? own : timeZone,
    };
  }, [channels, root, timeZone]);
  return children(names, beginningsOf(form, channels));
}

/** The three kinds of rules that people ask for, with what this device has. */
function beginningsOf({ root }: Form, channels: readonly Channel[]): Beginning[] {
  const channel = channels.find(({ driver }) => driver !== 'output');
  const outputs = rowsOf(root, 'outputs').map((row) => row['id']);
  const held = new Set(rowsOf(root, 'rules').map((row) => valueAt(row, ['set', 'output'])));
  const output = outputs.find((id) => !held.has(id)) ?? outputs[0] ?? '';
  const bound = Math.round(channel?.last?.value ?? 30);
  const when = { sensor: channel?.sensor ?? '', channel: channel?.channel ?? '' };
  return [
    {
      label: 'Add a threshold',
      value: () => ({ id: 'threshold', when: { ...when, above: bound, until: bound - 1 }, set: { output } }),
    },
    {
      label: 'Add a schedule',
      value: () => ({ id: 'schedule', during: { from: '06:00', to: '06:10' }, set: { output } }),
    },
    {
      label: 'Add an alarm',
      value: () => ({
        id: 'alarm',
        when: { ...when, above: bound, forMs: 60_000 },
        alarm: `${channel?.sensorName ?? 'A value'} is too high`,
      }),
    },
  ];
}
