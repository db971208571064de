import { type TcbStatus, TeeError } from '@neo-service-layer/tee-interface';

/** A key pair (PKCS #8 PEM) with its certificate (DER, base64). */
export interface CertifiedKey {
  privateKey: string;
  certificate: string;
}

/** Everything that makes one simulated machine, as its state file holds it. Byte strings are lower-case hex. */
export interface PlatformState {
  format: typeof stateFormat;
  fuseKey: string;
  ownerEpoch: string;
  ppid: string;
  platformInstanceId: string;
  cpuSvn: string;
  pceSvn: number;
  qeIsvSvn: number;
  /** The QE's attestation key, PKCS #8 PEM. */
  attestationKey: string;
  qeAuthenticationData: string;
  root: CertifiedKey;
  platformCa: CertifiedKey;
  pck: CertifiedKey;
  tcbSigning: CertifiedKey;
  /** What the simulated Intel publishes: status and advisories of the level that matches this machine. */
  tcbStatus: TcbStatus;
  advisoryIds: string[];
  qeTcbStatus: TcbStatus;
  pckRevoked: boolean;
  platformCaRevoked: boolean;
  tcbEvaluationDataNumber: number;
  /** TCB date of the level that matches this machine, ISO 8601; absent: the day on which the collateral is issued. */
  tcbDate?: string;
}

/** First field of every state file. */
export const stateFormat = 'simulated-sgx-platform/1';

/** Reads a state file. @throws {TeeError} ERR_SIMULATOR_STATE unless every field has its type. */
export function parseState(text: string): PlatformState {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw damaged('it is not JSON', cause);
  }
  if (!isRecord(value) || value['format'] !== stateFormat) throw damaged(`its format is not ${stateFormat}`);
  for (const [name, check] of Object.entries(checks)) {
    if (!check(value[name])) throw damaged(`its field ${name} is missing or of the wrong kind`);
  }
  return value as Record<string, unknown> & PlatformState;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const hex = (length: number) => (value: unknown) =>
  typeof value === 'string' && value.length === 2 * length && /^[0-9a-f]*$/.test(value);
const text = (value: unknown) => typeof value === 'string' && value.length > 0;
const svn = (value: unknown) => Number.isInteger(value) && Number(value) >= 0 && Number(value) <= 0xffff;
const flag = (value: unknown) => typeof value === 'boolean';
const certified = (value: unknown) => isRecord(value) && text(value['privateKey']) && text(value['certificate']);
const texts = (value: unknown) => Array.isArray(value) && value.every(text);

const checks: Record<Exclude<keyof PlatformState, 'format'>, (value: unknown) => boolean> = {
  tcbDate: (value) => value === undefined || (typeof value === 'string' && !Number.isNaN(Date.parse(value))),
  fuseKey: hex(16),
  ownerEpoch: hex(16),
  ppid: hex(16),
  platformInstanceId: hex(16),
  cpuSvn: hex(16),
  pceSvn: svn,
  qeIsvSvn: svn,
  attestationKey: text,
  qeAuthenticationData: hex(32),
  root: certified,
  platformCa: certified,
  pck: certified,
  tcbSigning: certified,
  tcbStatus: text,
  advisoryIds: texts,
  qeTcbStatus: text,
  pckRevoked: flag,
  platformCaRevoked: flag,
  tcbEvaluationDataNumber: svn,
};

function damaged(why: string, cause?: unknown): TeeError {
  return new TeeError('ERR_SIMULATOR_STATE', `The state file of the simulated platform cannot be used: ${why}.`, {
    hint: 'Remove the folder to get a new machine. What was sealed on the old one is then lost, as with a dead CPU.',
    cause,
  });
}
