/** What was found and what would be done, before anything is. */
import { Button, PasswordInput } from '@mantine/core';
import { useState } from 'react';
import type { Facts as FoundFacts, Fingerprint, Plan, Step } from '../../../src/shared/engine-contract.ts';
import type { WireError } from '../../../src/shared/errors.ts';
import { ErrorNote } from '../../parts/error-note.tsx';
import { Facts } from '../../parts/facts.tsx';
import { StepList } from '../../parts/step-list.tsx';
import { formatBytes } from '../../text/format.ts';
import styles from './install.module.css';

const PRIVILEGE: Record<FoundFacts['privileged'], string> = {
  root: 'as root',
  sudo: 'as administrator, without a password',
  'sudo-password': 'as administrator, with a password',
  none: 'for this user only',
};

export function PlanView(props: {
  name: string;
  facts: FoundFacts;
  plan: Plan;
  fingerprint: Fingerprint;
  error: WireError | null;
  busy: boolean;
  onGo: (sudoPassword: string | null) => void;
  onBack: () => void;
}) {
  const { name, facts, plan, fingerprint, error, busy } = props;
  const [sudo, setSudo] = useState('');
  const asksSudo = plan.needsSudoPassword || error?.code === 'SUDO_PASSWORD_NEEDED';
  const steps = plan.steps.map((step): Step => ({
    ...step,
    state: 'waiting',
    done: null,
    total: null,
    rate: null,
  }));
  return (
    <form
      className={styles.part}
      onSubmit={(event) => {
        event.preventDefault();
        props.onGo(asksSudo ? sudo : null);
      }}
    >
      <h3>What was found</h3>
      <Facts
        rows={[
          ['Model', facts.model],
          ['System', `${facts.system}, ${facts.arch}`],
          ['User', `${facts.user}, installs ${PRIVILEGE[facts.privileged]}`],
          ['Room on its disk', formatBytes(facts.freeBytes)],
          ['I2C bus', facts.i2c ? 'on' : 'off'],
          ['Muster there', facts.installedVersion ?? 'none'],
          [
            'Fingerprint',
            <span key="words" title={fingerprint.sha256}>
              {fingerprint.words}
            </span>,
          ],
        ]}
      />
      <h3>{plan.changes ? 'What will be done' : 'Nothing to do'}</h3>
      {plan.changes ? (
        <StepList steps={steps} />
      ) : (
        <p className={styles.quiet}>This version is installed and healthy. The laptop only joins it.</p>
      )}
      {plan.changes && (
        <p className={styles.quiet}>
          {formatBytes(plan.uploadBytes)} go over the wire. The device needs no internet. Every step can be
          undone.
        </p>
      )}
      {asksSudo && (
        <PasswordInput
          label={`Administrator (sudo) password of ${facts.user}`}
          description="Kept in memory until this is done, never written down"
          value={sudo}
          onChange={(event) => setSudo(event.currentTarget.value)}
          autoComplete="off"
        />
      )}
      {error && <ErrorNote error={error} facts={{ name, user: facts.user }} />}
      <div className={styles.actions}>
        <Button type="submit" loading={busy} disabled={asksSudo && sudo === ''}>
          {plan.changes ? `Install on ${name}` : `Join ${name}`}
        </Button>
        <Button variant="default" onClick={props.onBack}>
          Back
        </Button>
      </div>
    </form>
  );
}
