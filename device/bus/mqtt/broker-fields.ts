/** How the configuration says where a broker is and how to get in. Passwords are in files of their own, never in it. */
import * as z from 'zod';

const BROKER = 'must be like mqtt://192.168.1.10:1883, or mqtts:// for TLS';

/** How to get to a broker and in, as the configuration says it. */
export const brokerFields = {
  broker: z
    .string({ error: BROKER })
    .max(300)
    .refine(
      (url) => !/^mqtts?:\/\/[^/]*@/.test(url),
      'names a user; put it into user, and the password into a file',
    )
    .regex(/^mqtts?:\/\/(\[[0-9a-fA-F:]+\]|[A-Za-z0-9._-]+)(:\d{1,5})?\/?$/, BROKER),
  user: z.string().min(1).max(200).optional(),
  /** Holds the password and nothing else, chmod 600; below the state folder unless the path is absolute. */
  passwordFile: z.string().min(1).max(300).optional(),
  /** Each client of a broker has another one. Left out: made from the device's id. */
  clientId: z
    .string()
    .regex(/^[A-Za-z0-9_.:-]{1,60}$/, 'must be letters, digits and _.:-, at most 60')
    .optional(),
  /** Certificates (PEM) to trust instead of those of the system, for mqtts. */
  caFile: z.string().min(1).max(300).optional(),
};
export type BrokerSettings = z.infer<z.ZodObject<typeof brokerFields>>;
