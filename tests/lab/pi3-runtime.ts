/** The runtime for the lab's Pi, where an installation leaves it that was cut after sending it: its USB network breaks under 40 MB. */
import { usualPlaces } from '../../src/core/places.ts';
import { nodeRuntime } from '../../src/core/install/runtime.ts';
import { RUNTIME_VERSION } from '../../src/core/install/runtime-pin.ts';
import { USER } from './image.ts';
import type { Laid } from './pi3-image.ts';

/** As facts.ts and install.ts name them. */
export const STAGE = `/home/${USER.name}/.muster-stage`;
export const runtimeName = (): string => `runtime-${RUNTIME_VERSION}.gz`;

/** The first user that Debian makes. */
const FIRST_USER = 1000;

export async function laidRuntime(): Promise<Laid> {
  const { path } = await nodeRuntime({ arch: 'arm64', cacheDir: usualPlaces(null).cache });
  return { from: path, folder: STAGE, name: runtimeName(), owner: FIRST_USER };
}
