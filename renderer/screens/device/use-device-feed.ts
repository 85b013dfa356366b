/** A feed for as long as the page shows this device and the window can be seen. */
import { useDocumentVisibility } from '@mantine/hooks';
import { useEffect, useMemo, useSyncExternalStore } from 'react';
import type { WireError } from '../../../src/shared/errors.ts';
import { pageClock } from '../../page-clock.ts';
import { useDeviceChannels, useMuster } from '../../stores/muster.tsx';
import { DeviceFeed } from './device-feed.ts';

/** `active`: a tab that shows readings is open. */
export function useDeviceFeed(device: string, active: boolean): DeviceFeed {
  const { engine } = useMuster();
  const channels = useDeviceChannels(device);
  const visible = useDocumentVisibility() === 'visible';
  const feed = useMemo(() => new DeviceFeed(device, engine.call, pageClock), [device, engine]);
  useEffect(() => feed.setChannels(channels), [feed, channels]);
  useEffect(
    () => engine.on('corrected', (news) => news.device === device && feed.corrected()),
    [device, engine, feed],
  );
  useEffect(() => {
    if (!active || !visible) return;
    feed.start();
    return () => feed.stop();
  }, [feed, active, visible]);
  return feed;
}

/** Why the history on the charts could not be fetched; null while it could. */
export function useFeedError(feed: DeviceFeed): WireError | null {
  return useSyncExternalStore(feed.subscribe, () => feed.error);
}
