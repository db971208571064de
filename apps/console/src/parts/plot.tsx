import { kept } from '../state/metrics.ts';

const width = 600;
const height = 120;

/** A figure over time, with its last value in words; nothing is drawn where nothing is known. */
export function Plot({ title, unit, values }: { title: string; unit: string; values: readonly (number | null)[] }) {
  const known = values.filter((value) => value !== null);
  const last = values.at(-1) ?? null;
  const top = Math.max(1, ...known);
  const words = last === null ? '–' : `${last.toLocaleString('en', { maximumFractionDigits: 1 })} ${unit}`;
  return (
    <figure class="plot">
      <figcaption>
        {title} <strong>{words}</strong>
      </figcaption>
      <svg
        viewBox={`0 0 ${width} ${height}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`${title}: ${words}, at most ${top.toFixed(1)} ${unit} in the last ${kept} seconds`}
      >
        <path d={line(values, top)} />
      </svg>
    </figure>
  );
}

function line(values: readonly (number | null)[], top: number): string {
  let isDrawing = false;
  return values
    .map((value, index) => {
      if (value === null) {
        isDrawing = false;
        return '';
      }
      const x = width - ((values.length - 1 - index) * width) / (kept - 1);
      const y = height - 2 - (value / top) * (height - 4);
      const step = `${isDrawing ? 'L' : 'M'}${x.toFixed(1)} ${y.toFixed(1)}`;
      isDrawing = true;
      return step;
    })
    .join('');
}
