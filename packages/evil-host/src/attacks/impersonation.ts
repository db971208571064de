import {
  ChannelResponder,
  EnclaveIdentity,
  encodeChannelClaims,
  parseChannelClaims,
  protocolVersion,
  suites,
} from '@neo-service-layer/tee-channel';
import type { EvidenceBundle } from '@neo-service-layer/tee-interface';
import { type Attack, type AttackTarget, Attempts } from '../attack.ts';
import { evilTransport, type Misbehaviour } from '../evil-transport.ts';
import { divert, forgeEvidence, reflect, substitute } from '../misbehaviours/pretend.ts';
import { always, requests } from '../when.ts';

async function tryThrough(target: AttackTarget, what: string, ...misbehaviours: Misbehaviour[]) {
  const attempts = new Attempts();
  await attempts.attempt(async () => {
    const connection = await target.connect(evilTransport(target.transport, ...misbehaviours));
    await connection.call('for the enclave only');
    return what;
  });
  return attempts.result;
}

/** A program of the host's that speaks the protocol, with a key of its own, and reads what it is sent. */
async function hostsOwnEnd() {
  const identity = await EnclaveIdentity.generate();
  const responder = new ChannelResponder({
    identity,
    now: () => Date.now() / 1000,
    handle: async (payload) => payload,
  });
  const claims = encodeChannelClaims({
    identityKey: identity.publicKey,
    suites: [suites.x25519Aes256Gcm],
    minVersion: protocolVersion,
    configHash: new Uint8Array(32),
    bootId: new Uint8Array(16),
    notAfter: 4_000_000_000,
    nonce: new Uint8Array(),
  });
  return { claims, exchange: (message: Uint8Array) => responder.receive(message) };
}

/** The evidence with its claims changed; what a quote commits to stays what it was. */
function withClaims(genuine: EvidenceBundle, changes: Partial<ReturnType<typeof parseChannelClaims>>): EvidenceBundle {
  return { ...genuine, claims: encodeChannelClaims({ ...parseChannelClaims(genuine.claims), ...changes }) };
}

/** Puts something else in the enclave's place. */
export const impersonationAttacks: readonly Attack[] = [
  {
    name: "answers in the enclave's place, under its evidence",
    stoppedBy: ['ERR_CHANNEL_AUTH'],
    run: async (target) => tryThrough(target, 'the call', substitute(await hostsOwnEnd(), always)),
  },
  {
    name: 'puts claims of its own beside the genuine quote, and answers by them',
    stoppedBy: ['ERR_EVIDENCE_BINDING'],
    run: async (target) => {
      const own = await hostsOwnEnd();
      const forged = forgeEvidence((genuine) => ({ ...genuine, claims: own.claims }));
      return tryThrough(target, 'the call', substitute(own, always), forged);
    },
  },
  {
    name: 'talks the versions and suites down in the claims',
    stoppedBy: ['ERR_EVIDENCE_BINDING', 'ERR_CHANNEL_VERSION'],
    run: async (target) => {
      const attempts = new Attempts();
      for (const changes of [{ minVersion: 0 }, { suites: [1, 0] }, { notAfter: 4_294_967_295 }]) {
        const forged = forgeEvidence((genuine) => withClaims(genuine, changes));
        await attempts.attempt(async () => {
          await target.connect(evilTransport(target.transport, forged));
          return `a session under changed ${Object.keys(changes).join()}`;
        });
      }
      return attempts.result;
    },
  },
  {
    name: "sends the client's own bytes back as the answer",
    stoppedBy: ['ERR_CHANNEL_AUTH'],
    run: (target) => tryThrough(target, 'a reflected answer', reflect(requests())),
  },
];

/** Leads to an enclave that the policy refuses. Only where the target names one. */
export const diversionAttacks: readonly Attack[] = [
  {
    name: 'leads the client to another enclave, with its evidence',
    stoppedBy: ['ERR_EVIDENCE_REJECTED'],
    run: async (target) => tryThrough(target, "the call, in a stranger's enclave", divert(strangerOf(target))),
  },
  {
    name: "has another enclave answer under this enclave's evidence",
    stoppedBy: ['ERR_CHANNEL_AUTH'],
    run: async (target) =>
      tryThrough(target, "the call, in a stranger's enclave", substitute(strangerOf(target), always)),
  },
];

function strangerOf({ stranger }: AttackTarget) {
  if (stranger === undefined) throw new TypeError('the target names no stranger');
  return stranger;
}
