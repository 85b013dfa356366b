/** `muster publishers`: whom a device sends its readings, and how far each is. */
import { publisherWords } from '../../shared/publisher-text.ts';
import type { CommandContext } from '../main.ts';
import { table } from '../output.ts';
import { withDevice } from '../with-device.ts';

export function publishers(context: CommandContext, host: string): Promise<void> {
  return withDevice(context, host, async (engine, { id, name }) => {
    const state = await engine.handlers['publishers.list']({ device: id });
    const now = Date.now();
    const rows = state.publishers.map((publisher) => {
      const words = publisherWords(publisher, now, (epochMs) => new Date(epochMs).toISOString());
      const today = publisher.kind === 'prometheus' ? '' : String(publisher.today);
      return [publisher.publisher, publisher.target, words.state, today, words.why ?? ''];
    });
    const text =
      rows.length > 0
        ? table(['PUBLISHER', 'SENDS TO', 'STATE', 'READINGS TODAY', 'WHY'], rows)
        : `${name} sends its readings to nobody else. Name somebody under "publishers" in its configuration.`;
    context.output.result({ device: name, ...state }, text);
  });
}
