import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  type Cbor,
  decodeCbor,
  encodeCbor,
  hpkeExport,
  isSignedBy,
  openRequest,
  openResponse,
  resumptionSecret,
  sessionBinding,
  sha,
} from './vectors/independent-reader.ts';
import { makeVectors } from './vectors/make-vectors.ts';

const file = new URL('./vectors/tee-channel-1.json', import.meta.url);
const bytes = (hex: string) => Buffer.from(hex, 'hex');
const list = (value: Cbor): Cbor[] => {
  if (!Array.isArray(value)) throw new Error('expected an array');
  return value;
};
const buffer = (value: Cbor | undefined): Buffer => {
  if (!Buffer.isBuffer(value)) throw new Error('expected bytes');
  return value;
};

describe('the test vectors', () => {
  it('are what this package makes from the same keys and nonces', async () => {
    await expect(`${JSON.stringify(await makeVectors(), null, 2)}\n`).toMatchFileSnapshot(file.pathname);
  });

  const { claims, sessions } = JSON.parse(readFileSync(file, 'utf8')) as Awaited<ReturnType<typeof makeVectors>>;

  it('hold claims that a reader of the document finds the quote committed to', () => {
    const [label, identityKey] = list(decodeCbor(bytes(claims.bytes)));
    expect(label).toBe('tee-channel/1 evidence');
    expect(buffer(identityKey).toString('hex')).toBe(claims.identityKey);
    expect(sha('sha512', bytes(claims.bytes)).toString('hex')).toBe(claims.reportData);
  });

  it.each(sessions.map((session) => [session.resumption === null ? 'new' : 'resumed', session] as const))(
    'hold a %s session that a reader of the document can open, from either end',
    (_kind, session) => {
      const [hello, welcome] = [bytes(session.hello), bytes(session.welcome)];
      const [, suite, kemKey, sessionId, lifetime, resumed, signature] = list(decodeCbor(welcome));
      const signed = encodeCbor([
        'tee-channel/1 welcome',
        sha('sha256', hello),
        suite ?? 0,
        kemKey ?? 0,
        sessionId ?? 0,
        lifetime ?? 0,
        resumed ?? 0,
      ]);
      expect(isSignedBy(bytes(claims.identityKey), signed, buffer(signature))).toBe(true);
      expect(resumed).toBe(session.resumption !== null);
      const [recipient, enc, id] = [buffer(kemKey), bytes(session.enc), buffer(sessionId)];
      const info = encodeCbor(['tee-channel/1 session', sha('sha256', hello), sha('sha256', welcome)]);
      expect(info.toString('hex')).toBe(session.info);
      const { resumption } = session;
      const ticket = buffer(list(decodeCbor(hello))[6]);
      const psk = resumption === null ? null : { secret: bytes(resumption.secret), id: sha('sha256', ticket) };
      const common = { enc, recipient, info, psk };
      const x = hpkeExport({ own: bytes(session.ephemeralPrivateKey), other: recipient, ...common });
      expect(hpkeExport({ own: bytes(session.kemPrivateKey), other: enc, ...common }).equals(x)).toBe(true);
      expect(sessionBinding(x, id).toString('hex')).toBe(session.binding);
      for (const { sequence, request, responses } of session.exchanges) {
        const [type, requestId, requestSequence, requestEnc, sealed] = list(decodeCbor(bytes(request.message)));
        expect([type, buffer(requestId), requestSequence, buffer(requestEnc)]).toEqual(['request', id, sequence, enc]);
        expect(openRequest(x, id, sequence, buffer(sealed)).toString('hex')).toBe(request.frame);
        for (const { frame, message } of responses) {
          const [kind, nonce, body] = list(decodeCbor(bytes(message)));
          expect(kind).toBe('response');
          const opened = openResponse(x, enc, id, sequence, [buffer(nonce), buffer(body)]);
          expect(opened.toString('hex')).toBe(frame);
        }
      }
    },
  );

  it('hold a ticket secret that a reader of the document derives from the session that asked for it', () => {
    const [first, second] = sessions;
    if (!first || !second?.resumption) throw new Error('expected two sessions');
    const recipient = buffer(list(decodeCbor(bytes(first.welcome)))[2]);
    const [enc, info] = [bytes(first.enc), bytes(first.info)];
    const x = hpkeExport({ own: bytes(first.ephemeralPrivateKey), other: recipient, enc, recipient, info, psk: null });
    const secret = resumptionSecret(x, bytes(first.sessionId), second.resumption.sequence);
    expect(secret.toString('hex')).toBe(second.resumption.secret);
    expect(list(decodeCbor(bytes(second.hello)))[6]).toEqual(bytes(second.resumption.ticket));
  });
});
