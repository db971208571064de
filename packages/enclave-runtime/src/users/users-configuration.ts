import { type UserQuota, userQuotaSchema } from '@neo-service-layer/tee-interface';
import * as z from 'zod';

const key = z.string().regex(/^[0-9a-f]{64}$/);

const issuerSchema = z.strictObject({
  /** The token's `iss`. */
  issuer: z.string().min(1).max(512),
  /** What its `aud` must name. */
  audience: z.string().min(1).max(512),
  /** Public keys (JWK), fixed here: an enclave that fetched them would believe its host's network. */
  keys: z.array(z.record(z.string(), z.unknown())).min(1).max(16),
  algorithms: z.array(z.enum(['EdDSA', 'ES256', 'ES384', 'PS256', 'RS256'])).min(1),
  /** The user id is this and the token's `sub`. Nobody else is registered under ids that begin so. */
  userIdPrefix: z.string().min(1).max(64),
  /**
   * Takes tokens that do not say whose key they are for (`cnf.jkt`, RFC 7800): whoever gets hold of one first is the user.
   */
  allowBearerTokens: z.boolean().optional(),
});

/** How the measured file of an image speaks of users. */
export const usersFileSchema = z.strictObject({
  /** Let callers that did not sign in run functions that they bring along. They own nothing. Default true. */
  allowAnonymous: z.boolean().optional(),
  /** Register whoever comes first under an id that is free. Default true. */
  allowFirstUse: z.boolean().optional(),
  /** Ed25519 public keys, hex. Administrators register users and set quotas; they can read nothing of theirs. */
  administrators: z.array(key).max(32).optional(),
  issuers: z.array(issuerSchema).max(8).optional(),
  /** What each user may use up, unless an administrator set something else. */
  quota: userQuotaSchema.optional(),
  /** What all anonymous callers together may use up. */
  anonymousQuota: userQuotaSchema.optional(),
  /** Users that are registered at most: each takes a place on the host's disk. Default 100,000. */
  maxUsers: z.int().min(1).max(10_000_000).optional(),
});

/** One issuer of tokens. */
export type TokenIssuer = z.infer<typeof issuerSchema>;

/** Who may use an enclave, and how much of it. Part of what is measured. */
export interface UsersConfiguration {
  allowAnonymous: boolean;
  allowFirstUse: boolean;
  administrators: readonly string[];
  issuers: readonly TokenIssuer[];
  quota: UserQuota;
  anonymousQuota: UserQuota;
  maxUsers: number;
}

const quota: UserQuota = {
  concurrentCalls: 256,
  callsPerMinute: 600_000,
  gasPerMinute: 1_000_000_000_000,
  storedBytes: 16 * 1024 * 1024,
  storedEntries: 10_000,
};

/** Users of an image that says nothing about them: whoever comes first has an id, and callers without one own nothing. */
export const defaultUsers: UsersConfiguration = {
  allowAnonymous: true,
  allowFirstUse: true,
  administrators: [],
  issuers: [],
  quota,
  anonymousQuota: { ...quota, storedBytes: 0, storedEntries: 0 },
  maxUsers: 100_000,
};

/** The defaults with what the file says. */
export function usersOf(file: z.infer<typeof usersFileSchema> | undefined): UsersConfiguration {
  const given = Object.fromEntries(Object.entries(file ?? {}).filter(([, value]) => value !== undefined));
  return { ...defaultUsers, ...given };
}
