import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { firstConfig, avahiService } from '../../../src/core/install/device-config.ts';
import { factsOf, parseProbe } from '../../../src/core/install/facts.ts';
import { factsSchema } from '../../../src/shared/engine-contract.ts';
import { MusterError } from '../../../src/shared/errors.ts';
import { parseConfig } from '../../../device/config.ts';

/** What a Raspberry Pi 4 with Raspberry Pi OS prints. */
const PI: Record<string, string> = {
  probe: '1',
  kernel_name: 'Linux',
  kernel: '6.12.47+rpt-rpi-v8',
  machine: 'aarch64',
  long_bit: '64',
  dpkg_arch: 'arm64',
  elf: '2 183',
  glibc: 'yes',
  glibc_version: 'glibc 2.41',
  hostname: 'raspberrypi',
  model: 'Raspberry Pi 4 Model B Rev 1.4',
  serial: '10000000abcdef01',
  system: 'Debian GNU/Linux 13 (trixie)',
  uid: '1000',
  user: 'pi',
  groups: 'pi adm dialout sudo gpio i2c spi',
  home: '/home/pi',
  env_prefix: '',
  ssh_connection: '10.0.0.2 50000 10.0.0.7 22',
  privileged: 'sudo-password',
  systemd: 'yes',
  avahi: 'yes',
  i2c: 'yes',
  missing: '',
  stage: '/home/pi/.muster-stage',
  free_target: '20000000 /',
  free_stage: '20000000 /',
  key_known: 'no',
  end: '1',
};

const print = (values: Record<string, string>) =>
  Object.entries(values)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
const facts = (changes: Record<string, string> = {}) => factsOf(parseProbe(print({ ...PI, ...changes })));

function outcome(output: string): string {
  try {
    return Number.isFinite(factsOf(parseProbe(output)).freeBytes) ? 'room' : 'no room';
  } catch (thrown) {
    return thrown instanceof MusterError ? thrown.code : String(thrown);
  }
}

it('understands a Raspberry Pi, whatever banner came first', () => {
  const found = factsOf(parseProbe(`Welcome!\nhint=none\n${print(PI)}`));
  expect(factsSchema.parse(found)).toMatchObject({
    hostname: 'raspberrypi',
    arch: 'arm64',
    init: 'systemd',
    privileged: 'sudo-password',
    freeBytes: 20_480_000_000,
    installedVersion: null,
    avahi: true,
    i2c: true,
  });
  expect(found).toMatchObject({ prefix: '', sshPort: 22, oneFileSystem: true, answers: false });
});

it('installs below the prefix that is asked for, and into the home without rights', () => {
  expect(facts({ env_prefix: '/tmp/d1', privileged: 'root' })).toMatchObject({
    prefix: '/tmp/d1',
    init: 'script',
  });
  expect(facts({ privileged: 'none' })).toMatchObject({ prefix: '/home/pi/.muster', init: 'script' });
});

it.each([
  [{ machine: 'armv6l', long_bit: '32', dpkg_arch: 'armhf' }, 'armv6l'],
  [{ long_bit: '32', dpkg_arch: 'armhf', elf: '1 40' }, 'armhf system on a aarch64 kernel'],
  // busybox has neither getconf nor dpkg: the ELF class alone tells.
  [{ long_bit: '', dpkg_arch: '', elf: '1 40' }, '32-bit system on a aarch64 kernel'],
  [{ machine: 'riscv64' }, 'riscv64'],
])('names an architecture that is not carried: %j', (changes, found) => {
  expect(() => facts(changes)).toThrow(
    expect.objectContaining({ code: 'ARCH_UNSUPPORTED', details: { found } }),
  );
});

it.each([
  [{ glibc: 'no' }, /musl/],
  [{ glibc_version: 'glibc 2.27' }, /older than 2.28/],
  [{ missing: 'gzip awk' }, /gzip, awk/],
  [{ kernel_name: 'FreeBSD' }, /not Linux/],
])('refuses a system without what Node needs: %j', (changes, message) => {
  expect(() => facts(changes)).toThrow(message);
});

it('makes of any output facts or a MusterError, never a crash', () => {
  const value = fc.string({ unit: 'binary', maxLength: 40 });
  const changes = fc.dictionary(fc.constantFrom(...Object.keys(PI)), value);
  fc.assert(
    fc.property(changes, fc.string(), (some, noise) => {
      expect(outcome(`${noise}\n${print({ ...PI, ...some })}`)).toMatch(/^(room|[A-Z]+_UNSUPPORTED)$/);
    }),
  );
});

it('writes a configuration the daemon accepts, whatever the device is called', () => {
  fc.assert(
    // Control characters do not pass the probe.
    fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 }), (name) => {
      const hostname = name.replaceAll(/\p{C}/gu, '').trim() || 'x';
      expect(parseConfig(firstConfig({ ...facts(), hostname }))).toMatchObject({
        name: hostname,
        announce: { by: 'avahi', sshPort: 22 },
      });
    }),
  );
  expect(parseConfig(firstConfig(facts({ avahi: 'no' }))).announce.by).toBe('self');
});

it('writes an avahi service with a place for the id, the version and the SSH port', () => {
  const service = avahiService(facts({ ssh_connection: '1 2 3 2222' }), '1.2.3');
  expect(service).toContain('<type>_muster._tcp</type>\n    <port>2222</port>');
  expect(service).toContain('<txt-record>id=@ID@</txt-record>');
  expect(service).toContain('<txt-record>v=1.2.3</txt-record>');
});
