/** The part of the engine contract that is about the configuration of devices. */
import * as z from 'zod';
import { deviceConfigurationCalls } from './device-configuration-calls.ts';
import type { Contract } from './peer.ts';

const device = z.string().min(1).max(120);
const onDevice = z.object({ device });
const { text, base } = deviceConfigurationCalls.tryConfiguration.input.shape;

export const configurationCalls = {
  /** As the device's calls. All throw UNSUPPORTED by an older daemon. */
  'config.get': { input: onDevice, output: deviceConfigurationCalls.configuration.output },
  'config.text': {
    input: deviceConfigurationCalls.configurationText.input.extend({ device }),
    output: deviceConfigurationCalls.configurationText.output,
  },
  'config.schema': { input: onDevice, output: deviceConfigurationCalls.configurationSchema.output },
  'config.check': {
    input: z.object({ device, text }),
    output: deviceConfigurationCalls.checkConfiguration.output,
  },
  /**
   * Has the device try a document, waits until it is back with it and what measured and was held before is so again,
   * and confirms. `base`: hash of the document that this one was made from; null for whatever is there. The job fails
   * with REFUSED, CONFIG_INVALID, DEVICE_BUSY, or CONFIG_TAKEN_BACK when the device was not heard of in time, or, unless
   * `keep`, when something that worked before does not. Its result has a `note` where something else does not work.
   */
  'config.apply': {
    input: z.object({ device, text, base: base.nullable(), keep: z.boolean().optional() }),
    output: z.object({ job: z.string() }),
  },
  /** The same with a version that the device keeps. */
  'config.revert': {
    input: z.object({ device, to: base, keep: z.boolean().optional() }),
    output: z.object({ job: z.string() }),
  },
} satisfies Contract['calls'];
