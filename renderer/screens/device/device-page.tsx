/**
 * One device: what does it measure, is it healthy? Header, the state of its link, and the tabs.
 * Owns the feed of live readings while the page is open. Installing, uninstalling and exporting happen elsewhere; the
 * page only asks for them through the ui store.
 */
import { Button } from '@mantine/core';
import IconCloudDownload from '@tabler/icons-react/dist/esm/icons/IconCloudDownload.mjs';
import IconDeviceUnknown from '@tabler/icons-react/dist/esm/icons/IconDeviceUnknown.mjs';
import { useCallback, useEffect, useRef, useState } from 'react';
import type { DeviceRecord } from '../../../src/shared/engine-contract.ts';
import { pageClock } from '../../page-clock.ts';
import { EmptyState } from '../../parts/empty-state.tsx';
import {
  useCalls,
  useConfigurations,
  useDevice,
  useDeviceChannels,
  useFleet,
  useMuster,
} from '../../stores/muster.tsx';
import { ConfigurationTab } from '../configuration/configuration-tab.tsx';
import { ChartsTab } from './charts-tab.tsx';
import { DeviceHeader } from './device-header.tsx';
import styles from './device-page.module.css';
import { FirmwareTab } from './firmware-tab.tsx';
import { LinkNotice } from './link-notice.tsx';
import { OutputsTab } from './outputs-tab.tsx';
import { NervesJoin } from './nerves-join.tsx';
import { RecordingTab } from './recording-tab.tsx';
import { SafeModeNotice } from './safe-mode-notice.tsx';
import { SensorsTab } from './sensors-tab.tsx';
import { TreeTab } from './tree-tab.tsx';
import { useDeviceFeed } from './use-device-feed.ts';
import { usePolled } from './use-polled.ts';

const TABS = ['Charts', 'Sensors', 'Tree', 'Outputs', 'Configuration', 'Firmware', 'Recording'] as const;
type Tab = (typeof TABS)[number];
/** They show no readings. */
const STILL = new Set<Tab>(['Tree', 'Outputs', 'Configuration', 'Firmware', 'Recording']);
const STATUS_MS = 5000;

export function DevicePage({ deviceId }: { deviceId: string }) {
  const device = useDevice(deviceId);
  const loaded = useFleet((state) => state.loaded);
  if (device) return <Known device={device} />;
  return (
    <div className={styles.page}>
      {loaded && (
        <EmptyState
          icon={<IconDeviceUnknown size={32} stroke={1.5} />}
          title="This device is not in the list any more"
          text="It was forgotten, or it never answered. Pick another one on the left, or type its address."
        />
      )}
    </div>
  );
}

function Known({ device }: { device: DeviceRecord }) {
  const channels = useDeviceChannels(device.id);
  const [tab, setTab] = useState<Tab>('Charts');
  const changed = useConfigurations((state) => state.drafts.has(device.id));
  const joined = device.installed && device.mine;
  const feed = useDeviceFeed(device.id, !STILL.has(tab) && (joined || channels.length > 0));
  const call = useCalls();
  const linked = device.link.state === 'live' || device.link.state === 'catching-up';
  const [left, setLeft] = useState(0);
  // oxlint-disable-next-line react/exhaustive-deps -- safe mode left is a reason to ask at once
  const ask = useCallback(() => call['device.status']({ device: device.id }), [call, device.id, left]);
  const leave = async () => {
    await call['device.leaveSafeMode']({ device: device.id });
    setLeft((count) => count + 1);
  };
  const status = usePolled(ask, STATUS_MS, linked);

  const clock = device.clock;
  const uptime = status.value?.uptimeS ?? null;
  const unsure = useRef<number | null>(null);
  useEffect(() => {
    unsure.current = clock === 'none' && uptime !== null ? pageClock.wall() - uptime * 1000 : null;
  }, [clock, uptime]);
  const unsureSince = useCallback(() => unsure.current, []);

  return (
    <div className={styles.page}>
      <DeviceHeader device={device} status={status.value} />
      <LinkNotice device={device} />
      <SafeModeNotice name={device.name} status={linked ? status.value : null} leave={leave} />
      {joined || channels.length > 0 ? (
        <>
          <div className={`${styles.tabs} no-print`} role="tablist" aria-label="Parts of the device">
            {TABS.map((name) => (
              <button
                key={name}
                type="button"
                role="tab"
                className={styles.tab}
                aria-selected={tab === name}
                onClick={() => setTab(name)}
              >
                {name}
                {name === 'Configuration' && changed && <span title="Changed, not tried yet"> •</span>}
              </button>
            ))}
          </div>
          <div className={styles.content} role="tabpanel" aria-label={tab}>
            {tab === 'Charts' && channels.length > 0 && (
              <ChartsTab device={device.id} channels={channels} feed={feed} unsureSince={unsureSince} />
            )}
            {tab === 'Charts' && channels.length === 0 && (
              <p className={styles.wait}>
                {linked ? 'First reading in a second…' : 'No readings yet. They come with the connection.'}
              </p>
            )}
            {tab === 'Sensors' && (
              <SensorsTab device={device} linked={linked} status={status} channels={channels} feed={feed} />
            )}
            {tab === 'Recording' && <RecordingTab device={device} status={status} linked={linked} />}
            {tab === 'Outputs' && <OutputsTab device={device} channels={channels} linked={linked} />}
            {tab === 'Configuration' && (
              <ConfigurationTab device={device} channels={channels} linked={linked} />
            )}
            {tab === 'Firmware' && <FirmwareTab device={device} linked={linked} />}
            {tab === 'Tree' && <TreeTab device={device} linked={linked} />}
          </div>
        </>
      ) : (
        <div className={styles.empty}>
          <NotJoined device={device} />
        </div>
      )}
    </div>
  );
}

/** Nothing to see here yet, and the one thing to do about it. */
function NotJoined({ device }: { device: DeviceRecord }) {
  const { ui } = useMuster();
  const icon = <IconCloudDownload size={32} stroke={1.5} />;
  if (device.kind === 'nerves') return <NervesJoin device={device} />;
  const open = () => ui.getState().openDrawer({ name: 'install', devices: [device.id] });
  return device.installed ? (
    <EmptyState
      icon={icon}
      title={`${device.name} measures already`}
      text="A Muster daemon runs there. Log in once, and this laptop fetches what it recorded and shows it live."
    >
      <Button size="md" onClick={open}>
        Connect to {device.name}
      </Button>
    </EmptyState>
  ) : (
    <EmptyState
      icon={icon}
      title={`${device.name} has no sensor daemon yet`}
      text="Muster can install one over SSH; the device needs no internet. You see every step before anything is changed, and it can be undone."
    >
      <Button size="md" onClick={open}>
        Install on {device.name}
      </Button>
    </EmptyState>
  );
}
