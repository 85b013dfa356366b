/** Where everything of a device lies below its prefix. An empty prefix is a device of its own; else a folder tree. */
import { join } from 'node:path';

/** Absolute paths of one installation. */
export interface Paths {
  prefix: string;
  /** Folder of the journal, the configuration and the identity. */
  state: string;
  config: string;
  /** Folder of the configurations before, and of the one on trial. */
  configurations: string;
  identity: string;
  journal: string;
  /** How the newest life of the daemon goes. */
  life: string;
  /** The sensors a person has taken out. */
  takenOut: string;
  /** Keys whose firmware is taken. */
  trust: string;
  /** Folder of slots, blobs and the runtime. */
  opt: string;
  /** What happened on the device. */
  events: string;
  /** What outputs were commanded last. */
  outputs: string;
  /** Which lines were held last. */
  heldLines: string;
  /** What happened to outputs while no daemon ran. */
  orphans: string;
  /** Folder of what publishers remember. */
  publishers: string;
  /** Folder of the socket. */
  run: string;
  socket: string;
  /** Says which process holds the outputs. */
  outputsCell: string;
  /** Folder of the cells shared with the hosts. */
  hosts: string;
}

/** Paths below `prefix` (the environment's MUSTER_PREFIX; empty for a machine of its own). */
export function pathsOf(prefix: string): Paths {
  const state = join(prefix || '/', 'var/lib/muster');
  const run = join(prefix || '/', 'run/muster');
  return {
    prefix,
    state,
    config: join(state, 'config.yaml'),
    configurations: join(state, 'configurations'),
    identity: join(state, 'identity.json'),
    journal: join(state, 'journal.db'),
    life: join(state, 'life.json'),
    takenOut: join(state, 'taken-out.json'),
    trust: join(state, 'trust.json'),
    opt: join(prefix || '/', 'opt/muster'),
    events: join(state, 'events.jsonl'),
    outputs: join(state, 'outputs.json'),
    heldLines: join(state, 'held-lines.json'),
    orphans: join(state, 'events-orphaned.jsonl'),
    publishers: join(state, 'publishers'),
    run,
    socket: join(run, 'muster.sock'),
    outputsCell: join(run, 'outputs.cell'),
    hosts: join(run, 'hosts'),
  };
}
