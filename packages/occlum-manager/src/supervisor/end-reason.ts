import * as z from 'zod';

/** What of an ExitReport says how a program ended. */
const exitReport = z.object({
  kind: z.enum(['exited', 'killed', 'failed']),
  code: z.number().nullable(),
  signal: z.string().nullable(),
  diagnosis: z.object({ meaning: z.string(), restartable: z.boolean() }).nullable(),
});

/** A reason in words, bounded: an error, a string, an ExitReport, or anything else as JSON. */
export function describe(reason: unknown): string {
  const report = exitReport.safeParse(reason);
  if (report.success) return describeExit(report.data);
  const text = reason instanceof Error ? reason.message : typeof reason === 'string' ? reason : JSON.stringify(reason);
  return (text ?? 'it ended').slice(0, 500);
}

/** Whether an end is an ExitReport of an enclave that was lost through no fault of its own, as by a suspend (0x4). */
export function isBlameless(ended: unknown): boolean {
  return exitReport.safeParse(ended).data?.diagnosis?.restartable === true;
}

function describeExit({ kind, code, signal, diagnosis }: z.infer<typeof exitReport>): string {
  const end = { exited: `it exited with ${code}`, killed: `${signal} ended it`, failed: 'it could not be started' }[
    kind
  ];
  return diagnosis === null ? end : `${end}: ${diagnosis.meaning}`;
}
