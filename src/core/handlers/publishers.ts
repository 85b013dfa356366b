/** Calls about whom devices send their readings: each device tells for itself. */
import type { AreaHandlers, Parts } from './parts.ts';

export function publisherHandlers({ links }: Parts): AreaHandlers<'publishers'> {
  return { 'publishers.list': ({ device }) => links.live(device).call.publishers({}) };
}
