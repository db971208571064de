import * as z from 'zod';

const seconds = (most: number) => z.number().min(0).max(most);

/** What a host can be told. One schema for the file, the environment and the options; see docs/host.md. */
export const hostConfigurationSchema = z.strictObject({
  /** 0: a port of the system's choice. */
  port: z.int().min(0).max(65_535).default(8080),
  /** Address to listen at. */
  host: z.string().min(1).max(255).default('127.0.0.1'),
  /** TLS of the server's own; null: none, for behind a proxy. Secrecy between client and enclave does not depend on it. */
  tls: z
    .strictObject({
      certFile: z.string().min(1),
      keyFile: z.string().min(1),
      keyPassphrase: z.string().nullable().default(null),
    })
    .nullable()
    .default(null),
  /** Origins whose pages may call. None: pages of the server's own origin only. */
  corsOrigins: z.array(z.url()).max(100).default([]),
  logLevel: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('warn'),
  /** Largest message. */
  maxBodyBytes: z
    .int()
    .min(1024)
    .max(256 * 1024 * 1024)
    .default(40 * 1024 * 1024),
  maxConnections: z.int().min(1).max(1_000_000).default(1024),
  /** How long a client may take to send headers, and a whole request. */
  headerSeconds: seconds(600).default(10),
  requestSeconds: seconds(3600).default(30),
  /** Enclaves of the image that run at once: one keeps what users store, the others stand by and serve what needs none of it. */
  enclaves: z.int().min(1).max(16).default(1),
  /** How long what is under way may go on when the host ends. */
  drainSeconds: seconds(3600).default(10),
});

/** How a host serves. */
export type HostConfiguration = z.infer<typeof hostConfigurationSchema>;
