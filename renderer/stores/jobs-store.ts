/** Long work under way or ended in this engine's life. */
import { createStore, type StoreApi } from 'zustand/vanilla';
import type { Job } from '../../src/shared/engine-contract.ts';
import type { EngineClient } from '../engine.ts';
import { follow } from './follow.ts';

export interface JobsState {
  jobs: ReadonlyMap<string, Job>;
}
export type JobsStore = StoreApi<JobsState>;

/** Makes the store and keeps it following `engine`. */
export function createJobsStore(engine: EngineClient): JobsStore {
  const store = createStore<JobsState>(() => ({ jobs: new Map() }));
  follow<JobsState, Job>(engine, store, {
    listen: (take) => engine.on('job', take),
    async load() {
      const { jobs } = await engine.call['jobs.snapshot']({});
      return { jobs: new Map(jobs.map((job) => [job.id, job])) };
    },
    apply: (state, job) => ({ jobs: new Map(state.jobs).set(job.id, job) }),
  });
  return store;
}

/** The newest job of a kind about a device, running or ended. */
export function latestJob(state: JobsState, kind: Job['kind'], device: string): Job | undefined {
  return [...state.jobs.values()]
    .filter((job) => job.kind === kind && job.device === device)
    .toSorted((a, b) => b.startedAt - a.startedAt)[0];
}
