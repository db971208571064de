/** Makes a run of tee-channel/1 from fixed keys and nonces, with this package's own code. */
import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto';
import { channelCrypto } from '../../src/crypto/node.ts';
import { frameFields, type ReplyFrame, type RequestFrame } from '../../src/frames.ts';
import { channelReportData, encodeChannelClaims, encodeMessage } from '../../src/index.ts';
import { welcomeSigningInput } from '../../src/messages.ts';
import { type PreSharedKey, receiveSessionKeys, sessionInfo } from '../../src/session/handshake.ts';
import { strictLayout } from '../../src/session/layout.ts';
import type { SessionKeys } from '../../src/session/session-keys.ts';
import { classicSuite } from '../../src/suites.ts';
import { encodeFields } from '../../src/wire.ts';

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
/** 32 bytes that stand for randomness: SHA-256 of their name. */
const fixed = (name: string) => new Uint8Array(createHash('sha256').update(`tee-channel/1 vectors: ${name}`).digest());
const utf8 = (text: string) => new TextEncoder().encode(text);
const rawPublic = (key: KeyObject) =>
  new Uint8Array(createPublicKey(key).export({ type: 'spki', format: 'der' })).slice(-32);
const privateKey = (prefix: string, raw: Uint8Array) =>
  createPrivateKey({ key: Buffer.concat([Buffer.from(prefix, 'hex'), raw]), format: 'der', type: 'pkcs8' });

const identity = privateKey('302e020100300506032b657004220420', fixed('identity'));

/** The vectors, as they stand in tee-channel-1.json. All byte strings are hex. */
export async function makeVectors() {
  const claims = {
    identityKey: rawPublic(identity),
    suites: [1],
    minVersion: 1,
    configHash: fixed('configuration'),
    bootId: fixed('boot').slice(0, 16),
    notAfter: 1_800_000_000,
    nonce: new Uint8Array(),
  };
  const claimsBytes = encodeChannelClaims(claims);
  const first = await session('first', null);
  const ticket = utf8('a ticket is opaque to everyone but the enclave that issued it');
  const secret = await first.keys.resumptionSecret(4);
  const second = await session('second', { ticket, secret });
  return {
    claims: {
      identitySeed: hex(fixed('identity')),
      identityKey: hex(claims.identityKey),
      bytes: hex(claimsBytes),
      reportData: hex(await channelReportData(claimsBytes)),
    },
    sessions: [
      {
        ...first.transcript,
        binding: hex(await first.keys.binding()),
        resumption: null,
        exchanges: [
          await exchange(first.keys, first.transcript, 0, { type: 'call', payload: utf8('hello') }, [
            { type: 'answer', payload: utf8('hello, hello') },
          ]),
          await exchange(first.keys, first.transcript, 1, { type: 'open', head: utf8('head'), hasBody: true }, [
            { type: 'opened', window: 8 },
          ]),
          await exchange(
            first.keys,
            first.transcript,
            2,
            { type: 'data', stream: 1, index: 0, final: true, bytes: utf8('a body of one piece') },
            [{ type: 'credit', limit: 9 }],
          ),
          await exchange(first.keys, first.transcript, 3, { type: 'pull', stream: 1, index: 0 }, [
            { type: 'chunk', index: 0, final: false, bytes: new Uint8Array(300).fill(0x61) },
            { type: 'failed', code: 'ERR_JS_GAS' },
            { type: 'later' },
          ]),
          await exchange(first.keys, first.transcript, 4, { type: 'ticket' }, [
            { type: 'ticket', ticket, lifetime: 3600 },
          ]),
          await exchange(first.keys, first.transcript, 4_294_967_295, { type: 'cancel', call: 1 }, [{ type: 'done' }]),
          await exchange(first.keys, first.transcript, 700, { type: 'wait', stream: 1, index: 70_000 }, [
            { type: 'credit', limit: 70_001 },
          ]),
        ],
      },
      {
        ...second.transcript,
        binding: hex(await second.keys.binding()),
        resumption: { sequence: 4, ticket: hex(ticket), secret: hex(secret) },
        exchanges: [
          await exchange(second.keys, second.transcript, 0, { type: 'call', payload: new Uint8Array(600).fill(0x62) }, [
            { type: 'answer', payload: new Uint8Array() },
          ]),
        ],
      },
    ],
  };
}

async function session(name: string, psk: PreSharedKey | null) {
  const { hpke } = channelCrypto;
  const kemPrivate = fixed(`${name} KEM key`);
  const kemKeys = {
    privateKey: await hpke.DeserializePrivateKey(kemPrivate, true),
    publicKey: await hpke.DeserializePublicKey(rawPublic(privateKey('302e020100300506032b656e04220420', kemPrivate))),
  };
  const ephemeral = fixed(`${name} ephemeral key`);
  const enc = rawPublic(privateKey('302e020100300506032b656e04220420', ephemeral));
  const hello = encodeMessage({
    type: 'hello',
    version: 1,
    suites: [1],
    nonce: fixed(`${name} hello`),
    audience: 'payments.example',
    evidenceDigest: fixed('evidence'),
    ticket: psk?.ticket ?? new Uint8Array(),
  });
  const offer = {
    suite: 1,
    kemKey: await hpke.SerializePublicKey(kemKeys.publicKey),
    sessionId: fixed(`${name} session`).slice(0, 16),
    lifetime: 3600,
    resumed: psk !== null,
  };
  const signature = new Uint8Array(sign(null, welcomeSigningInput(await channelCrypto.sha256(hello), offer), identity));
  const welcome = encodeMessage({ type: 'welcome', ...offer, signature });
  const names = {
    suite: classicSuite,
    sessionId: offer.sessionId,
    info: await sessionInfo(hello, welcome),
    layout: strictLayout,
    psk,
  };
  const keys = await receiveSessionKeys(names, kemKeys, enc);
  const transcript = {
    hello: hex(hello),
    welcome: hex(welcome),
    kemPrivateKey: hex(kemPrivate),
    ephemeralPrivateKey: hex(ephemeral),
    enc: hex(enc),
    sessionId: hex(offer.sessionId),
    info: hex(names.info),
  };
  return { keys, transcript };
}

async function exchange(
  keys: SessionKeys,
  transcript: { enc: string; sessionId: string },
  sequence: number,
  request: RequestFrame,
  replies: ReplyFrame[],
) {
  const bytes = (text: string) => new Uint8Array(Buffer.from(text, 'hex'));
  const sealed = await keys.sealRequest(sequence, frameFields(request));
  const [sessionId, enc] = [bytes(transcript.sessionId), bytes(transcript.enc)];
  const responses = [];
  for (const [index, reply] of replies.entries()) {
    const nonce = fixed(`response ${transcript.sessionId} ${sequence} ${index}`);
    const message = {
      type: 'response',
      nonce,
      sealed: await keys.sealResponse(sequence, nonce, frameFields(reply)),
    } as const;
    responses.push({ frame: hex(encodeFields(frameFields(reply))), message: hex(encodeMessage(message)) });
  }
  return {
    sequence,
    request: {
      frame: hex(encodeFields(frameFields(request))),
      message: hex(encodeMessage({ type: 'request', sessionId, sequence, enc, sealed })),
    },
    responses,
  };
}
