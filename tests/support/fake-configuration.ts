/** The configuration of a make-believe device: valid is what does not say `wrong`, and a restart takes no time. */
import { createHash } from 'node:crypto';
import type {
  ConfigurationVersion,
  deviceConfigurationCalls,
} from '../../src/shared/device-configuration-calls.ts';
import { MusterError } from '../../src/shared/errors.ts';
import type { Handlers } from '../../src/shared/peer.ts';

export const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');

export class FakeConfiguration {
  text = 'version: 1\n';
  by: string | null = null;
  trial: { hash: string; before: string; by: string } | null = null;
  /** True where the device is not heard of again after a restart into another document. */
  cutsItsLink = false;
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
        const trial = this.trial && { ...this.trial, running: true, leftMs: 1000 };
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
      revertConfiguration: ({ to, by }) => {
        begin(this.texts.get(to) ?? '', by);
        return {};
      },
    };
  }
}
