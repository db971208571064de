import type { StoredValue } from '@neo-service-layer/sealing';
import type { DataEntry, JsonValue, SecretEntry } from '@neo-service-layer/tee-interface';
import { type Gate, notFound } from './gate.ts';
import type { SignedInUser } from './signed-in-user.ts';

/** Keeps a secret of the user. @throws {TeeError} ERR_QUOTA */
export async function setSecret(
  gate: Gate,
  user: SignedInUser,
  { name, value }: { name: string; value: JsonValue },
): Promise<SecretEntry> {
  const bytes = new Uint8Array(Buffer.from(JSON.stringify(value)));
  const version = await gate.account(user.publicKey).put('secret', name, bytes, { quota: gate.quotaOf(user) });
  return { name, bytes: bytes.length, version };
}

/** The user's secrets, without their values. */
export async function listSecrets(gate: Gate, user: SignedInUser): Promise<SecretEntry[]> {
  const entries = await gate.account(user.publicKey).list('secret');
  return entries.map(({ name, value, version }) => ({ name, bytes: value.length, version }));
}

/** Keeps bytes of the user. @throws {TeeError} ERR_QUOTA, ERR_SEAL_CONFLICT */
export async function putData(
  gate: Gate,
  user: SignedInUser,
  { name, value, ifVersion }: { name: string; value: Uint8Array; ifVersion?: number | null | undefined },
): Promise<{ version: number }> {
  const options = { quota: gate.quotaOf(user), ifVersion };
  return { version: await gate.account(user.publicKey).put('data', name, value, options) };
}

/** Bytes of the user. @throws {TeeError} ERR_NOT_FOUND */
export async function getData(
  gate: Gate,
  user: SignedInUser,
  name: string,
): Promise<DataEntry & { value: Uint8Array }> {
  const found = await gate.account(user.publicKey).get('data', name);
  if (found === null) throw notFound();
  return { ...entryOf({ ...found, name }), value: found.value };
}

/** The user's entries whose names begin so. */
export async function listData(gate: Gate, user: SignedInUser, prefix = ''): Promise<DataEntry[]> {
  return (await gate.account(user.publicKey).list('data', prefix)).map(entryOf);
}

function entryOf({ name, value, version, freshness }: StoredValue): DataEntry {
  return { name, bytes: value.length, version, freshness };
}
