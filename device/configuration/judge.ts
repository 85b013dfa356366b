/**
 * Judges a document in a process of its own: drivers are loaded for it, those of the firmware too, and a document made
 * to hang or to eat memory must not reach the root. The process is this program with the word `judge`: text in, JSON out.
 */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import {
  configurationProblemSchema,
  type ConfigurationProblem,
} from '../../src/shared/device-configuration-calls.ts';
import { MusterError } from '../../src/shared/errors.ts';

/** A small board takes seconds to start Node, and as long for 10,000 sensors, ms. */
const JUDGE_MS = 60_000;
const MEMORY_MB = 256;

const answerSchema = z.array(configurationProblemSchema);

/** Asks the program file `entry`. Rejects with TIMEOUT, or INTERNAL when it ends without an answer. */
export function judgeIn(entry: URL, prefix: string): (text: string) => Promise<ConfigurationProblem[]> {
  return (text) =>
    new Promise((resolve, reject) => {
      const args = [`--max-old-space-size=${MEMORY_MB}`, fileURLToPath(entry), 'judge'];
      const child = spawn(process.execPath, args, {
        env: { ...process.env, MUSTER_PREFIX: prefix },
        stdio: ['pipe', 'pipe', 'ignore'],
        timeout: JUDGE_MS,
        killSignal: 'SIGKILL',
      });
      let said = '';
      child.stdout.setEncoding('utf8').on('data', (piece: string) => {
        said += piece;
      });
      child.on('error', reject);
      child.on('close', (code) => {
        if (code === null) return reject(new MusterError('TIMEOUT', 'looking at it took too long', {}));
        try {
          resolve(answerSchema.parse(JSON.parse(said)));
        } catch (cause) {
          reject(new MusterError('INTERNAL', 'the configuration could not be looked at', { code }, cause));
        }
      });
      // a child that has died is told of by its end
      child.stdin.on('error', () => {});
      child.stdin.end(text);
    });
}
