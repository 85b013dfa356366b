/** Who to be on the device: user with password, key file, or what the laptop already has. */
import { Button, PasswordInput, SegmentedControl, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { DeviceRecord, Login } from '../../../src/shared/engine-contract.ts';
import { useSite } from '../../stores/muster.tsx';
import styles from './install.module.css';

/** Raspberry Pi OS's name of old; a guess that a person corrects. */
const USUAL_USER = 'pi';
type Way = 'password' | 'key' | 'agent';

const WAYS: { value: Way; label: string }[] = [
  { value: 'password', label: 'Password' },
  { value: 'key', label: 'Key file' },
  { value: 'agent', label: 'Key of this laptop' },
];

function loginOf(user: string, way: Way, secret: string, keyPath: string): Login {
  if (way === 'password') return { user, password: secret };
  if (way === 'key') return { user, keyPath, ...(secret === '' ? {} : { passphrase: secret }) };
  return { user };
}

export function LoginForm(props: { device: DeviceRecord; busy: boolean; onLogin: (login: Login) => void }) {
  const { device, busy, onLogin } = props;
  const demo = useSite((state) => state.demo?.login ?? null);
  const known = device.demo ? demo : null;
  const [typedUser, setUser] = useState<string | null>(null);
  const [typedSecret, setSecret] = useState<string | null>(null);
  const [way, setWay] = useState<Way>(device.mine ? 'agent' : 'password');
  const [keyPath, setKeyPath] = useState('');
  // What a person typed stands; until then the demo fleet's login may arrive late and still fill in.
  const user = typedUser ?? known?.user ?? device.user ?? USUAL_USER;
  const secret = typedSecret ?? (way === 'password' ? (known?.password ?? '') : '');
  const missing = user === '' || (way === 'password' && secret === '') || (way === 'key' && keyPath === '');

  return (
    <form
      className={styles.form}
      onSubmit={(event) => {
        event.preventDefault();
        if (!missing && !busy) onLogin(loginOf(user, way, secret, keyPath));
      }}
    >
      {known && <p className={styles.note}>A virtual device: its login is filled in for you.</p>}
      <TextInput
        label="User on the device"
        value={user}
        onChange={(event) => setUser(event.currentTarget.value)}
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
      />
      <SegmentedControl
        fullWidth
        data={WAYS}
        value={way}
        onChange={(value) => {
          setWay(value);
          setSecret(null);
        }}
        aria-label="How to log in"
      />
      {way === 'key' && (
        <TextInput
          label="Path of the private key"
          placeholder="~/.ssh/id_ed25519"
          value={keyPath}
          onChange={(event) => setKeyPath(event.currentTarget.value)}
          spellCheck={false}
        />
      )}
      {way !== 'agent' && (
        <PasswordInput
          label={way === 'password' ? 'Password' : 'Passphrase of the key, if it has one'}
          value={secret}
          onChange={(event) => setSecret(event.currentTarget.value)}
          autoComplete="off"
        />
      )}
      <p className={styles.quiet}>
        {way === 'password'
          ? 'Used once and never written down: the laptop leaves its own key there instead.'
          : way === 'key'
            ? 'The file stays where it is; only its proof is sent.'
            : "Tries Muster's own key and those of your SSH agent."}
      </p>
      <Button type="submit" disabled={missing} loading={busy}>
        Connect and look
      </Button>
    </form>
  );
}
