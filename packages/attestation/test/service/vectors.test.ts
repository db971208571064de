import { thrownBy } from '@neo-service-layer/testing';
import { describe, expect, it } from 'vitest';
import { appraise, verifyQuote } from '../../src/index.ts';
import { collateralOf, readAllCases, readCase, readVector, vectorsFolder } from '../helpers/vectors.ts';
import { testClient } from './support/clients.ts';
import { startCollateralServer } from './support/collateral-server.ts';

const anyEnclave = { anyEnclave: true, allowDebug: true } as const;

describe.skipIf(!vectorsFolder)('real collateral that a service hands out', () => {
  for (const vector of readAllCases()) {
    const { validAt: now, trustAnchors } = vector;
    // Of each case with all that a service has; quotes without a PCK chain need it beside them.
    if (!vector.expectedIntelQvl || now === null || !vector.hasBothCrls) continue;
    const { pckCrlIssuerChain, pckCertificateChain } = collateralOf(vector);
    if (!pckCrlIssuerChain && !pckCertificateChain) continue;
    // Its TCB info has SVNs that are no bytes, so it is never handed out.
    if (vector.id === 'intel-qvl/tdx_v4_synthetic_broken') continue;
    it(`makes the verdict on ${vector.id} that it makes as files`, async () => {
      const collateral = collateralOf(vector);
      const chain = pckCrlIssuerChain ?? pckCertificateChain;
      await using server = await startCollateralServer({ ...collateral, pckCrlIssuerChain: chain });
      const { service } = testClient(server, { trustAnchors, clock: { now } });
      const served = await service.collateralFor(vector.quote, { pckCertificateChain });
      expect(served.origin).toBe('service');
      const expected = appraise(await verifyQuote(vector.quote, collateral, { now, trustAnchors }), anyEnclave);
      const cold = await verifyQuote(vector.quote, served.collateral, { now, trustAnchors });
      expect(appraise(cold, anyEnclave)).toEqual(expected);
      expect(appraise(await verifyQuote(vector.quote, served.prepared, { now }), anyEnclave)).toEqual(expected);
    });
  }

  it('is refused where its TCB info is malformed', async () => {
    const { collateral, quote, trustAnchors, validAt } = readCase('intel-qvl/tdx_v4_synthetic_broken');
    if (!collateral) throw new Error('the case has no collateral');
    const { pckCertificateChain } = collateral;
    await using server = await startCollateralServer({ ...collateral, pckCrlIssuerChain: pckCertificateChain });
    const { service } = testClient(server, { trustAnchors, clock: { now: validAt ?? 0 } });
    const details = { check: 'tcbInfo.format', code: 'ERR_TCB_INFO_FORMAT' };
    expect(await thrownBy(() => service.collateralFor(quote))).toMatchObject({
      code: 'ERR_COLLATERAL_MALFORMED',
      details,
    });
  });

  const files = { sgx: 'tcb_eval_numbers_sgx_2025-06.json', tdx: 'tcb_eval_numbers_tdx_2025-10.json' } as const;
  for (const tee of ['sgx', 'tdx'] as const) {
    it(`includes the numbers of TCB recoveries for ${tee}, newest first`, async () => {
      const body = readVector(`collateral/${files[tee]}`);
      const issued = /"issueDate":"([^"]+)"/.exec(new TextDecoder().decode(body))?.[1] ?? '';
      const clock = { now: Date.parse(issued) / 1000 + 60 };
      // Signed with the TCB signing certificate of 2025, which this case carries.
      const collateral = collateralOf(readCase('phala/sgx_cfg_swh'));
      const issuerChain = collateral.tcbInfoIssuerChain;
      await using server = await startCollateralServer(collateral);
      server.numbers = { body, issuerChain };
      const found = await testClient(server, { clock }).service.evaluationDataNumbers(tee);
      expect(found.tee).toBe(tee);
      const numbers = found.numbers.map(({ tcbEvaluationDataNumber }) => tcbEvaluationDataNumber);
      expect(numbers).toContain(19);
      expect(numbers).toEqual(numbers.toSorted((a, b) => b - a));
      expect(server.requests).toEqual([`/${tee}/certification/v4/tcbevaluationdatanumbers`]);
      const other = tee === 'sgx' ? 'tdx' : 'sgx';
      const ask = (which: 'sgx' | 'tdx', at = clock) =>
        thrownBy(() => testClient(server, { clock: at }).service.evaluationDataNumbers(which));
      expect(await ask(other)).toMatchObject({ code: 'ERR_COLLATERAL_MALFORMED' });
      expect(await ask(tee, { now: clock.now + 40 * 86_400 })).toMatchObject({ code: 'ERR_COLLATERAL_EXPIRED' });
      server.numbers = {
        body: new TextEncoder().encode(new TextDecoder().decode(body).replace('"version":1', '"version": 1')),
        issuerChain,
      };
      expect(await ask(tee)).toMatchObject({ code: 'ERR_COLLATERAL_MALFORMED' });
      server.numbers = null;
      expect(await ask(tee)).toMatchObject({ code: 'ERR_COLLATERAL_REFUSED' });
    });
  }
});
