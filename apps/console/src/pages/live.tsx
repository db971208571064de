import { useEffect } from 'preact/hooks';
import { Plot } from '../parts/plot.tsx';
import { failure, kept, samples, watch } from '../state/metrics.ts';
import type { Sample } from '../state/metrics-text.ts';

const mebibytes = (bytes: number) => bytes / 2 ** 20;

const figures: readonly { title: string; unit: string; of: (sample: Sample) => number | null }[] = [
  { title: 'Messages to the enclave', unit: 'per second', of: ({ callsPerSecond }) => callsPerSecond },
  { title: 'Half answered within', unit: 'ms', of: ({ p50 }) => p50 },
  { title: '99 of 100 answered within', unit: 'ms', of: ({ p99 }) => p99 },
  { title: 'Memory of the host', unit: 'MiB', of: ({ hostMemory }) => mebibytes(hostMemory) },
  { title: 'Memory of the enclaves', unit: 'MiB', of: ({ enclaveMemory }) => mebibytes(enclaveMemory) },
  { title: 'Enclaves lost', unit: 'since the host started', of: ({ losses }) => losses },
];

/** What the host counts, over the last two minutes. Its own word: nothing of it is proved. */
export function Live() {
  useEffect(watch, []);
  const last = samples.value.at(-1);
  return (
    <>
      <h1>Live</h1>
      <p class="lead">
        Figures of the host over the last {kept} seconds. They are the host’s own word; no enclave proves them.
        Latencies are upper bounds of the histogram’s steps.
      </p>
      <p role="status" class={failure.value === null ? 'quiet' : 'bad'}>
        {failure.value ??
          (last === undefined
            ? 'Waiting for the first figures…'
            : last.isReady
              ? 'An enclave serves.'
              : 'No enclave serves now.')}
      </p>
      <div class="plots">
        {figures.map(({ title, unit, of }) => (
          <Plot key={title} title={title} unit={unit} values={samples.value.map(of)} />
        ))}
      </div>
    </>
  );
}
