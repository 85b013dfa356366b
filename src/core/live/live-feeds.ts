/** The live feeds of all devices, made when the first reading comes or is asked for. */
import type { Clock } from '../../shared/time.ts';
import { LiveFeed } from './live-feed.ts';

export class LiveFeeds {
  #clock: Clock;
  #feeds = new Map<string, LiveFeed>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The feed of a device. */
  of(device: string): LiveFeed {
    let feed = this.#feeds.get(device);
    if (!feed) {
      feed = new LiveFeed(this.#clock);
      this.#feeds.set(device, feed);
    }
    return feed;
  }

  /** Tells the readers of a device to query anew. */
  reset(device: string): void {
    this.#feeds.get(device)?.reset();
  }

  /** Lets all waiting readers go. */
  close(): void {
    for (const feed of this.#feeds.values()) feed.close();
  }
}
