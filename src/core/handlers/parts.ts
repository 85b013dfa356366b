/** What handlers work with: the engine's parts, put together by engine.ts. */
import type { FirmwareFile } from '../../shared/campaign.ts';
import type { Log } from '../../shared/log.ts';
import type { Clock } from '../../shared/time.ts';
import type { Archive } from '../archive/archive.ts';
import type { DemoFleet } from '../demo-fleet.ts';
import type { Discovery } from '../discovery/discovery.ts';
import type { Campaigns } from '../firmware/campaigns.ts';
import type { Keyring } from '../firmware/keyring.ts';
import type { FirmwareTarget } from '../firmware/target.ts';
import type { Fleet } from '../fleet/fleet.ts';
import type { InstallSession, Sessions } from '../install-sessions.ts';
import type { Jobs } from '../jobs/jobs.ts';
import type { DeviceLinks } from '../link/device-links.ts';
import type { LiveFeeds } from '../live/live-feeds.ts';
import type { Places } from '../places.ts';
import type { Programs } from '../programs.ts';
import type { Settings } from '../settings.ts';
import type { OwnKey } from '../ssh/own-key.ts';
import type { EngineContract } from '../../shared/engine-contract.ts';
import type { Handlers } from '../../shared/peer.ts';

export interface Parts {
  /** Socket of an SSH agent. */
  agent: string | undefined;
  archive: Archive;
  campaigns: Campaigns;
  clock: Clock;
  demo: DemoFleet;
  /** Null while the engine does not look for devices. */
  discovery: () => Discovery | null;
  feeds: LiveFeeds;
  fleet: Fleet;
  /** Devices that were looked at and wait for a person's word. */
  installSessions: Sessions<InstallSession>;
  jobs: Jobs;
  keyring: Keyring;
  links: DeviceLinks;
  log: Log;
  ownKey: OwnKey;
  places: Places;
  programs: Programs;
  settings: Settings;
  /** A device to push firmware to, for one try. Throws DEVICE_UNKNOWN, FIRMWARE_MISFIT, NOT_INSTALLED. */
  target: (device: string, file: FirmwareFile) => FirmwareTarget;
}

/** The handlers of all calls that begin with one of these words. */
export type AreaHandlers<Area extends string> = Pick<
  Handlers<EngineContract>,
  Extract<keyof Handlers<EngineContract>, `${Area}.${string}`>
>;
