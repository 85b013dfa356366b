/** The engine's calls about publishers, over a device with one of each kind: well, behind, and failing. */
import type { EngineContract } from '../../src/shared/engine-contract.ts';
import type { Handlers } from '../../src/shared/peer.ts';
import type { publisherCalls } from '../../src/shared/publisher-calls.ts';

const HOUR_MS = 3_600_000;

export function fakePublishers(): Pick<Handlers<EngineContract>, keyof typeof publisherCalls> {
  const common = { problem: null, lostBatches: 0, state: 'working' } as const;
  return {
    'publishers.list': () => ({
      publishers: [
        {
          ...common,
          publisher: 'house',
          kind: 'mqtt',
          target: 'mqtt://broker.lan',
          behind: { batches: 1, readings: 5 },
          upToDateAgoMs: 4000,
          today: 17_280,
        },
        {
          ...common,
          publisher: 'office',
          kind: 'http',
          target: 'https://office.example/in',
          state: 'failing',
          problem: 'https://office.example/in answers 401: it does not know who we are',
          behind: { batches: 640, readings: 3200 },
          upToDateAgoMs: HOUR_MS,
          today: 0,
        },
        {
          ...common,
          publisher: 'metrics',
          kind: 'prometheus',
          target: 'http://127.0.0.1:9464/metrics',
          behind: null,
          upToDateAgoMs: null,
          today: 240,
        },
      ],
    }),
  };
}
