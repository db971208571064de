import type { KeyringInfo } from '@neo-service-layer/tee-interface';

const origins: Record<KeyringInfo['origin'], string> = {
  opened: 'opened from what the host keeps',
  created: 'made at this start: the host had none',
  granted: 'handed over by another enclave',
  recovered: 'recovered by holders of recovery keys',
  none: 'none: what the host keeps cannot be opened',
};

/** A keyring for people, as lines of a table. */
export function keyringLines(info: KeyringInfo): [what: string, value: string][] {
  const { id, origin, kept, policy, generation, generations, epoch, rewrapped, resealNeeded, freshness, refusal } =
    info;
  if (id === null || policy === null) {
    return [
      ['keyring', origins[origin]],
      ['because', refusal === null ? 'unknown' : `${refusal.code}: ${refusal.message}`],
      ['what now', 'mend the cause; or keyring grant, keyring recover; or keyring renew: without the old data'],
    ];
  }
  const who =
    policy.kind === 'grant'
      ? `this image, and those that ${policy.threshold} of ${policy.approvers.length} approvers sign for`
      : { enclave: 'this image on this CPU, for ever', signer: 'every enclave of the same signer on this CPU' }[
          policy.kind
        ];
  return [
    ['keyring', id],
    ['where from', origins[origin]],
    ['who may use it', who],
    ['generation', `${generation} seals; ${generations.length} in all`],
    [
      'kept by the host',
      kept ? `yes; times saved: ${epoch}` : 'NO: it is lost with this start, and so is what it seals',
    ],
    ...(rewrapped ? [['wrapped again', 'yes: it was wrapped at an older security version'] as [string, string]] : []),
    ...(resealNeeded
      ? [['wrapped again', 'NO: the host did not take it; restart to try again'] as [string, string]]
      : []),
    ['freshness', freshness === 'none' ? 'none: the host could give an older copy of it' : freshness],
    ...policy.approvers.map((key): [string, string] => ['approver', key]),
  ];
}
