/** What a client of a broker needs, from the configuration of a bus and the files that it names. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { MusterError } from '../../../src/shared/errors.ts';
import { readIdentity } from '../../platform/identity.ts';
import type { Machine } from '../../platform/machine.ts';
import { pathsOf } from '../../platform/paths.ts';
import { readSecret } from '../../publish/secret-file.ts';
import type { BrokerSettings } from './broker-fields.ts';
import type { BrokerAccess } from './mqtt-client.ts';

/** The settings as the client wants them: files read, client id made. Throws CONFIG_INVALID naming the file. */
export function brokerAccess(
  bus: string,
  settings: BrokerSettings,
  prefix: string,
  machine: Machine,
): BrokerAccess {
  const { broker, user, passwordFile, clientId, caFile } = settings;
  const { state, identity } = pathsOf(prefix);
  return {
    broker,
    user,
    clientId: clientId ?? `muster-${readIdentity(identity, machine).id.slice(0, 8)}-bus-${bus}`,
    password: passwordFile && readSecret('passwordFile', passwordFile, state),
    ca: caFile && readCertificates(resolve(state, caFile)),
  };
}

function readCertificates(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new MusterError('CONFIG_INVALID', `caFile: ${path} cannot be read`, { path }, cause);
  }
}
