/** `muster nerves`: gets to know a device that runs Nerves, so that firmware can be pushed to it. */
import type { NervesFacts } from '../../shared/nerves.ts';
import { findDevice } from '../find-device.ts';
import { logIn, type LoginOptions } from '../log-in.ts';
import type { CommandContext } from '../main.ts';
import { withEngine } from '../with-engine.ts';

export interface NervesOptions extends LoginOptions {
  port?: number;
  addKey?: boolean;
}

const VALIDATION: Record<NervesFacts['validation'], string> = {
  validated: 'confirmed',
  unvalidated: 'on trial, not confirmed yet',
  unknown: 'it does not say whether it is confirmed',
};
const ROLLBACK: Record<NervesFacts['rollback'], string> = {
  yes: 'goes back by itself when an update does not come up',
  no: 'does not go back by itself: a bad update has to be mended by hand',
  unknown: 'not known whether it goes back by itself from a bad update',
};

function factsText(facts: NervesFacts): string {
  const { product, version, platform, architecture, serial, active, next, elixir } = facts;
  const slot = active === null ? 'a slot it does not name' : `slot ${active}`;
  const other = next !== null && next !== active ? `, slot ${next} at the next start` : '';
  return [
    `runs      ${product ?? 'firmware without a name'} ${version ?? ''}`.trimEnd(),
    `firmware  ${facts.uuid ?? 'it does not say'}, ${slot}${other}, ${VALIDATION[facts.validation]}`,
    `made for  ${platform ?? '?'}, ${architecture ?? '?'}, Elixir ${elixir ?? '?'}`,
    `serial    ${serial ?? 'it does not say'}`,
    `rollback  ${facts.rollback}: ${ROLLBACK[facts.rollback]}`,
  ].join('\n');
}

/** Connects, has the key confirmed, asks the device what it is, and keeps it as one of this site. */
export function nerves(context: CommandContext, host: string, options: NervesOptions): Promise<void> {
  return withEngine(context, { watch: false }, async (engine) => {
    const device = await findDevice(engine, host, options.port);
    const { facts, fingerprint, loggedInBy } = await logIn(context, options, async (login, trust) =>
      engine.handlers['nerves.inspect']({
        device: device.id,
        login,
        trust,
        addKey: options.addKey ?? false,
      }),
    );
    const lasting = loggedInBy === 'own key' || loggedInBy === 'agent';
    const text = [
      `${facts.hostname ?? device.name}: a Nerves device of this site now.`,
      factsText(facts),
      ...(lasting
        ? []
        : [`It let you in by ${loggedInBy} only. Before a push, run this again with --add-key.`]),
    ].join('\n');
    context.output.result({ device: device.id, fingerprint, facts, loggedInBy }, text);
  });
}
