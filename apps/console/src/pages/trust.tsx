import { Chain } from '../parts/chain.tsx';
import { Checks } from '../parts/checks.tsx';
import { kept } from '../state/policy.ts';
import { judge, trust } from '../state/trust.ts';

/** What the enclave proves, judged in this browser. */
export function Trust() {
  return (
    <>
      <h1>Trust</h1>
      <p class="lead">
        This browser fetched the enclave’s evidence, verified every signature in it, and judged it by the{' '}
        <a href="#/policy">policy</a> that it keeps. Nobody else’s word was taken.
      </p>
      <Judgement />
      <p>
        <button type="button" onClick={() => void judge()}>
          Verify again
        </button>
      </p>
      <Details />
    </>
  );
}

function Judgement() {
  const now = trust.value;
  if (now.state === 'asking') return <p class="verdict wait">Verifying…</p>;
  if (now.state === 'unknown') {
    return (
      <div class="verdict wait" role="alert">
        <strong>Nothing verified.</strong> {now.why} Nothing will be sent.
      </div>
    );
  }
  if (!now.ok) {
    return (
      <div class="verdict bad" role="alert">
        <strong>Refused.</strong> {now.refusal?.message} <code>{now.refusal?.code}</code> Nothing will be sent.
      </div>
    );
  }
  return (
    <div class="verdict good">
      <strong>Verified</strong> at {now.at.toLocaleTimeString()}.{' '}
      {kept.value?.from === 'host'
        ? 'But the policy came from the host at your first visit: it shows that the enclave is still the same one, not that it is the right one. Put the policy of somebody you trust in its place.'
        : 'The policy is your own.'}
    </div>
  );
}

function Details() {
  const now = trust.value;
  if (now.state !== 'judged') return <div class="placeholder" aria-hidden="true" />;
  const failed = now.verdict.checks.filter(({ ok }) => !ok);
  return (
    <>
      <h2>From the root to the key</h2>
      <Chain verdict={now.verdict} isBound={now.ok} />
      <h2>
        Checks{' '}
        <small>
          {now.verdict.checks.length - failed.length} of {now.verdict.checks.length} held
        </small>
      </h2>
      <Checks checks={[...failed, ...now.verdict.checks.filter(({ ok }) => ok)]} />
    </>
  );
}
