function main(input, secrets, functionId, userId) {
  return {
    message: 'Hello, world!',
    input: input,
    functionId: functionId,
    userId: userId,
  };
}
