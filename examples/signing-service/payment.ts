/** A payment; numbers are given once, so a receiver can tell a repeated one. */
export interface Payment {
  to: string;
  amount: number;
  number: number;
}

/** The text that is signed for a payment, the same for whoever signs and whoever checks. */
export function messageOf({ to, amount, number }: Payment): string {
  return JSON.stringify(['payment/1', to, amount, number]);
}
