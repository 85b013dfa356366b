/**
 * Who gets what the device records, as the configuration names it: an MQTT broker, an HTTP server, a Prometheus.
 * Refuses: secrets in the document. They lie in files of their own, which nobody else may read.
 */
import * as z from 'zod';
import { id } from '../config-fields.ts';

/** A file on the device; a relative path begins at the folder of the configuration. */
const file = z
  .string()
  .max(1000)
  // oxlint-disable-next-line no-control-regex -- refusing control characters is the point
  .regex(/^[^\u0000-\u001f\u007f]+$/, 'must be the path of a file');

/** A part of a topic's path: wildcards and empty levels would be refused by the broker (MQTT 3.1.1 section 4.7). */
const topic = z
  .string()
  .max(200)
  .regex(/^[A-Za-z0-9._-]+(\/[A-Za-z0-9._-]+)*$/, 'must be letters, digits, dots, dashes and single slashes');

function address(protocols: readonly string[], words: string) {
  return z
    .string()
    .max(500)
    .superRefine((value, context) => {
      const tell = (message: string) => context.addIssue({ code: 'custom', message });
      if (!URL.canParse(value) || !protocols.includes(new URL(value).protocol))
        return tell(`must be ${words}`);
      const { username, password, hostname } = new URL(value);
      if (username !== '' || password !== '')
        tell('must not hold a user or a password; the password belongs in a file of its own');
      else if (hostname === '') tell(`must be ${words}`);
    });
}

const common = {
  id,
  sensors: z.array(id).max(10_000).optional().meta({
    title: 'Only of',
    description: 'Ids of the sensors and outputs whose readings are sent; without a list, all of them.',
  }),
};

/** What publishers with a place in the journal have. */
const lasting = {
  ...common,
  from: z.enum(['now', 'beginning']).default('now').meta({
    title: 'Begins with',
    description: 'What is recorded from its first start on, or the oldest that the journal still holds.',
  }),
  caFile: file.optional().meta({
    title: 'File of certificates',
    description: 'To trust instead of the system’s, PEM.',
  }),
};

const mqtt = z
  .strictObject({
    ...lasting,
    kind: z.literal('mqtt'),
    broker: address(['mqtt:', 'mqtts:'], 'an address as mqtt://broker:1883 or mqtts://broker:8883'),
    user: z.string().min(1).max(200).optional(),
    passwordFile: file.optional().meta({
      title: 'File of the password',
      description: 'On the device, readable by the daemon only.',
    }),
    prefix: topic.default('muster').meta({ title: 'Topics begin with' }),
    homeAssistant: z.union([z.boolean(), topic]).default(false).meta({
      title: 'Home Assistant',
      description: 'Makes its entities by itself: yes, or the prefix of its MQTT discovery.',
    }),
  })
  .refine(({ user, passwordFile }) => passwordFile === undefined || user !== undefined, {
    path: ['user'],
    message: 'is missing: a password belongs to a user',
  });

const http = z.strictObject({
  ...lasting,
  kind: z.literal('http'),
  url: address(['http:', 'https:'], 'an address as https://server/path'),
  tokenFile: file.optional().meta({
    title: 'File of the token',
    description: 'On the device, readable by the daemon only; sent as a bearer token.',
  }),
  headersFile: file.optional().meta({
    title: 'File of headers',
    description: 'Lines as “Name: value”, on the device, readable by the daemon only.',
  }),
  maxReadings: z.number().int().min(1).max(20_000).default(2000).meta({ title: 'Most readings at once' }),
  everyMs: z.number().int().min(0).max(3_600_000).default(10_000).meta({
    title: 'Sent every',
    description: 'What is recorded meanwhile goes together.',
  }),
  timeoutMs: z
    .number()
    .int()
    .min(100)
    .max(300_000)
    .default(30_000)
    .meta({ title: 'Longest wait for an answer' }),
});

const prometheus = z.strictObject({
  ...common,
  kind: z.literal('prometheus'),
  host: z.union([z.ipv4(), z.ipv6()]).default('127.0.0.1').meta({
    title: 'Address',
    description: 'Where it is asked. 127.0.0.1: by this machine only; 0.0.0.0: by the whole network.',
  }),
  port: z.number().int().min(1).max(65_535).default(9464),
});

export const publisherSchema = z.discriminatedUnion('kind', [mqtt, http, prometheus]);
export type PublisherConfig = z.infer<typeof publisherSchema>;
export type MqttConfig = z.infer<typeof mqtt>;
export type HttpConfig = z.infer<typeof http>;
export type PrometheusConfig = z.infer<typeof prometheus>;

/** Most publishers of one device: each has a thread. */
export const publishersSchema = z.array(publisherSchema).max(16).default([]);

/** Where a publisher sends to, or is asked, for people. */
export function targetOf(config: PublisherConfig): string {
  if (config.kind === 'mqtt') return config.broker;
  if (config.kind === 'http') return config.url;
  return `http://${config.host.includes(':') ? `[${config.host}]` : config.host}:${config.port}/metrics`;
}
