/** A second client of a broker, for tests: what a device or a person's tool says and hears. */
import { connectAsync } from 'mqtt';

export interface MqttPeer {
  publish(
    topic: string,
    payload: string | Buffer,
    options?: { retain?: boolean; qos?: 0 | 1 },
  ): Promise<void>;
  /** Hears a topic from now on. */
  hear(topic: string): Promise<void>;
  /** All that was heard, in order. */
  readonly heard: readonly { topic: string; text: string; isRetained: boolean }[];
  end(): Promise<void>;
}

export async function mqttPeer(
  url: string,
  access: { user?: string; password?: string } = {},
): Promise<MqttPeer> {
  const client = await connectAsync(url, {
    ...(access.user && { username: access.user }),
    ...(access.password && { password: access.password }),
    reconnectPeriod: 0,
  });
  const heard: { topic: string; text: string; isRetained: boolean }[] = [];
  client.on('message', (topic, payload, { retain }) => {
    heard.push({ topic, text: payload.toString(), isRetained: retain });
  });
  return {
    async publish(topic, payload, { retain = false, qos = 1 } = {}) {
      await client.publishAsync(topic, payload, { retain, qos });
    },
    async hear(topic) {
      await client.subscribeAsync(topic, { qos: 1 });
    },
    heard,
    async end() {
      await client.endAsync(true);
    },
  };
}
