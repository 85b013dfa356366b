/** An engine behind a pipe: answers the contract's calls and passes its events on until the pipe closes. */
import { engineContract } from '../shared/engine-contract.ts';
import { servePeer } from '../shared/peer.ts';
import type { Pipe } from '../shared/pipe.ts';
import type { Engine } from './engine.ts';

/** Serves `engine` on `pipe`. Many pipes may be served at once. */
export function serveEngine(engine: Engine, pipe: Pipe): void {
  const server = servePeer(pipe, engineContract, engine.handlers, () => unsubscribe());
  const unsubscribe = engine.subscribe((name, payload) => server.emit(name, payload));
}
