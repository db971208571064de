export type { Attack, AttackResult, AttackTarget, Connection } from './attack.ts';
export { attackSuite, type PreparedAttack } from './attack-suite.ts';
export { type BlobSnapshot, EvilBlobStore } from './evil-blob-store.ts';
export { type Carry, type Crossing, evilTransport, type Misbehaviour } from './evil-transport.ts';
export { change, type Direction, drop, flipBit, truncate } from './misbehaviours/change.ts';
export { delay, duplicate, reverse, swapAnswers } from './misbehaviours/order.ts';
export { answerWith, divert, forgeEvidence, reflect, substitute } from './misbehaviours/pretend.ts';
export { Recording } from './recording.ts';
export { always, hellos, kindOf, requests, type When } from './when.ts';
