/** What stands together under one name: values first, then what has parts of its own; what is not there can be added. */
import { Button, NativeSelect } from '@mantine/core';
import type { Path } from '../../../src/shared/yaml-edit.ts';
import styles from './configuration.module.css';
import { freshValue, problemAt, useForm, type Form } from './form-context.ts';
import type { Field, Member, Variant } from './form-field.ts';
import { ListForm } from './list-form.tsx';
import { MapForm } from './map-form.tsx';
import { shownValue } from './shown-value.ts';
import { BELOW, ValueInput } from './value-input.tsx';

const WITH_PARTS = new Set(['group', 'list', 'union', 'row', 'map']);

interface GroupFormProps {
  members: readonly Member[];
  path: Path;
  value: unknown;
  /** What stands above it already: a part of the same name needs no heading of its own. */
  heading?: string;
}

/** Members of `value`, which stands at `path`. */
export function GroupForm({ members, path, value, heading }: GroupFormProps) {
  const form = useForm();
  const own = (value ?? {}) as Record<string, unknown>;
  const simple = members.filter(({ field }) => !WITH_PARTS.has(field.shape.kind));
  const parts = members.filter(({ field }) => WITH_PARTS.has(field.shape.kind));
  const here = parts.filter(({ key, field }) => own[key] !== undefined || isAlwaysShown(field));
  const absent = parts.filter((member) => !here.includes(member));
  const problem = problemAt(form, path);
  return (
    <div className={styles.group}>
      {problem !== null && path.length > 0 && <p className={styles.problem}>{problem}</p>}
      {simple.length > 0 && (
        <div className={styles.fields}>
          {simple.map(({ key, required, field }) => (
            <ValueInput key={key} field={field} path={[...path, key]} value={own[key]} required={required} />
          ))}
        </div>
      )}
      {here.map((member) => (
        <PartForm
          key={member.key}
          member={member}
          path={[...path, member.key]}
          value={own[member.key]}
          heading={heading}
        />
      ))}
      {absent.length > 0 && (
        <p className={styles.adds}>
          {absent.map(({ key, field }) => (
            <Button
              key={key}
              variant="default"
              size="compact-sm"
              title={field.help ?? undefined}
              onClick={() => {
                const at = [...path, key];
                form.edit({ kind: 'set', path: at, value: freshValue(form, field, at) });
              }}
            >
              Add {lower(field.title)}
            </Button>
          ))}
        </p>
      )}
    </div>
  );
}

/** What has a default that is nothing but empty: a list without rows, a group of defaults. */
function isAlwaysShown({ preset, shape }: Field): boolean {
  return preset !== undefined && (shape.kind === 'group' || shape.kind === 'list');
}

interface PartFormProps {
  member: Member;
  path: Path;
  value: unknown;
  heading: string | undefined;
}

function PartForm({ member, path, value, heading }: PartFormProps) {
  const form = useForm();
  const { field, required } = member;
  const isHeaded = field.title === heading;
  const canGo = !required && value !== undefined && !isAlwaysShown(field);
  return (
    <section
      className={styles.part}
      data-headed={isHeaded || undefined}
      aria-label={isHeaded ? undefined : field.title}
    >
      <header hidden={isHeaded && field.help === null}>
        {!isHeaded && <h3>{field.title}</h3>}
        {field.help !== null && <span className={styles.quiet}>{field.help}</span>}
        {canGo && (
          <Button variant="subtle" size="compact-sm" onClick={() => form.edit({ kind: 'delete', path })}>
            Leave this out
          </Button>
        )}
      </header>
      <FieldForm field={field} path={path} value={value} required />
    </section>
  );
}

/** Any field, whatever its shape. */
export function FieldForm({
  field,
  path,
  value,
  required,
}: {
  field: Field;
  path: Path;
  value: unknown;
  required: boolean;
}) {
  const { shape } = field;
  switch (shape.kind) {
    case 'group':
      return <GroupForm members={shape.members} path={path} value={value} />;
    case 'list':
      return (
        <ListForm
          item={shape.item}
          path={path}
          value={value}
          renderValue={(at, row) => <FieldForm field={shape.item} path={at} value={row} required />}
        />
      );
    case 'union':
      return <UnionForm tag={shape.tag} variants={shape.variants} path={path} value={value} />;
    case 'map':
      return <MapForm path={path} value={value} />;
    case 'row':
      return (
        <div className={styles.row}>
          {shape.items.map((item, i) => (
            <FieldForm
              key={[...path, i].join('.')}
              field={item}
              path={[...path, i]}
              value={Array.isArray(value) ? value[i] : undefined}
              required
            />
          ))}
        </div>
      );
    default:
      return <ValueInput field={field} path={path} value={value} required={required} />;
  }
}

/** The kind first; another kind keeps what both have. */
function UnionForm({
  tag,
  variants,
  path,
  value,
}: {
  tag: string;
  variants: readonly Variant[];
  path: Path;
  value: unknown;
}) {
  const form = useForm();
  const own = (value ?? {}) as Record<string, unknown>;
  const variant = variants.find((each) => each.value === own[tag]);
  return (
    <>
      <NativeSelect
        label={titleOf(tag)}
        className={styles.field}
        description={variant?.help}
        {...BELOW}
        error={problemAt(form, [...path, tag])}
        value={shownValue(own[tag])}
        data={[
          ...(variant ? [] : [{ value: shownValue(own[tag]), label: shownValue(own[tag]) || 'choose one' }]),
          ...variants.map((each) => String(each.value)),
        ]}
        onChange={(event) => {
          const text = event.currentTarget.value;
          const next = variants.find((each) => String(each.value) === text);
          if (next) for (const change of become(form, own, { tag, next, path })) form.edit(change);
        }}
      />
      {variant && <GroupForm members={variant.members} path={path} value={value} />}
    </>
  );
}

/** The edits that make `own` one of another kind. */
function become(
  form: Form,
  own: Record<string, unknown>,
  { tag, next, path }: { tag: string; next: Variant; path: Path },
) {
  const kept = new Set([tag, ...next.members.map(({ key }) => key)]);
  return [
    { kind: 'set' as const, path: [...path, tag], value: next.value },
    ...Object.keys(own)
      .filter((key) => !kept.has(key))
      .map((key) => ({ kind: 'delete' as const, path: [...path, key] })),
    ...next.members
      .filter(({ key, required }) => required && own[key] === undefined)
      .map(({ key, field }) => {
        const at = [...path, key];
        return { kind: 'set' as const, path: at, value: freshValue(form, field, at) };
      }),
  ];
}

function titleOf(tag: string): string {
  return tag.charAt(0).toUpperCase() + tag.slice(1);
}

function lower(title: string): string {
  return title.charAt(0).toLowerCase() + title.slice(1);
}
