/** The configuration of a make-believe device: valid is what does not say `wrong`, and a restart takes no time. */
import { createHash } from 'node:crypto';
import { configurationSchema, readDocument } from '../../device/config.ts';
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

type Calls = ReturnType<FakeConfiguration['handlers']>;

/** The engine's calls: a document a device, with the daemon's own schema and what it says of a shape. */
export class FakeConfigurations {
  readonly #work: FakeJobs;
  readonly #devices = new Map<string, FakeConfiguration>();

  constructor(work: FakeJobs) {
    this.#work = work;
  }

  of(device: string): FakeConfiguration {
    let found = this.#devices.get(device);
    if (!found) this.#devices.set(device, (found = new FakeConfiguration()));
    return found;
  }

  handlers(): Pick<Handlers<EngineContract>, keyof typeof configurationCalls> {
    const terms = { by: 'kim@laptop', confirmWithinMs: 60_000 };
    const on = (device: string) => this.of(device).handlers();
    return {
      'config.get': ({ device }) => on(device).configuration({}),
      'config.text': ({ device, hash }) => on(device).configurationText({ hash }),
      'config.schema': () => ({ schema: configurationSchema() }),
      'config.check': ({ text }) => ({ problems: readDocument(text).problems }),
      'config.apply': ({ device: id, text, base }) =>
        this.#begin(id, (calls, { text: before }) =>
          calls.tryConfiguration({ text, base: base ?? hashOf(before), ...terms }),
        ),
      'config.revert': ({ device: id, to }) =>
        this.#begin(id, (calls) => calls.revertConfiguration({ to, ...terms })),
    };
  }

  #begin(id: string, change: (calls: Calls, device: FakeConfiguration) => unknown): { job: string } {
    const device = this.of(id);
    const calls = device.handlers();
    const steps = [waitingStep('try', 'Hand it over', null), waitingStep('confirm', 'Confirm', null)];
    const job = this.#work.start('configure', 'Configure', id, steps, () => {
      void change(calls, device);
      if (device.trial && device.goesBack) {
        void calls.configuration({});
        const reason = 'sensor air does not read';
        throw new MusterError('CONFIG_TAKEN_BACK', reason, { reason });
      }
      if (device.trial) void calls.confirmConfiguration({ hash: device.trial.hash });
      return null;
    });
    return { job };
  }
}
