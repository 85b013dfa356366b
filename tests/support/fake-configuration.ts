/** The configuration of a make-believe device: valid is what does not say `wrong`, and a restart takes no time. */
import { createHash } from 'node:crypto';
import type {
  ConfigurationState,
  ConfigurationVersion,
  deviceConfigurationCalls,
} from '../../src/shared/device-configuration-calls.ts';
import type { configurationCalls } from '../../src/shared/configuration-calls.ts';
import type { EngineContract } from '../../src/shared/engine-contract.ts';
import { MusterError } from '../../src/shared/errors.ts';
import type { Handlers } from '../../src/shared/peer.ts';
import { waitingStep, type FakeJobs } from './fake-jobs.ts';

export const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');

export class FakeConfiguration {
  text = 'version: 1\n';
  by: string | null = null;
  trial: { hash: string; before: string; by: string } | null = null;
  /** True where the device is not heard of again after a restart into another document. */
  cutsItsLink = false;
  /** True where it has gone back to the document before by the time it is asked. */
  goesBack = false;
  /** What a trial shows, look by look; the last one stays. Empty: an older daemon, which does not tell. */
  shows: NonNullable<NonNullable<ConfigurationState['trial']>['shows']>[] = [];
  /** Why a person's laptop went back. */
  why: string | undefined;
  readonly texts = new Map([[hashOf(this.text), this.text]]);
  readonly history: ConfigurationVersion[] = [];

  handlers(): Handlers<{ calls: typeof deviceConfigurationCalls; events: Record<string, never> }> {
    const begin = (text: string, by: string): string => {
      const hash = hashOf(text);
      this.texts.set(hash, text);
      this.trial = { hash, before: hashOf(this.text), by };
      this.text = text;
      return hash;
    };
    return {
      configuration: () => {
        if (this.trial && this.cutsItsLink) throw new MusterError('CLOSED', 'nobody is there', {});
        if (this.trial && this.goesBack) {
          const { hash, before, by } = this.trial;
          this.history.push({ hash, at: 0, by, outcome: 'taken-back', why: 'nobody confirmed it' });
          this.text = this.texts.get(before) ?? '';
          this.trial = null;
        }
        const shows = this.shows.length > 1 ? this.shows.shift() : this.shows[0];
        const trial = this.trial && { ...this.trial, running: true, leftMs: 1000, shows };
        return {
          text: this.text,
          hash: hashOf(this.text),
          byFirmware: false,
          trial,
          history: [...this.history],
        };
      },
      configurationText: ({ hash }) => ({ text: this.texts.get(hash) ?? '' }),
      configurationSchema: () => ({ schema: '{}' }),
      checkConfiguration: ({ text }) => ({
        problems: text.includes('wrong') ? [{ line: 1, path: 'sensors.0', message: 'is wrong' }] : [],
      }),
      tryConfiguration: ({ text, base, by }) => {
        if (base !== hashOf(this.text))
          throw new MusterError('REFUSED', 'changed', { reason: 'it was changed by ann' });
        return { hash: begin(text, by) };
      },
      confirmConfiguration: ({ hash }) => {
        this.history.push({ hash, at: 0, by: this.trial?.by ?? null, outcome: 'applied', why: null });
        this.trial = null;
        return {};
      },
      revertConfiguration: ({ to, by, why }) => {
        if (this.trial?.before === to) {
          this.why = why;
          this.text = this.texts.get(to) ?? '';
          this.trial = null;
        } else begin(this.texts.get(to) ?? '', by);
        return {};
      },
    };
  }
}

/** The engine's calls, over one document for all its devices. */
export function fakeConfigurationCalls(
  work: FakeJobs,
): Pick<Handlers<EngineContract>, keyof typeof configurationCalls> {
  const device = new FakeConfiguration();
  const by = 'kim@laptop';
  function begin(id: string, change: () => unknown): { job: string } {
    const steps = [waitingStep('try', 'Hand it over', null), waitingStep('confirm', 'Confirm', null)];
    const job = work.start('configure', 'Configure', id, steps, () => {
      void change();
      if (device.trial) void handlers.confirmConfiguration({ hash: device.trial.hash });
      return null;
    });
    return { job };
  }
  const handlers = device.handlers();
  const terms = { by, confirmWithinMs: 60_000 };
  return {
    'config.get': () => handlers.configuration({}),
    'config.text': ({ hash }) => handlers.configurationText({ hash }),
    'config.schema': () => handlers.configurationSchema({}),
    'config.check': ({ text }) => handlers.checkConfiguration({ text }),
    'config.apply': ({ device: id, text, base }) =>
      begin(id, () => handlers.tryConfiguration({ text, base: base ?? hashOf(device.text), ...terms })),
    'config.revert': ({ device: id, to }) => begin(id, () => handlers.revertConfiguration({ to, ...terms })),
  };
}
