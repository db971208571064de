/** Who is asked. They stand in the code, so they are part of the function's hash: another list is another oracle. */
export const sources = [
  'https://api.north-exchange.example',
  'https://api.harbour.example',
  'https://api.meridian.example',
  'https://api.lighthouse.example',
];
