/** What the thread of a publisher is started with, and how the program knows that it is one. */
import { workerData } from 'node:worker_threads';
import type { PublisherPlan } from './publish-contract.ts';

export interface PublisherThreadData {
  role: 'publisher';
  plan: PublisherPlan;
}

/** True in a thread that was started as a publisher. */
export function isPublisherThread(): boolean {
  return (workerData as PublisherThreadData | null)?.role === 'publisher';
}
