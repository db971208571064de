import { verifyEvidence } from '@neo-service-layer/attestation';
import { HttpTransport, verifyEnclave } from '@neo-service-layer/tee-client';
import { type EvidenceBundle, isTeeError, type Verdict } from '@neo-service-layer/tee-interface';
import { computed, signal } from '@preact/signals';
import { hostUrl } from './host.ts';
import { kept, policy, refreshSuggestion } from './policy.ts';

/** What this browser knows of the enclave. */
export type Trust =
  | { state: 'asking' }
  /** No evidence: no host, no enclave, or no policy to judge by. */
  | { state: 'unknown'; why: string }
  | { state: 'judged'; verdict: Verdict; ok: boolean; refusal: { code: string; message: string } | null; at: Date };

/** The last judgement. */
export const trust = signal<Trust>({ state: 'asking' });

/** Whether something may be sent: the enclave proved what the policy demands, by this browser's own reckoning. */
export const isTrusted = computed(() => trust.value.state === 'judged' && trust.value.ok);

/** Whether what is there is a simulation: as proved, or before that as the policy allows. */
export const isSimulation = computed(() => {
  if (trust.value.state === 'judged' && trust.value.verdict.mode !== null)
    return trust.value.verdict.mode === 'simulation';
  return policy.value.policy?.allowSimulation === true;
});

/** Root certificates that are trusted instead of Intel's; undefined: Intel's. */
export function anchors(): Uint8Array[] | undefined {
  const roots = kept.value?.roots ?? [];
  return roots.length === 0 ? undefined : roots.map((root) => new TextEncoder().encode(root));
}

/** Fetches the evidence and judges it, here. */
export async function judge(): Promise<void> {
  await refreshSuggestion();
  const chosen = policy.value;
  if (chosen.policy === null) {
    trust.value = { state: 'unknown', why: `There is nothing to judge by. ${chosen.error}` };
    return;
  }
  const bundle = await new HttpTransport(hostUrl.value).evidence().catch((error: unknown) => error);
  if (bundle instanceof Error) {
    const isMalformed = isTeeError(bundle) && bundle.code !== 'ERR_TRANSPORT';
    const why = isMalformed
      ? `The host shows something that is no evidence (${bundle.code}).`
      : 'No enclave answers through this host.';
    trust.value = { state: 'unknown', why };
    return;
  }
  trust.value = await judged(bundle as EvidenceBundle, chosen.policy);
}

async function judged(bundle: EvidenceBundle, chosen: NonNullable<typeof policy.value.policy>): Promise<Trust> {
  const now = Date.now() / 1000;
  const trustAnchors = anchors();
  const options = { now, ...(trustAnchors === undefined ? {} : { trustAnchors }) };
  const verdict = await verifyEvidence(bundle, chosen, options);
  try {
    // Beyond the verdict: that the quote is for the claims that came with it, the key of the channel among them.
    await verifyEnclave(bundle, { policy: chosen, ...options });
    return { state: 'judged', verdict, ok: true, refusal: null, at: new Date() };
  } catch (error) {
    if (!isTeeError(error)) throw error;
    return {
      state: 'judged',
      verdict,
      ok: false,
      refusal: { code: verdict.error?.code ?? error.code, message: error.message },
      at: new Date(),
    };
  }
}
