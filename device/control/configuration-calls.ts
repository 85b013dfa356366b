/** Answers the configuration part of the device contract. The work is done in device/configuration. */
import type { deviceConfigurationCalls } from '../../src/shared/device-configuration-calls.ts';
import type { Handlers } from '../../src/shared/peer.ts';
import { configurationSchema } from '../config.ts';
import type { Configuration } from '../configuration/configuration.ts';

/** Stands before every handler: refuses, or lets it answer. */
type Before = <I, O>(answer: (input: I) => O) => (input: I) => O;

export function configurationHandlers(
  configuration: Configuration,
  before: Before,
): Handlers<{ calls: typeof deviceConfigurationCalls; events: Record<string, never> }> {
  return {
    configuration: before(() => configuration.state()),
    configurationText: before(({ hash }) => ({ text: configuration.text(hash) })),
    configurationSchema: before(() => ({ schema: configurationSchema() })),
    checkConfiguration: before(async ({ text }) => ({ problems: await configuration.check(text) })),
    tryConfiguration: before(async ({ text, base, by, confirmWithinMs }) => ({
      hash: await configuration.try(text, base, by, confirmWithinMs),
    })),
    confirmConfiguration: before(({ hash }) => {
      configuration.confirm(hash);
      return {};
    }),
    revertConfiguration: before(async ({ to, by, confirmWithinMs, why }) => {
      await configuration.revert(to, by, confirmWithinMs, why);
      return {};
    }),
  };
}
