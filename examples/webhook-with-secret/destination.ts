/** Where deliveries go: part of the function's hash, as all of its code. */
export const destination = 'https://hooks.shop.example';
