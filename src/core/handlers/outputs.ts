/** Calls about outputs, rules and what happened on a device; and what a rule would have done with recorded readings. */
import { MusterError } from '../../shared/errors.ts';
import { isTimeZone } from '../../shared/local-time.ts';
import type { outputCalls } from '../../shared/output-calls.ts';
import type { EngineContract } from '../../shared/engine-contract.ts';
import type { Handlers } from '../../shared/peer.ts';
import { staleAfterMs } from '../../shared/rule.ts';
import { RuleSimulation } from '../../shared/rule-simulation.ts';
import type { Parts } from './parts.ts';
import { person } from './person.ts';

export function outputHandlers({
  archive,
  fleet,
  links,
}: Parts): Pick<Handlers<EngineContract>, keyof typeof outputCalls> {
  return {
    'device.outputs': ({ device }) => links.live(device).call.outputs({}),
    'device.setOutput': ({ device, ...deed }) => links.live(device).call.setOutput({ ...deed, by: person() }),
    'device.rules': ({ device }) => links.live(device).call.rules({}),
    'device.events': ({ device, ...page }) => links.live(device).call.events(page),
    async 'rules.simulate'({ device, rule, timeZone, from, to }) {
      if (!isTimeZone(timeZone))
        throw new MusterError('BAD_INPUT', `there is no time zone ${timeZone}`, {
          field: 'timeZone',
          value: timeZone,
        });
      if (!(from < to))
        throw new MusterError('BAD_INPUT', 'the span ends before it begins', { field: 'to', value: to });
      const lasting = fleet.get(device)?.id ?? device;
      const { when } = rule;
      const channel = when
        ? (await archive.channels(lasting)).find(
            (known) => known.sensor === when.sensor && known.channel === when.channel,
          )
        : undefined;
      const staleMs = staleAfterMs(channel?.periodMs ?? 0);
      const simulation = new RuleSimulation({ rule, timeZone, staleMs, from, to });
      if (channel) {
        const choice = { devices: [lasting], channels: [channel.id], from, to };
        for await (const piece of archive.pieces(choice)) simulation.add(piece);
      }
      return simulation.end();
    },
  };
}
