/** The files of a first installation that depend on the device: its configuration and its avahi service. Pure. */
import { PROTOCOL } from '../../shared/device-contract.ts';
import type { DeviceFacts } from './facts.ts';

/** The daemon's first config.yaml; sensors left out are those the machine offers by itself. */
export function firstConfig(facts: DeviceFacts): string {
  const by = facts.avahi && facts.prefix === '' ? 'avahi' : 'self';
  return [
    '# Configuration of the Muster daemon on this device.',
    'version: 1',
    // JSON strings are YAML strings, whatever they hold.
    `name: ${JSON.stringify(facts.hostname.slice(0, 80))}`,
    'announce:',
    `  by: ${by}`,
    `  sshPort: ${facts.sshPort}`,
    '',
  ].join('\n');
}

/**
 * `/etc/avahi/services/muster.service`, see avahi.service(5). `%h` is the host's name; the device's id is put in
 * for `@ID@` on the device, where an older one may exist that the login user cannot read.
 */
export function avahiService(facts: DeviceFacts, daemonVersion: string): string {
  const txt = ['id=@ID@', `v=${daemonVersion}`, `p=${PROTOCOL}`];
  return [
    '<?xml version="1.0" standalone="no"?>',
    '<!DOCTYPE service-group SYSTEM "avahi-service.dtd">',
    '<service-group>',
    '  <name replace-wildcards="yes">%h</name>',
    '  <service>',
    '    <type>_muster._tcp</type>',
    `    <port>${facts.sshPort}</port>`,
    ...txt.map((record) => `    <txt-record>${xml(record)}</txt-record>`),
    '  </service>',
    '</service-group>',
    '',
  ].join('\n');
}

function xml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
